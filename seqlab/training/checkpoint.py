"""Checkpoints with checksums and without pickle; a killed process never leaves half of one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seqlab.errors import RunError, SeqlabError, UserError
from seqlab.files.untrusted import MAX_JSON_BYTES, check_file, parse_json, read_text
from seqlab.files.writing import atomic_folder, flush, remove_unfinished, seal, unseal
from seqlab.nn.weights import load_weights_into, writable
from seqlab.types import JsonObject

MAX_CHECKPOINTS = 2
"""How many checkpoints a run keeps: the newest, and the one before in case it is damaged."""

MAX_COPIES, MAX_EXTRA_BYTES = 16, 1 << 30
"""The tensors of a checkpoint are at most this many times as large as the weights (the optimizer,
the EMA and the best epoch keep copies), plus this many bytes for everything else."""

TENSORS, STATE = "tensors.safetensors", "state.json"


class Checkpoint(NamedTuple):
    """A checkpoint that was read.

    Args:
        tensors: Its tensors.
        state: Its other values.
        warnings: One message per newer checkpoint that is damaged.
    """

    tensors: dict[str, Tensor]
    state: JsonObject
    warnings: list[str]


class Checkpoints:
    """The checkpoints in the folder of a run.

    Args:
        folder: The folder `checkpoints/` of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, step: int, tensors: Mapping[str, Tensor], state: JsonObject) -> None:
        """Write a checkpoint completely or not at all, then remove the oldest ones.

        Args:
            step: The step after which it is written; it gives the name.
            tensors: The tensors to save.
            state: The other values to save, as JSON.

        Raises:
            RunError: It cannot be written. The checkpoints before it are kept.
        """
        with writing(self.folder):
            remove_unfinished(self.folder)
            with atomic_folder(self._path(step)) as folder:
                _write_tensors(folder / TENSORS, tensors)
                _write_state(folder / STATE, state, _sha256(folder / TENSORS))
        self._remove_old(step)

    def load(self, weights: Mapping[str, Tensor]) -> Checkpoint | None:
        """Read the newest checkpoint that is not damaged.

        Args:
            weights: The weights of the model. A file that is far larger than these require cannot
                be a checkpoint of the model and is not read.

        Returns:
            The checkpoint, or None if the run has none.

        Raises:
            RunError: There are checkpoints, but all of them are damaged.
        """
        warnings: list[str] = []
        max_bytes = MAX_EXTRA_BYTES + MAX_COPIES * sum(t.nbytes for t in weights.values())
        for step in reversed(self.steps()):
            try:
                return Checkpoint(*self._read(step, max_bytes), warnings)
            except (UserError, OSError, ValueError, LookupError, SafetensorError) as error:
                reason = error.cause if isinstance(error, UserError) else error
                warnings.append(f"checkpoint of step {step} is damaged and skipped: {reason}")
        if warnings:
            raise RunError(
                "every checkpoint is damaged",
                location=str(self.folder),
                remedy="start a new run: " + "; ".join(warnings),
            )
        return None

    def steps(self) -> list[int]:
        """The steps of all checkpoints, oldest first."""
        names = (path.name.removeprefix("step-") for path in self.folder.glob("step-*"))
        return sorted(int(name) for name in names if name.isdecimal())

    def clear(self) -> None:
        """Remove all checkpoints: a finished run does not need them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:09d}"

    def _read(self, step: int, max_bytes: int) -> tuple[dict[str, Tensor], JsonObject]:
        tensors, state = self._path(step) / TENSORS, self._path(step) / STATE
        document = parse_json(unseal(read_text(state, MAX_JSON_BYTES)), state)
        check_file(tensors, max_bytes)
        with safe_open(tensors, "pt"):
            pass  # compares the sizes in the header with that of the file before all of it is read
        if _sha256(tensors) != document["sha256"]:
            raise ValueError(f"{TENSORS} does not match its checksum")
        if not isinstance(document["state"], dict):
            raise ValueError(f"{STATE} does not contain a state")
        return load_file(tensors), document["state"]

    def _remove_old(self, step: int) -> None:
        """Remove all but the newest checkpoints up to this step.

        A checkpoint of a later step is damaged, or the run went on from an earlier one.
        """
        steps = self.steps()
        kept = [other for other in steps if other <= step][-MAX_CHECKPOINTS:]
        for old in set(steps) - set(kept):
            shutil.rmtree(self._path(old), ignore_errors=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Replace an error of writing with one that tells the user what to do.

    Args:
        path: The file or folder that is written, for the message.

    Raises:
        RunError: The disk is full, or the folder is not writable.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunError(
            f"the run cannot be saved: {reason}",
            location=str(path),
            remedy="free disk space, or make the folder writable; what was saved before is kept",
        ) from error


@contextlib.contextmanager
def restoring(path: Path) -> Iterator[None]:
    """Replace an error of restoring from a checkpoint that is intact, but has other contents.

    Args:
        path: The folder of the checkpoints, for the message.

    Raises:
        RunError: The checkpoint does not fit.
    """
    try:
        yield
    except SeqlabError:
        raise
    except Exception as error:  # generators, optimizers and tensors raise errors of any type
        raise RunError(
            f"the checkpoint does not fit: {type(error).__name__}: {error}".partition("\n")[0],
            location=str(path),
            remedy="use the version of seqlab that wrote it, or start a new run",
        ) from error


def restore_model(model: nn.Module, tensors: Mapping[str, Tensor], folder: Path) -> None:
    """Load the weights of a checkpoint.

    Args:
        model: The model to load them into.
        tensors: The weights.
        folder: The folder of the checkpoints, for the message.

    Raises:
        RunError: The weights are those of a different model.
    """
    try:
        load_weights_into(model, tensors)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise RunError(
            f"the checkpoint is of a different model: {reason}",
            location=str(folder),
            remedy="use the options and the code that the run began with, or start a new run",
        ) from None


def _write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    save_file(writable(tensors), path)
    flush(path)


def _write_state(path: Path, state: JsonObject, sha256: str) -> None:
    path.write_text(seal(json.dumps({"sha256": sha256, "state": state})), encoding="utf-8")
    flush(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
