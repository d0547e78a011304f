"""Every random generator, seeded, saved and put back."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """All generators seeded inside, and as they were outside."""
    tensors, values = capture()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        restore(tensors, values)


def capture() -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state of all generators: tensors, and what JSON can hold."""
    tensors = {"torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        states = torch.cuda.get_rng_state_all()
        tensors |= {f"cuda{place}": state for place, state in enumerate(states)}
    version, words, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    tensors["numpy"] = torch.from_numpy(np.asarray(keys).astype(np.int64))
    values = {
        "python": [version, list(words), gauss],
        "numpy": [str(kind), int(position), int(has_gauss), float(cached)],
    }
    return tensors, values


def restore(tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Put all generators back where `capture` found them."""
    torch.set_rng_state(tensors["torch"])
    for place in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        if f"cuda{place}" in tensors:
            torch.cuda.set_rng_state(tensors[f"cuda{place}"], place)
    version, words, gauss = values["python"]
    random.setstate((version, tuple(words), gauss))
    kind, position, has_gauss, cached = values["numpy"]
    keys = tensors["numpy"].numpy().astype(np.uint32)
    np.random.set_state((kind, keys, position, has_gauss, cached))
