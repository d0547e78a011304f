"""Any sequence layer × any tokenizer × any task, on any device, with one command.

The names below are public and imported when they are first used, so that `import seqlab` does not
import torch. `seqlab.nn` and `seqlab.testing` are public too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlab.config.request import RunRequest
    from seqlab.data.checking.findings import Finding
    from seqlab.data.contracts import Column, DataSource, Text, Tokenizer
    from seqlab.data.encoding.encoding import chunks_of, count_ids, encode_texts
    from seqlab.data.encoding.examples import CharacterTable, Examples
    from seqlab.data.encoding.labels import Labels, label_text
    from seqlab.data.encoding.numbers import Scaler, read_numbers
    from seqlab.data.encoding.vocabulary import Vocabulary
    from seqlab.data.split import Split
    from seqlab.data.text_files.long_text import LongText
    from seqlab.data.words import NormalForm, find_words, is_segmented, lowercase, normalize
    from seqlab.errors import PluginError, RunError, SeqlabError, UserError, printable
    from seqlab.files.writing import atomic_file
    from seqlab.inference.generation import Sampling
    from seqlab.inference.predictor import Predictor, load
    from seqlab.metrics.classification import Accuracy, Bits, Loss, MacroF1, Perplexity
    from seqlab.metrics.metric import Breakdown, Metric, Outcome
    from seqlab.metrics.regression import (
        R2,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanAbsoluteScaledError,
        PearsonCorrelation,
        RootMeanSquaredError,
        SymmetricMeanAbsolutePercentageError,
    )
    from seqlab.metrics.softmax import log_softmax, softmax
    from seqlab.options import Range
    from seqlab.plugin.hookspecs import Register, hookimpl
    from seqlab.plugin.trainer_state import TrainerState
    from seqlab.presenter import ClassPresenter, Presenter
    from seqlab.runs.run import run
    from seqlab.runs.seeds import run_seeds
    from seqlab.spec import (
        NO_TARGET,
        UNSEEN,
        Batch,
        Characters,
        Ids,
        Inputs,
        ModelSpec,
        Numbers,
        Outputs,
        Ragged,
        State,
    )
    from seqlab.task import Baseline, Fitted, Generation, Task

__version__ = "0.1.0"

_WHERE = {
    "seqlab.config.request": ("RunRequest",),
    "seqlab.data.checking.findings": ("Finding",),
    "seqlab.data.contracts": ("Column", "DataSource", "Text", "Tokenizer"),
    "seqlab.data.encoding.encoding": ("chunks_of", "count_ids", "encode_texts"),
    "seqlab.data.encoding.examples": ("CharacterTable", "Examples"),
    "seqlab.data.encoding.labels": ("Labels", "label_text"),
    "seqlab.data.encoding.numbers": ("Scaler", "read_numbers"),
    "seqlab.data.encoding.vocabulary": ("Vocabulary",),
    "seqlab.data.text_files.long_text": ("LongText",),
    "seqlab.data.split": ("Split",),
    "seqlab.data.words": ("NormalForm", "find_words", "is_segmented", "lowercase", "normalize"),
    "seqlab.errors": ("PluginError", "RunError", "SeqlabError", "UserError", "printable"),
    "seqlab.files.writing": ("atomic_file",),
    "seqlab.inference.generation": ("Sampling",),
    "seqlab.inference.predictor": ("Predictor", "load"),
    "seqlab.metrics.classification": ("Accuracy", "Bits", "Loss", "MacroF1", "Perplexity"),
    "seqlab.metrics.metric": ("Breakdown", "Metric", "Outcome"),
    "seqlab.metrics.regression": (
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanAbsoluteScaledError",
        "PearsonCorrelation",
        "R2",
        "RootMeanSquaredError",
        "SymmetricMeanAbsolutePercentageError",
    ),
    "seqlab.metrics.softmax": ("log_softmax", "softmax"),
    "seqlab.options": ("Range",),
    "seqlab.plugin.hookspecs": ("Register", "hookimpl"),
    "seqlab.plugin.trainer_state": ("TrainerState",),
    "seqlab.presenter": ("ClassPresenter", "Presenter"),
    "seqlab.runs.run": ("run",),
    "seqlab.runs.seeds": ("run_seeds",),
    "seqlab.spec": (
        "Batch",
        "Characters",
        "Ids",
        "Inputs",
        "ModelSpec",
        "NO_TARGET",
        "Numbers",
        "Outputs",
        "Ragged",
        "State",
        "UNSEEN",
    ),
    "seqlab.task": ("Baseline", "Fitted", "Generation", "Task"),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [  # noqa: RUF022 — in the order of `_WHERE`
    "RunRequest", "Finding", "Column", "DataSource", "Text", "Tokenizer", "chunks_of",
    "count_ids", "encode_texts", "CharacterTable", "Examples", "Labels", "label_text", "Scaler",
    "read_numbers", "Vocabulary", "LongText", "Split", "NormalForm", "find_words", "is_segmented",
    "lowercase", "normalize", "PluginError", "RunError", "SeqlabError", "UserError", "printable",
    "atomic_file", "Sampling", "Predictor", "load", "Accuracy", "Bits", "Loss", "MacroF1",
    "Perplexity", "Breakdown", "Metric", "Outcome", "MeanAbsoluteError",
    "MeanAbsolutePercentageError", "MeanAbsoluteScaledError", "PearsonCorrelation", "R2",
    "RootMeanSquaredError", "SymmetricMeanAbsolutePercentageError", "log_softmax", "softmax",
    "Range", "Register", "hookimpl", "TrainerState", "ClassPresenter", "Presenter", "run",
    "run_seeds", "Batch", "Characters", "Ids", "Inputs", "ModelSpec", "NO_TARGET", "Numbers",
    "Outputs", "Ragged", "State", "UNSEEN", "Baseline", "Fitted", "Generation", "Task",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'seqlab' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
