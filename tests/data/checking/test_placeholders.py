import numpy as np
import pytest

from seqlab.data.checking.placeholders import find_placeholders
from seqlab.data.split import Split


def findings(values: list[object]) -> list[str]:
    split = Split("train", {"value": values}, "t.csv")
    return [finding.cause for finding in find_placeholders(split, "value")]


TEMPERATURES: list[object] = [round(12 + 10 * np.sin(day / 9), 1) for day in range(60)]


@pytest.mark.parametrize("number", [-200, -999.0, 9999, 99, -99])
def test_a_repeated_number_far_from_the_others_is_found(number: float) -> None:
    values = [number if day in (3, 4, 20) else value for day, value in enumerate(TEMPERATURES)]
    (cause,) = findings(values)
    assert cause == (
        f"3 rows hold {number:g}, far from all other values (2 to 22): it may stand for a missing "
        "value: rows 4, 5, 21"
    )


@pytest.mark.parametrize(
    "values",
    [
        TEMPERATURES,
        [*TEMPERATURES, -200],  # a single outlier
        [*TEMPERATURES, 30, 30, 30],  # repeated, but near
        [*TEMPERATURES, 200.5, 200.5, 200.5],  # no placeholder is a fraction
        [0] * 50 + [1] * 50,  # two classes
        ["a"] * 50,
        [*TEMPERATURES, None, float("nan")],
        [1, 2],
        [],
    ],
)
def test_other_numbers_are_not(values: list[object]) -> None:
    assert not findings(values)
