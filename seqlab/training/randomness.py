"""Seed, save and restore the random number generators of Python, NumPy and torch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from seqlab.types import JsonObject


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed all generators within this context, and restore their state afterwards."""
    tensors, values = capture()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        restore(tensors, values)


def capture() -> tuple[dict[str, Tensor], JsonObject]:
    """The state of all generators, as tensors and as values that JSON can hold."""
    tensors = {"torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        states = torch.cuda.get_rng_state_all()
        tensors |= {f"cuda{index}": state for index, state in enumerate(states)}
    version, words, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    tensors["numpy"] = torch.from_numpy(np.asarray(keys).astype(np.int64))
    values = {
        "python": [version, list(words), gauss],
        "numpy": [str(kind), int(position), int(has_gauss), float(cached)],
    }
    return tensors, values


def restore(tensors: Mapping[str, Tensor], values: JsonObject) -> None:
    """Restore the state that `capture` returned."""
    torch.set_rng_state(tensors["torch"])
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        if f"cuda{index}" in tensors:
            torch.cuda.set_rng_state(tensors[f"cuda{index}"], index)
    version, words, gauss = values["python"]
    random.setstate((version, tuple(words), gauss))
    kind, position, has_gauss, cached = values["numpy"]
    keys = tensors["numpy"].numpy().astype(np.uint32)
    np.random.set_state((kind, keys, position, has_gauss, cached))
