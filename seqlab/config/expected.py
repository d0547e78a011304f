"""The numbers that a result must reach, and their comparison with the result."""

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
_CONDITION = re.compile(rf"(>=|<=|==|>|<)\s*(?:({_NUMBER})(?:\s*\*\s*(baseline))?|(baseline))")


@dataclass(frozen=True)
class Expected:
    """One number that a result must reach.

    Args:
        name: Split and metric, such as "test.accuracy", or a key of the result, such as
            "parameters.total".
        condition: A comparison with a number, such as ">= 0.87", or with the value of the trivial
            baseline, such as "<= 0.9 * baseline".

    Raises:
        UserError: The condition is not a comparison with a number.
    """

    name: str
    condition: str

    def __post_init__(self) -> None:
        if not _CONDITION.fullmatch(self.condition.strip()):
            raise UserError(
                f"'{self.condition}' is not a comparison with a number",
                location=f"expected, {self.name}",
                remedy='write condition = ">= 0.87" or "< 0.9 * baseline"; comparisons: '
                + " ".join(_COMPARED),
            )

    def holds(self, value: float, baseline: float | None = None) -> bool:
        """Whether a value meets the condition.

        Args:
            value: The value that was reached.
            baseline: The value of the trivial baseline. Without it, a comparison with the baseline
                is False.
        """
        match = _CONDITION.fullmatch(self.condition.strip())
        sign, number, times, alone = match.groups()  # type: ignore[union-attr]
        bound = float(number or 1)
        if times or alone:
            bound *= math.nan if baseline is None else baseline
        return _COMPARED[sign](value, bound)


def judge(expected: Iterable[Mapping[str, str]], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Compare a result with the expected numbers.

    Args:
        expected: Records `{name, condition}`.
        result: The result of a run.

    Returns:
        One record `{name, condition, value, reached}` per expected number. A number that the
        result does not have has the value None and is not reached.
    """
    judged = []
    for record in expected:
        value = value_of(result, record["name"])
        metric = record["name"].partition(".")[2]
        baseline = result.get("baseline", {}).get("metrics", {}).get(metric)
        reached = value is not None and Expected(**record).holds(value, baseline)
        judged.append({**record, "value": value, "reached": reached})
    return judged


def value_of(result: Mapping[str, Any], name: str) -> float | None:
    """The number with this name; None if the result does not have it."""
    split, _, metric = name.partition(".")
    reached = result.get("metrics", {}).get(split, {}).get(metric)
    if reached is not None:
        return float(reached["value"])
    inner: Any = result
    for key in name.split("."):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    is_number = isinstance(inner, int | float) and not isinstance(inner, bool)
    return float(inner) if is_number else None
