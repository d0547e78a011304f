"""A short series, and its windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqlab import Examples, Split
from seqlab.data.sampling.batching import gather
from seqlab_regression.regression import Regression
from seqlab_regression.series import FittedSeries

SERIES = [1.0, 2.0, 4.0, 7.0, 11.0, 16.0, 22.0, 29.0]
COLUMNS = {"target": "x"}


def split(
    values: list[float], name: str = "train", before: Split | None = None, **more: Any
) -> Split:
    return Split(name, {"x": values, **more}, "here.csv", before)


def fit(values: list[float] = SERIES, **options: Any) -> FittedSeries:
    options = {"window": 3, "relative": False, **options}
    fitted = Regression(**options).fit(split(values), COLUMNS, None)
    assert isinstance(fitted, FittedSeries)
    return fitted


def windows(fitted: FittedSeries, data: Split) -> Examples:
    return fitted.cut(fitted.encode(data, COLUMNS), training=True)


def inputs_of(fitted: FittedSeries, examples: Examples) -> list[Any]:
    """The inputs of each window, in the user's units."""
    batch = gather(examples, np.arange(len(examples)))
    return fitted.inputs.unscale(batch.inputs["series"].numpy()).round(4).tolist()  # type: ignore[no-any-return]


def targets_of(fitted: FittedSeries, examples: Examples) -> list[Any]:
    """The targets, in the user's units."""
    assert examples.target_offset is not None
    values = (examples.targets + examples.target_offset) * fitted.targets.std + fitted.center
    return values.round(4).tolist()  # type: ignore[no-any-return]


def stretches(
    values: list[float], positions: list[int], before: Split | None = None, name: str = "train"
) -> Split:
    return split(values, name, before).in_series(np.arange(len(values)), np.array(positions))
