"""What a result must reach, and whether it does."""

from __future__ import annotations

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
_ASKED = re.compile(r"(>=|<=|==|>|<)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


@dataclass(frozen=True)
class Expected:
    """One number that a result must reach.

    Args:
        name: Part and metric, "test.accuracy"; or a place in the result, "parameters.total".
        asked: A comparison and a number: ">= 0.87".

    Raises:
        UserError: No comparison with a number.
    """

    name: str
    asked: str

    def __post_init__(self) -> None:
        if not _ASKED.fullmatch(self.asked.strip()):
            raise UserError(
                f"'{self.asked}' is no comparison with a number",
                place=f"expected, {self.name}",
                remedy='write asked = ">= 0.87"; comparisons: ' + " ".join(_COMPARED),
            )

    def holds(self, value: float) -> bool:
        """Whether a value is as asked."""
        sign, number = _ASKED.fullmatch(self.asked.strip()).groups()  # type: ignore[union-attr]
        return _COMPARED[sign](value, float(number))


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
        reached = value is not None and Expected(**each).holds(value)
        found.append({**each, "value": value, "reached": reached})
    return found


def value_of(result: Mapping[str, Any], name: str) -> float | None:
    """The number that a name stands for, where the result has it."""
    part, _, metric = name.partition(".")
    found = result.get("metrics", {}).get(part, {}).get(metric)
    if found is not None:
        return float(found["value"])
    inner: Any = result
    for key in name.split("."):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    is_number = isinstance(inner, int | float) and not isinstance(inner, bool)
    return float(inner) if is_number else None
