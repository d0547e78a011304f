import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.encoding.vocabulary import UNKNOWN, UnknownPolicy, Vocabulary
from seqlab.errors import UserError


def test_frequent_tokens_come_first_and_the_size_includes_the_unknown_one() -> None:
    vocabulary = Vocabulary.of("abbccc", max_size=3)
    assert vocabulary.tokens == ["c", "b"]
    assert len(vocabulary) == 3
    assert vocabulary.encode("abc") == [2, 1, 0]
    assert vocabulary.decode([2, 1, 0]) == [UNKNOWN, "b", "c"]


def test_rare_tokens_are_unknown() -> None:
    assert Vocabulary.of("abbccc", min_count=2).tokens == ["c", "b"]


def test_unknown_tokens_are_dropped_or_an_error() -> None:
    assert Vocabulary("ab", "drop").encode("axb") == [0, 1]
    with pytest.raises(UserError, match="'x'"):
        Vocabulary("ab", "error").encode("axb")
    assert Vocabulary("ab", "error").unknown is None
    assert len(Vocabulary("ab", "error")) == 2  # no id is wasted


@given(st.lists(st.text()), st.sampled_from(["id", "drop", "error"]))
def test_json_round_trip(tokens: list[str], policy: UnknownPolicy) -> None:
    vocabulary = Vocabulary.of(tokens, unknown=policy)
    restored = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert restored.encode(tokens) == vocabulary.encode(tokens)
    assert vocabulary.decode(vocabulary.encode(tokens)) == tokens


def test_duplicate_tokens_are_refused() -> None:
    with pytest.raises(UserError, match="twice"):
        Vocabulary(["a", "a"])
