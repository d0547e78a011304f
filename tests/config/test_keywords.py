import inspect
from dataclasses import dataclass

import pytest

from seqlab.config.keywords import takes


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point.

    Args:
        x: To the right.
        y: Upwards.
    """

    x: int = 0
    y: int = 0


@dataclass(frozen=True, kw_only=True)
class Corner(Point):
    """A point with an angle.

    Args:
        angle: In degrees.
    """

    angle: int = 90


@takes(Point)
def total(point: Point) -> int:
    """Adds."""
    return point.x + point.y


@takes(Corner)
def turned(corner: Corner) -> int:
    """Turns.

    Args:
        corner: Its fields, as keywords.

    Returns:
        The angle.
    """
    return corner.angle


@takes(Point)
def scaled(factor: int, point: Point) -> int:
    return factor * (point.x + point.y)


class Grid:
    @takes(Point)
    def cell(self, name: str, point: Point) -> str:
        return f"{name} {point.x} {point.y}"


def test_fields_are_keywords() -> None:
    assert (total(), total(x=1), total(x=1, y=2)) == (0, 1, 3)
    assert scaled(3, x=1, y=1) == 6
    assert Grid().cell("a", y=4) == "a 0 4"


def test_signature_and_docstring_are_those_of_the_function() -> None:
    assert total.__doc__ == "Adds."
    assert list(inspect.signature(scaled).parameters) == ["factor", "x", "y"]
    assert list(inspect.signature(Grid().cell).parameters) == ["name", "x", "y"]


def test_the_docstring_lists_the_fields() -> None:
    assert turned.__doc__ == (
        "Turns.\n\nArgs:\n"
        "    x: To the right.\n    y: Upwards.\n    angle: In degrees.\n\n"
        "Returns:\n    The angle."
    )


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match=r"total\(\): .*'z'"):
        total(z=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"scaled\(\): missing a required argument: 'factor'"):
        scaled(x=1)  # type: ignore[call-arg]
