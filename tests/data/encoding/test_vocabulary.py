import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.errors import UserError


def test_frequent_symbols_first_and_the_size_counts_the_unknown_one() -> None:
    vocabulary = Vocabulary.of("abbccc", max_size=3)
    assert vocabulary.symbols == ["c", "b"]
    assert len(vocabulary) == 3
    assert vocabulary.encode("abc") == [2, 1, 0]
    assert vocabulary.decode([2, 1, 0]) == [UNKNOWN, "b", "c"]


def test_rare_symbols_are_unknown() -> None:
    assert Vocabulary.of("abbccc", min_count=2).symbols == ["c", "b"]


def test_other_ways_with_unknown_symbols() -> None:
    assert Vocabulary("ab", "drop").encode("axb") == [0, 1]
    with pytest.raises(UserError, match="'x'"):
        Vocabulary("ab", "error").encode("axb")
    assert Vocabulary("ab", "error").unknown is None
    assert len(Vocabulary("ab", "error")) == 2  # no id is wasted


@given(st.lists(st.text()), st.sampled_from(["id", "drop", "error"]))
def test_json_goes_round(symbols: list[str], policy: str) -> None:
    made = Vocabulary.of(symbols, unknown=policy)  # type: ignore[arg-type]
    again = Vocabulary.from_json(json.loads(json.dumps(made.to_json())))
    assert again.encode(symbols) == made.encode(symbols)
    assert made.decode(made.encode(symbols)) == symbols


def test_a_symbol_that_stands_twice_is_refused() -> None:
    with pytest.raises(UserError, match="twice"):
        Vocabulary(["a", "a"])
