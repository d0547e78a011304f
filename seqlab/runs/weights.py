"""Load the weights of a finished run, after a check of their names and shapes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from seqlab.errors import UserError
from seqlab.nn import Model, Objective, build_model
from seqlab.nn.weights import load_weights_into, weights_of
from seqlab.plugin.resolve import Resolved
from seqlab.runs.folder import RunFolder, restoring
from seqlab.task import Fitted


def restore(folder: RunFolder, resolved: Resolved, fitted: Fitted) -> Objective:
    """Model and criterion of a finished run, whose folder may be untrusted.

    Args:
        folder: The folder of the run.
        resolved: The configuration of the run.
        fitted: The fitted task of the run.

    Raises:
        UserError: The run is not finished, or its files do not fit together.
    """
    if not folder.weights.is_file():
        raise unfinished(folder)
    arguments = (resolved.model.cls, fitted.spec, resolved.model.options)
    sketch = None
    with contextlib.suppress(Exception), torch.device("meta"):  # shapes only, without memory
        sketch = build_model(*arguments)
    if sketch is not None:  # checked before any memory is allocated
        check_weights(folder.weights, sketch)
    with restoring(folder.path / "fitted.json"):
        model = build_model(*arguments)
        load_weights(folder.weights, model)
        return Objective(model, fitted.criterion())


def unfinished(folder: RunFolder) -> UserError:
    """The error for a run without a result."""
    return UserError(
        "this run is not finished", location=str(folder), remedy=f"seqlab run --resume {folder}"
    )


def load_weights(path: Path, model: Model) -> None:
    """Load the weights of a file into a model.

    Raises:
        UserError: Names or shapes differ from those of the model.
    """
    with _readable(path):
        load_weights_into(model, load_file(path))


def check_weights(path: Path, model: Model) -> None:
    """Compare names and shapes of the weights in a file with those of a model.

    The weights themselves are not read.

    Args:
        path: The file.
        model: The model; it may be on the device "meta", without memory.

    Raises:
        UserError: Names or shapes differ.
    """
    with _readable(path), safe_open(path, "pt") as file:
        saved = {name: tuple(file.get_slice(name).get_shape()) for name in list(file.keys())}
        needed = {name: tuple(tensor.shape) for name, tensor in weights_of(model).items()}
        wrong = [name for name in {**needed, **saved} if needed.get(name) != saved.get(name)]
        if wrong:
            name = wrong[0]
            raise ValueError(f"{name} is {saved.get(name)}, in the model {needed.get(name)}")


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (SafetensorError, RuntimeError, OSError, ValueError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UserError(
            f"the weights cannot be read: {reason}",
            location=str(path),
            remedy="use the version of seqlab and of its plugins that the run was made with",
        ) from None
