from typing import Annotated, Any, Literal

import pytest

from seqlab.errors import UserError
from seqlab.options import Option, Range, given_to, options_of, validate


class Builder:
    """Builds.

    Args:
        size: Given by the core.
        width: How wide it is,
            in numbers.
        kind: Which one.
    """

    def __init__(
        self,
        size: int,
        width: Annotated[int, Range(1, 8)] = 4,
        kind: Literal["fast", "slow"] = "fast",
        share: Annotated[float, Range(0, 1)] | None = None,
        flag: bool = False,
        names: dict[str, str] | None = None,
        words: list[str] | None = None,
    ) -> None: ...


def test_options_have_default_meaning_and_range() -> None:
    options = options_of(Builder)
    assert list(options) == ["width", "kind", "share", "flag", "names", "words"]
    assert options["width"].meaning == "How wide it is, in numbers."
    assert options["width"].type == "int (1 to 8)"
    assert options["share"].type == "float or none (0 to 1)"
    assert given_to(Builder) == ("size",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"width": "8"}, {"width": 8}),
        ({"width": 3}, {"width": 3}),
        ({"kind": "slow"}, {"kind": "slow"}),
        ({"share": "0.5"}, {"share": 0.5}),
        ({"share": 1}, {"share": 1.0}),
        ({"share": "none"}, {"share": None}),
        ({"flag": "yes"}, {"flag": True}),
        ({"flag": False}, {"flag": False}),
        ({"names": {"text": "review"}}, {"names": {"text": "review"}}),
        ({"names": '{"text": "review"}'}, {"names": {"text": "review"}}),
        ({"words": "a, b"}, {"words": ["a", "b"]}),
    ],
)
def test_values_are_converted(given: dict[str, Any], expected: dict[str, Any]) -> None:
    complete = validate("model", given, options_of(Builder))
    assert {name: complete[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"width": "9"}, "int (1 to 8)"),
        ({"width": "many"}, "int (1 to 8)"),
        ({"width": True}, "int (1 to 8)"),
        ({"width": 2.5}, "int (1 to 8)"),
        ({"kind": "fst"}, "did you mean 'fast'?"),
        ({"share": "2"}, "float or none (0 to 1)"),
        ({"share": float("nan")}, "float or none (0 to 1)"),
        ({"flag": "perhaps"}, "bool"),
        ({"names": "text"}, "dict"),
        ({"widht": 3}, "did you mean 'model.width'?"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        validate("model", given, options_of(Builder))
    assert said in str(caught.value)
    assert "model." in caught.value.location


def test_range_without_a_bound() -> None:
    assert str(Range(0)) == "≥ 0"
    assert 7 in Range(0)
    assert -1 not in Range(0)
    assert Option("x", int, 1, range=Range(None, 3)).type == "int (≤ 3)"
