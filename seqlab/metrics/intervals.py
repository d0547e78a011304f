"""95 % confidence intervals over examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from seqlab.metrics.metric import Metric, Sums, measured

Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""

TAIL = 0.025
"""The probability beyond each end of a 95 % interval."""

CHUNK = 64
"""Resamples that are drawn at a time, to bound memory."""


def wilson(successes: float, count: float) -> tuple[float, float]:
    """The interval of a proportion (Wilson 1927); sound at 0 and 1, and for small samples."""
    proportion, square = successes / count, Z * Z
    center = (proportion + square / (2 * count)) / (1 + square / count)
    variance = proportion * (1 - proportion) / count + square / (4 * count * count)
    half_width = Z / (1 + square / count)
    half_width *= float(np.sqrt(variance))
    return max(center - half_width, 0.0), min(center + half_width, 1.0)


def with_intervals(
    metrics: Sequence[Metric], sums: Sequence[Sums], *, resamples: int, seed: int = 0
) -> dict[str, dict[str, float]]:
    """The value of each metric with its interval.

    A proportion of independent cases has Wilson's interval. All other metrics have the percentile
    bootstrap over examples (Efron 1979), with wider percentiles where a metric rests on few
    examples. In simulations, 93 to 97 % of the intervals contain the true value; 92 to 98 % for
    macro F1 over 100 examples where a class has three examples, or where five predictions are
    wrong.

    Args:
        metrics: The metrics.
        sums: (E, K) sums of each example, one array per metric.
        resamples: The number of bootstrap resamples.
        seed: Seed of the resampling.

    Returns:
        `{name: {value, low, high}}`, without metrics that had nothing to count.
    """
    resampled_totals = _bootstrap(sums, resamples, seed)
    intervals = {}
    for metric, metric_sums, totals in zip(metrics, sums, resampled_totals, strict=True):
        if (value := measured(metric, metric_sums)) is None:
            continue
        if metric.proportion and (metric_sums[:, 1] == 1).all():
            low, high = wilson(float(metric_sums[:, 0].sum()), len(metric_sums))
        else:
            tail = _tail(metric, metric_sums)
            # the k-th of N sorted resamples is the quantile k / (N + 1)
            low, high = np.nanquantile(metric.value(totals), [tail, 1 - tail], method="weibull")
        intervals[metric.name] = {"value": value, "low": float(low), "high": float(high)}
    return intervals


def _tail(metric: Metric, sums: Sums) -> float:
    """The share of resamples beyond each end of an interval: 0.025, or less for few examples.

    Resamples vary too little, as any estimated variance does. Their percentiles are taken where
    Student's t distribution has them (Hesterberg 2015, "What Teachers Should Know About the
    Bootstrap", on expanded percentiles). The degrees of freedom are those of the variance
    (Satterthwaite 1946) as estimated by the jackknife: few where the variance comes from few
    examples, such as those of a rare class.
    """
    jackknife = metric.value(sums.sum(0) - sums)  # (E,) the value without each example
    jackknife = jackknife[np.isfinite(jackknife)]
    squares = (jackknife - jackknife.mean()) ** 2 if len(jackknife) else jackknife
    if not squares.any():
        return TAIL
    count = len(squares)
    # squares of normal values, divided by their mean, have the variance 2
    freedom = (count - 1) / max(float((squares / squares.mean()).var()) / 2, 1.0)
    return NormalDist().cdf(-_student_quantile(freedom) * math.sqrt(count / (count - 1)))


def _student_quantile(freedom: float) -> float:
    """The 97.5 % quantile of Student's t distribution (Fisher and Cornish 1960, four terms)."""
    terms = (
        Z,
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    )
    return sum(term / freedom**order for order, term in enumerate(terms))


def _bootstrap(sums: Sequence[Sums], resamples: int, seed: int) -> list[Sums]:
    """(resamples, K) totals of resampled examples; all metrics share the same resamples."""
    columns = np.concatenate(sums, axis=1)  # (E, ΣK)
    rng, count = np.random.default_rng(seed), len(columns)
    totals = []
    for start in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - start)
        weights = np.stack(
            [np.bincount(rng.integers(0, count, count), minlength=count) for _ in range(size)]
        )  # (size, E) how often each example is drawn
        totals.append(weights @ columns)
    edges = np.cumsum([metric_sums.shape[1] for metric_sums in sums])[:-1]
    return np.split(np.concatenate(totals), edges, axis=1)
