"""Any sequence layer × any tokenizer × any task, on any device, with one command.

The names below are public and imported when they are first used, so that `import seqlab` does not
import torch. `seqlab.nn` and `seqlab.testing` are public too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlab.data.encoding import count_ids, encode_texts, pieces_of
    from seqlab.data.examples import Examples, PieceTable
    from seqlab.data.findings import Finding
    from seqlab.data.long_text import LongText
    from seqlab.data.numbers import Scaler, read_numbers
    from seqlab.data.part import Part
    from seqlab.data.vocabulary import Vocabulary
    from seqlab.errors import PluginError, RunError, SeqlabError, UserError
    from seqlab.evaluation.metrics import (
        Accuracy,
        Bits,
        Loss,
        MacroF1,
        Metric,
        Outcome,
        Perplexity,
    )
    from seqlab.evaluation.values import R2, MeanAbsoluteError, RootMeanSquaredError
    from seqlab.hookspecs import Register, hookimpl
    from seqlab.interfaces import Baseline, Column, DataSource, Fitted, Task, Text, Tokenizer
    from seqlab.options import Range
    from seqlab.predictor import Predictor, load
    from seqlab.runner import run
    from seqlab.seeds import run_seeds
    from seqlab.spec import (
        UNSEEN,
        Batch,
        Ids,
        Inputs,
        ModelSpec,
        Numbers,
        Outputs,
        Pieces,
        Ragged,
        State,
    )
    from seqlab.training.run import Run

__version__ = "0.1.0"

_WHERE = {
    "seqlab.data.encoding": ("count_ids", "encode_texts", "pieces_of"),
    "seqlab.data.examples": ("Examples", "PieceTable"),
    "seqlab.data.findings": ("Finding",),
    "seqlab.data.long_text": ("LongText",),
    "seqlab.data.numbers": ("Scaler", "read_numbers"),
    "seqlab.data.part": ("Part",),
    "seqlab.data.vocabulary": ("Vocabulary",),
    "seqlab.errors": ("PluginError", "RunError", "SeqlabError", "UserError"),
    "seqlab.evaluation.metrics": (
        "Accuracy",
        "Bits",
        "Loss",
        "MacroF1",
        "Metric",
        "Outcome",
        "Perplexity",
    ),
    "seqlab.evaluation.values": ("R2", "MeanAbsoluteError", "RootMeanSquaredError"),
    "seqlab.hookspecs": ("Register", "hookimpl"),
    "seqlab.interfaces": (
        "Baseline",
        "Column",
        "DataSource",
        "Fitted",
        "Task",
        "Text",
        "Tokenizer",
    ),
    "seqlab.options": ("Range",),
    "seqlab.predictor": ("Predictor", "load"),
    "seqlab.runner": ("run",),
    "seqlab.seeds": ("run_seeds",),
    "seqlab.spec": (
        "UNSEEN",
        "Batch",
        "Ids",
        "Inputs",
        "ModelSpec",
        "Numbers",
        "Outputs",
        "Pieces",
        "Ragged",
        "State",
    ),
    "seqlab.training.run": ("Run",),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [  # noqa: RUF022 — in the order of `_WHERE`
    "count_ids", "encode_texts", "pieces_of", "Examples", "PieceTable", "Finding", "LongText",
    "Scaler", "read_numbers", "Part", "Vocabulary", "PluginError", "RunError", "SeqlabError",
    "UserError", "Accuracy", "Bits", "Loss", "MacroF1", "Metric", "Outcome", "Perplexity", "R2",
    "MeanAbsoluteError", "RootMeanSquaredError", "Register", "hookimpl", "UNSEEN", "Baseline",
    "Batch", "Column", "DataSource", "Fitted", "Ids", "Inputs", "ModelSpec", "Numbers", "Outputs",
    "Pieces", "Ragged", "State", "Task", "Text", "Tokenizer", "Range", "Predictor", "load", "run",
    "run_seeds", "Run",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'seqlab' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
