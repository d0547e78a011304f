"""Model and criterion of a saved run, whoever made its folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import torch

from seqlab.nn import Objective, build_model
from seqlab.plugin.resolve import Resolved
from seqlab.runs import folder as runfolder
from seqlab.runs import saved_weights
from seqlab.task import Fitted


def restore(folder: Path, resolved: Resolved, fitted: Fitted) -> Objective:
    """The model with its weights.

    Args:
        folder: Of the run.
        resolved: Its configuration.
        fitted: Its fitted task.

    Raises:
        UserError: The run is not finished, or its files do not fit together.
    """
    saved_weights.weights_of(folder)
    own = (resolved.model, fitted.spec, resolved.options("model"))
    sketch = None
    with contextlib.suppress(Exception), torch.device("meta"):  # shapes only: takes no memory
        sketch = build_model(*own)
    if sketch is not None:  # before there is room made for any size that a file may name
        saved_weights.check_weights(folder, sketch)
    with runfolder.restoring(folder / "fitted.json"):
        built = build_model(*own)
        saved_weights.load_weights(folder, built)
        return Objective(built, fitted.criterion())
