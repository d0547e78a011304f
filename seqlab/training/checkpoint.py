"""Checkpoints: written beside and renamed, with checksums, without pickle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from seqlab.errors import RunError

KEPT = 2
"""Checkpoints of a run at any time: the newest, and the one before in case it is damaged."""


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
        """
        target = self.folder / f"step-{step:09d}"
        beside = self.folder / f".writing-{step:09d}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        packed = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(packed, beside / "tensors.safetensors")
        document = {"sha256": _digest(beside / "tensors.safetensors"), "state": dict(state)}
        text = json.dumps(document)
        seal = hashlib.sha256(text.encode()).hexdigest()
        (beside / "state.json").write_text(f"{seal}\n{text}", encoding="utf-8")
        for file in beside.iterdir():
            _flush(file)
        shutil.rmtree(target, ignore_errors=True)
        beside.rename(target)
        _flush(self.folder)
        for old in self.steps()[:-KEPT]:
            shutil.rmtree(self.folder / f"step-{old:09d}", ignore_errors=True)

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any], list[str]] | None:
        """The newest checkpoint that is whole.

        Returns:
            Its tensors, its state and what is wrong with newer ones; None where there is none.

        Raises:
            RunError: There are checkpoints, and all are damaged.
        """
        damaged: list[str] = []
        for step in reversed(self.steps()):
            try:
                return *self._read(step), damaged
            except (OSError, ValueError, KeyError) as error:
                damaged.append(f"checkpoint of step {step} is damaged and passed over: {error}")
        if damaged:
            raise RunError(
                "every checkpoint is damaged",
                place=str(self.folder),
                remedy="start the run anew: " + "; ".join(damaged),
            )
        return None

    def steps(self) -> list[int]:
        """The steps of all checkpoints, oldest first."""
        names = (path.name for path in self.folder.glob("step-*"))
        return sorted(int(name.removeprefix("step-")) for name in names)

    def clear(self) -> None:
        """Remove all: the run is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, step: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
        folder = self.folder / f"step-{step:09d}"
        seal, _, text = (folder / "state.json").read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() != seal:
            raise ValueError("state.json does not have its checksum")
        document = json.loads(text)
        if _digest(folder / "tensors.safetensors") != document["sha256"]:
            raise ValueError("tensors.safetensors does not have its checksum")
        return load_file(folder / "tensors.safetensors"), document["state"]


def write_beside(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    beside = path.with_name(f".writing-{path.name}")
    beside.write_text(text, encoding="utf-8")
    _flush(beside)
    beside.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
