"""What a result must reach, and whether it does."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seqlab.errors import UserError

_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_ASKED = re.compile(rf"(>=|<=|==|>|<)\s*(?:({_NUMBER})(?:\s*\*\s*(baseline))?|(baseline))")


@dataclass(frozen=True)
class Expected:
    """One number that a result must reach.

    Args:
        name: Split and metric, "test.accuracy"; or a place in the result, "parameters.total".
        asked: A comparison and a number, ">= 0.87"; or with what the trivial baseline has of the
            metric, "<= 0.9 * baseline".

    Raises:
        UserError: No comparison with a number.
    """

    name: str
    asked: str

    def __post_init__(self) -> None:
        if not _ASKED.fullmatch(self.asked.strip()):
            raise UserError(
                f"'{self.asked}' is no comparison with a number",
                location=f"expected, {self.name}",
                remedy='write asked = ">= 0.87" or "< 0.9 * baseline"; comparisons: '
                + " ".join(_COMPARED),
            )

    def holds(self, value: float, baseline: float | None = None) -> bool:
        """Whether a value is as asked.

        Args:
            value: What was reached.
            baseline: The same of the trivial baseline; without it no comparison with it holds.
        """
        found = _ASKED.fullmatch(self.asked.strip())
        sign, number, times, alone = found.groups()  # type: ignore[union-attr]
        bound = float(number or 1)
        if times or alone:
            bound *= math.nan if baseline is None else baseline
        return _COMPARED[sign](value, bound)


def judge(expected: Iterable[Mapping[str, str]], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`{name, asked, value, reached}` of each number that was expected.

    A number that the result does not have has the value None, and is not reached.

    Args:
        expected: `{name, asked}` each.
        result: Of a run.
    """
    found = []
    for each in expected:
        value = value_of(result, each["name"])
        metric = each["name"].partition(".")[2]
        baseline = result.get("baseline", {}).get("metrics", {}).get(metric)
        reached = value is not None and Expected(**each).holds(value, baseline)
        found.append({**each, "value": value, "reached": reached})
    return found


def value_of(result: Mapping[str, Any], name: str) -> float | None:
    """The number that a name stands for, where the result has it."""
    split, _, metric = name.partition(".")
    found = result.get("metrics", {}).get(split, {}).get(metric)
    if found is not None:
        return float(found["value"])
    inner: Any = result
    for key in name.split("."):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    is_number = isinstance(inner, int | float) and not isinstance(inner, bool)
    return float(inner) if is_number else None
