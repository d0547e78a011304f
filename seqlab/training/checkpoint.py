"""Checkpoints: written beside and renamed, with checksums, without pickle."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from seqlab.errors import RunError, SeqlabError, UserError
from seqlab.files.untrusted import MOST_JSON, check_file, parse_json, read_text

KEPT = 2
"""Checkpoints of a run at any time: the newest, and the one before in case it is damaged."""

MOST_COPIES, MOST_BESIDE = 16, 1 << 30
"""Of the weights, in what an optimiser and averages keep; and bytes of all else."""

TENSORS, STATE = "tensors.safetensors", "state.json"


class Checkpoints:
    """The checkpoints of a run's folder.

    Args:
        folder: `checkpoints/` of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, step: int, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write a checkpoint; it is there whole or not at all.

        Args:
            step: Its name.
            tensors: What safetensors can hold.
            state: What JSON can hold.

        Raises:
            RunError: It cannot be written; those before are kept.
        """
        target, beside = self.folder / f"step-{step:09d}", self.folder / f".writing-{step:09d}"
        self._clean()
        try:
            with writing(self.folder):
                beside.mkdir(parents=True)
                digest = _write_tensors(beside / TENSORS, tensors)
                _write_state(beside / STATE, {"sha256": digest, "state": dict(state)})
                _flush(beside)
                if target.exists():  # of a run that has come here again
                    target.rename(self.folder / f".old-{step:09d}")
                beside.rename(target)
                _flush(self.folder)
        except BaseException:
            self._clean()
            raise
        self._keep_newest(step)

    def load(
        self, weights: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], dict[str, Any], list[str]] | None:
        """The newest checkpoint that is whole.

        Args:
            weights: The model's: what is far larger is no checkpoint of it, and not read.

        Returns:
            Its tensors, its state and what is wrong with newer ones; None where there is none.

        Raises:
            RunError: There are checkpoints, and all are damaged.
        """
        damaged: list[str] = []
        most = MOST_BESIDE + MOST_COPIES * sum(tensor.nbytes for tensor in weights.values())
        for step in reversed(self.steps()):
            try:
                return *self._read(step, most), damaged
            except (UserError, OSError, ValueError, LookupError, SafetensorError) as error:
                reason = error.cause if isinstance(error, UserError) else error
                damaged.append(f"checkpoint of step {step} is damaged and passed over: {reason}")
        if damaged:
            raise RunError(
                "every checkpoint is damaged",
                location=str(self.folder),
                remedy="start the run anew: " + "; ".join(damaged),
            )
        return None

    def steps(self) -> list[int]:
        """The steps of all checkpoints, oldest first."""
        names = (path.name.removeprefix("step-") for path in self.folder.glob("step-*"))
        return sorted(int(name) for name in names if name.isdecimal())

    def clear(self) -> None:
        """Remove all: the run is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, step: int, most: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
        folder = self.folder / f"step-{step:09d}"
        seal, _, text = read_text(folder / STATE, MOST_JSON).partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() != seal:
            raise ValueError(f"{STATE} does not have its checksum")
        document = parse_json(text, folder / STATE)
        check_file(folder / TENSORS, most)
        with safe_open(folder / TENSORS, "pt"):
            pass  # its header must say as much as there is, before that is read
        if _digest(folder / TENSORS) != document["sha256"]:
            raise ValueError(f"{TENSORS} does not have its checksum")
        if not isinstance(document["state"], dict):
            raise ValueError(f"{STATE} holds no state")
        return load_file(folder / TENSORS), document["state"]

    def _keep_newest(self, step: int) -> None:
        """Keep the newest ones; what is newer than this step is damaged or of a way not taken."""
        steps = self.steps()
        kept = [each for each in steps if each <= step][-KEPT:]
        for old in set(steps) - set(kept):
            shutil.rmtree(self.folder / f"step-{old:09d}", ignore_errors=True)
        self._clean()

    def _clean(self) -> None:
        """Remove what was being written, or replaced, when a process ended."""
        for path in (*self.folder.glob(".writing-*"), *self.folder.glob(".old-*")):
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Inside, a failure to write is an error that a person can act on.

    Raises:
        RunError: The disk is full, or the folder cannot be written to.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunError(
            f"the run cannot be saved: {reason}",
            location=str(place),
            remedy="make room, or let it be written to; what was saved before is kept",
        ) from error


@contextlib.contextmanager
def taking(place: Path) -> Iterator[None]:
    """Inside, a checkpoint that is whole, but not what this run writes, is an error.

    Raises:
        RunError: It does not fit.
    """
    try:
        yield
    except SeqlabError:
        raise
    except Exception as error:  # whatever generators, optimisers and tensors say of other values
        raise RunError(
            f"the checkpoint does not fit: {type(error).__name__}: {error}".partition("\n")[0],
            location=str(place),
            remedy="use the version of seqlab that wrote it, or start a new run",
        ) from error


def write_beside(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    beside = path.with_name(f".writing-{path.name}")
    try:
        beside.write_text(text, encoding="utf-8")
        _flush(beside)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> str:
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
    _flush(path)
    return _digest(path)


def _write_state(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document)
    seal = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(f"{seal}\n{text}", encoding="utf-8")
    _flush(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
