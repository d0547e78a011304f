"""The built-in data sets of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from seqlab import Split
from seqlab_regression.counting import Counting, CountLast, CountSteps
from seqlab_regression.waves import Waves


def rows(split: Split) -> list[tuple[list[int], int]]:
    return list(zip(split.column("sequence"), split.column("target"), strict=True))


def test_sequences_count_in_equal_steps() -> None:
    splits = Counting().load()
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 1600,
        "validation": 200,
        "test": 200,
    }
    for split in splits.values():
        for sequence, target in rows(split):
            steps = np.diff([*sequence, target])
            assert len(set(steps)) == 1
            assert steps[0] > 0
            assert 3 <= len(sequence) <= 8


def test_splits_share_no_first_number_and_step() -> None:
    pairs = [
        {(sequence[0], sequence[1] - sequence[0]) for sequence, _ in rows(split)}
        for split in Counting().load().values()
    ]
    assert not pairs[0] & pairs[1]
    assert not pairs[0] & pairs[2]
    assert not pairs[1] & pairs[2]


def test_rows_depend_on_the_seed() -> None:
    first, second, other = (rows(Counting(seed=seed).load()["test"]) for seed in (0, 0, 1))
    assert first == second
    assert first != other


@pytest.mark.parametrize("size", [50, 2499])
def test_any_number_of_rows(size: int) -> None:
    splits = Counting(rows=size).load()
    assert sum(len(split) for split in splits.values()) == size


def test_the_two_rows_of_the_tutorial() -> None:
    for source, targets in ((CountLast(), [4, 5]), (CountSteps(), [[4, 5, 6], [5, 6, 7]])):
        for split in source.load().values():
            assert list(split.column("sequence")) == [[1, 2, 3], [2, 3, 4]]
            assert list(split.column("target")) == targets


def test_waves_are_one_series() -> None:
    splits = Waves(rows=1000).load()
    assert list(splits) == ["train"]
    series = np.array(list(splits["train"].column("value")))
    noiseless = np.array(list(Waves(rows=1000, noise=0).load()["train"].column("value")))
    assert series.shape == (1000,)
    assert np.std(series - noiseless) == pytest.approx(0.3, rel=0.1)
    assert noiseless.std() == pytest.approx(((9 + 4 + 1) / 2) ** 0.5, rel=0.05)
