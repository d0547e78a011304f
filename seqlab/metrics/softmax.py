"""Softmax in NumPy."""

from __future__ import annotations

import numpy as np

from seqlab.types import Array, Floats


def softmax(logits: Array) -> Floats:
    """(…, O) logits → (…, O) probabilities."""
    return np.exp(log_softmax(logits))


def log_softmax(logits: Array) -> Floats:
    """(…, O) logits → (…, O) log-probabilities."""
    shifted = logits.astype(np.float64)
    shifted = shifted - shifted.max(-1, keepdims=True, initial=-np.inf)
    log_probabilities: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return log_probabilities
