"""95 % intervals over examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqlab.evaluation.metrics import Metric, Sums, measured

Z = 1.959963984540054
"""Of a standard normal variable, 95 % lie between −Z and Z."""

CHUNK = 64
"""Resamples drawn at once, to bound memory."""


def wilson(right: float, count: float) -> tuple[float, float]:
    """The interval of a proportion (Wilson 1927); sound at 0 and 1, and for few cases."""
    share, square = right / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count)
    half *= float(np.sqrt(share * (1 - share) / count + square / (4 * count * count)))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def with_intervals(
    metrics: Sequence[Metric], sums: Sequence[Sums], *, resamples: int, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Each metric's value with its interval.

    A proportion of independent cases has Wilson's; all others have the percentile bootstrap
    over examples (Efron 1979).

    Args:
        metrics: The metrics.
        sums: (E, K) numbers of each example, one array a metric.
        resamples: How many bootstrap resamples.
        seed: Of the resampling.

    Returns:
        `{name: {value, low, high}}`, without metrics that had nothing to count.
    """
    drawn = _bootstrap(sums, resamples, seed)
    found = {}
    for metric, own, resampled in zip(metrics, sums, drawn, strict=True):
        if (value := measured(metric, own)) is None:
            continue
        if metric.proportion and (own[:, 1] == 1).all():
            low, high = wilson(float(own[:, 0].sum()), len(own))
        else:
            low, high = np.nanpercentile(metric.value(resampled), [2.5, 97.5])
        found[metric.name] = {"value": value, "low": float(low), "high": float(high)}
    return found


def _bootstrap(sums: Sequence[Sums], resamples: int, seed: int) -> list[Sums]:
    """(resamples, K) totals of resampled examples, the same resamples for every metric."""
    together = np.concatenate(sums, axis=1)  # (E, ΣK)
    draw, count = np.random.default_rng(seed), len(together)
    totals = []
    for start in range(0, resamples, CHUNK):
        size = (min(CHUNK, resamples - start), count)
        times = np.stack(
            [np.bincount(draw.integers(0, count, count), minlength=count) for _ in range(size[0])]
        )
        totals.append(times @ together)
    edges = np.cumsum([own.shape[1] for own in sums])[:-1]
    return np.split(np.concatenate(totals), edges, axis=1)
