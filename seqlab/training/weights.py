"""Initial weights from files, and parameters that are not trained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

import torch
from torch import Tensor, nn

from seqlab.config.train_settings import TrainSettings
from seqlab.errors import UserError, nearest, unknown
from seqlab.nn import Model
from seqlab.nn.weights import aliases
from seqlab.registry import file_of
from seqlab.task import Fitted
from seqlab.training.vectors import freeze_vectors, load_vectors

LOCATION = "train.init_from"

MAX_LISTED = 5
"""Mismatches that a message lists; the others are counted."""


def prepare_weights(
    model: Model, fitted: Fitted, settings: TrainSettings, *, fresh: bool
) -> list[str]:
    """Load initial weights, and freeze the parameters that are not to be trained.

    Args:
        model: The model, which is modified.
        fitted: The fitted task, which has the tokens behind the ids.
        settings: The options of section `train`.
        fresh: Whether the run is new. Otherwise its weights come from a checkpoint.

    Returns:
        Notices for the user.

    Raises:
        UserError: Weights, vectors or names do not fit the model.
    """
    notices: list[str] = []
    if fresh:
        notices += load_vectors(model, fitted)
        if settings.init_from is not None:
            notices += init_from(model, find_weights(settings.init_from))
    freeze_vectors(model, fitted)
    freeze(model, settings.freeze or ())
    return notices


def find_weights(target: str) -> Path:
    """The file that `train.init_from` names.

    Args:
        target: A path, or "package:path/in/package.safetensors", as recipes write it.
    """
    package, colon, _ = target.partition(":")
    if colon and all(name.isidentifier() for name in package.split(".")):
        with suppress(ImportError):
            return Path(str(file_of(target)))
    return Path(target)


def init_from(model: nn.Module, path: Path) -> list[str]:
    """Load the weights in a file into the model, by name.

    The file may contain only some of the weights; the others keep their initial values.

    Returns:
        Notices for the user.

    Raises:
        UserError: There is no such file, or it has a name or a shape that the model does not have.
    """
    loaded, expected, further = _read(path), model.state_dict(), aliases(model)
    messages = [_mismatch(name, tensor, expected) for name, tensor in loaded.items()]
    messages += [_conflict(name, first, loaded) for name, first in further.items()]
    mismatches = [message for message in messages if message]
    if mismatches:
        more = len(mismatches) - MAX_LISTED
        raise UserError(
            f"{len(mismatches)} of {len(loaded)} weights do not fit the model: "
            + "; ".join(mismatches[:MAX_LISTED])
            + (f"; and {more} more" if more > 0 else ""),
            location=f"{LOCATION}, {path}",
            remedy="use the options of the model that the weights are from, or rename the "
            f"weights; the model has: {', '.join(expected)}",
        )
    model.load_state_dict(loaded, strict=False)
    first_names = {further.get(name, name) for name in loaded}
    names = [name for name in expected if name not in further]
    missing = [name for name in names if name not in first_names]
    notice = f"{len(first_names)} of {len(names)} weights are initialized from {path}"
    return [notice + (f"; not in the file: {', '.join(missing)}" if missing else "")]


def freeze(model: nn.Module, patterns: Sequence[str]) -> None:
    """Exclude the parameters whose names match a pattern such as `embedder.*` from training.

    Raises:
        UserError: A pattern matches no name, or no parameter is left to train.
    """
    parameters = dict(model.named_parameters())
    for pattern in patterns:
        matches = [name for name in parameters if fnmatchcase(name, pattern)]
        if not matches:
            hint = f"* matches any characters; the model has: {', '.join(parameters)}"
            raise unknown("parameter", pattern, parameters, location="train.freeze", hint=hint)
        for name in matches:
            parameters[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in parameters.values()):
        raise UserError(
            "no parameter is left to train",
            location="train.freeze",
            remedy=f"freeze fewer of: {', '.join(parameters)}",
        )


def fingerprint(model: nn.Module) -> str:
    """The SHA-256 of the names, shapes and bits of all weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise _missing(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"the weights cannot be read: {error}",
            location=f"{LOCATION}, {path}",
            remedy="give a file of weights (.safetensors)",
        ) from None
    if not tensors:
        raise UserError(
            "the file contains no weights",
            location=f"{LOCATION}, {path}",
            remedy="give another file",
        )
    return tensors


def _missing(path: Path) -> UserError:
    inside = path / "model.safetensors"
    near: Path | None = inside if inside.is_file() else None
    if near is None and path.parent.is_dir():
        name = nearest(path.name, [file.name for file in path.parent.glob("*.safetensors")])
        near = path.parent / name if name else None
    return UserError(
        f"'{path}' is a folder" if path.is_dir() else f"there is no file '{path}'",
        location=LOCATION,
        remedy=f"did you mean '{near}'?" if near else "give a file of weights (.safetensors)",
    )


def _conflict(name: str, first: str, loaded: Mapping[str, Tensor]) -> str:
    """Why two names of one weight of the model do not fit; empty if they do."""
    if name not in loaded or first not in loaded or torch.equal(loaded[name], loaded[first]):
        return ""
    return f"'{name}' and '{first}' are one weight of the model, but differ in the file"


def _mismatch(name: str, tensor: Tensor, expected: Mapping[str, Tensor]) -> str:
    """Why a weight does not fit the model; empty if it fits."""
    if name not in expected:
        near = nearest(name, expected)
        return f"'{name}' is not in the model" + (f" (nearest: '{near}')" if near else "")
    if tensor.shape != expected[name].shape:
        return f"'{name}' is {tuple(tensor.shape)}, the model's {tuple(expected[name].shape)}"
    return ""
