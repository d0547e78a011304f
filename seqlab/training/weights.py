"""What the weights start from, and which of them stay as they are."""

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
from seqlab.registry import file_of
from seqlab.task import Fitted
from seqlab.training.vectors import freeze_vectors, load_vectors

SHOWN = 5
"""Misfits that a message names; of more, the number."""


def prepare_weights(
    model: Model, fitted: Fitted, settings: TrainSettings, *, fresh: bool
) -> list[str]:
    """Put initial weights in their place, and hold back what is not to be trained.

    Args:
        model: As built.
        fitted: Knows what symbols the ids stand for.
        settings: Section `train`.
        fresh: Whether the run begins; otherwise a checkpoint has the weights.

    Returns:
        What is to be said.

    Raises:
        UserError: Weights, vectors or names that do not fit the model.
    """
    notices: list[str] = []
    if fresh:
        notices += load_vectors(model, fitted)
        if settings.init_from is not None:
            notices += init_from(model, find_weights(settings.init_from))
    freeze_vectors(model, fitted)
    freeze(model, settings.freeze or ())
    return notices


def find_weights(asked: str) -> Path:
    """The file that `train.init_from` names.

    Args:
        asked: A path, or "package:path/in/package.safetensors", as a recipe has it.
    """
    package, colon, _ = asked.partition(":")
    if colon and all(name.isidentifier() for name in package.split(".")):
        with suppress(ImportError):
            return Path(str(file_of(asked)))
    return Path(asked)


def init_from(model: nn.Module, path: Path) -> list[str]:
    """Start from the weights in a file: same names, same shapes.

    The file may hold a part of the model's weights; the others keep their own start.

    Raises:
        UserError: No such file, or something in it that is not in the model as it is.
    """
    found, own = _read(path), model.state_dict()
    misfits = [m for name, tensor in found.items() if (m := _misfit(name, tensor, own))]
    if misfits:
        more = len(misfits) - SHOWN
        raise UserError(
            f"{len(misfits)} of {len(found)} weights do not fit the model: "
            + "; ".join(misfits[:SHOWN])
            + (f"; and {more} more" if more > 0 else ""),
            location=f"train.init_from, {path}",
            remedy="give the options of the model that the weights are from, or rename them; "
            f"the model has: {', '.join(own)}",
        )
    model.load_state_dict(found, strict=False)
    left = [name for name in own if name not in found]
    said = f"{len(found)} of {len(own)} weights start from {path}"
    return [said + (f"; not in it: {', '.join(left)}" if left else "")]


def freeze(model: nn.Module, patterns: Sequence[str]) -> None:
    """Train no parameter whose name matches one of the patterns (`embedder.*`).

    Raises:
        UserError: A pattern that matches no name, or nothing is left to train.
    """
    parameters = dict(model.named_parameters())
    for pattern in patterns:
        matching = [name for name in parameters if fnmatchcase(name, pattern)]
        if not matching:
            listed = f"* stands for anything; the model has: {', '.join(parameters)}"
            raise unknown("parameter", pattern, parameters, location="train.freeze", hint=listed)
        for name in matching:
            parameters[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in parameters.values()):
        raise UserError(
            "nothing is left to train",
            location="train.freeze",
            remedy=f"freeze fewer of: {', '.join(parameters)}",
        )


def fingerprint(model: nn.Module) -> str:
    """The SHA-256 of all weights: their names, shapes and bits."""
    seen = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        seen.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        seen.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return seen.hexdigest()


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        inside = path / "model.safetensors"
        beside = path.parent.glob("*.safetensors") if path.parent.is_dir() else ()
        near = inside if inside.is_file() else nearest(path.name, [p.name for p in beside])
        if isinstance(near, str):
            near = path.parent / near
        raise UserError(
            f"'{path}' is a folder" if path.is_dir() else f"there is no file '{path}'",
            location="train.init_from",
            remedy=f"did you mean '{near}'?" if near else "give a file of weights, .safetensors",
        )
    try:
        found = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"the weights cannot be read: {error}",
            location=f"train.init_from, {path}",
            remedy="give a file of weights, .safetensors",
        ) from None
    if not found:
        raise UserError(
            "there are no weights in it", location=f"train.init_from, {path}", remedy="give another"
        )
    return found


def _misfit(name: str, tensor: Tensor, own: Mapping[str, Tensor]) -> str:
    """What is wrong with a weight; empty if it fits."""
    if name not in own:
        near = nearest(name, own)
        return f"'{name}' is not in the model" + (f" (nearest: '{near}')" if near else "")
    if tensor.shape != own[name].shape:
        return f"'{name}' is {tuple(tensor.shape)}, the model's {tuple(own[name].shape)}"
    return ""
