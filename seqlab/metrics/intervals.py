"""95 % intervals over examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from seqlab.metrics.metrics import Metric, Sums, measured

Z = 1.959963984540054
"""Of a standard normal variable, 95 % lie between −Z and Z."""

TAIL = 0.025
"""What lies beyond either end of an interval."""

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
    over examples (Efron 1979), with percentiles further out where few examples decide.
    In simulations 93 to 97 % of them hold the truth, but 92 to 98 % of macro F1's over 100 examples
    with three of a class, or with five errors.

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
            tail = _tail(metric, own)
            # of N resamples, the k-th stands for k / (N + 1)
            low, high = np.nanquantile(metric.value(resampled), [tail, 1 - tail], method="weibull")
        found[metric.name] = {"value": value, "low": float(low), "high": float(high)}
    return found


def _tail(metric: Metric, sums: Sums) -> float:
    """The share of resamples beyond either end of an interval: 0.025, or less if few decide.

    Resamples vary too little, as any estimated variance does. Their percentiles are taken where
    Student's t is (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", on expanded
    percentiles). Its degrees of freedom are those of the variance (Satterthwaite 1946), as known
    from the jackknife: few where it comes from few examples, such as those of a rare class.
    """
    left_out = metric.value(sums.sum(0) - sums)  # (E,) the value without each example
    left_out = left_out[np.isfinite(left_out)]
    squares = (left_out - left_out.mean()) ** 2 if len(left_out) else left_out
    if not squares.any():
        return TAIL
    count = len(squares)
    # the variance of a square relative to its mean is 2 if values are normal
    freedom = (count - 1) / max(float((squares / squares.mean()).var()) / 2, 1.0)
    return NormalDist().cdf(-_student(freedom) * math.sqrt(count / (count - 1)))


def _student(freedom: float) -> float:
    """Of Student's t, 95 % lie between − and + this (Fisher and Cornish 1960, four terms)."""
    terms = (
        Z,
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    )
    return sum(term / freedom**order for order, term in enumerate(terms))


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
