"""Logits as probabilities, in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """(…, O) logits → (…, O) probabilities."""
    return np.exp(log_softmax(logits))


def log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """(…, O) logits → (…, O) logarithms of probabilities."""
    shifted = logits.astype(np.float64)
    shifted = shifted - shifted.max(-1, keepdims=True, initial=-np.inf)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result
