import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import Tokenizer, UserError
from seqlab_tokenizers.word import WordTokenizer


def fitted(*texts: str, **options: object) -> WordTokenizer:
    made = WordTokenizer(**{"min_count": 1, **options})  # type: ignore[arg-type]
    made.fit(texts)
    return made


def test_words_marks_apostrophes_and_other_scripts() -> None:
    made = WordTokenizer()
    assert made.split("Don't stop, Zoë!") == ["don't", "stop", ",", "zoë", "!"]
    assert made.split("good<br /><br>bad") == ["good", "bad"]
    assert made.split("영화가 좋다.") == ["영화가", "좋다", "."]
    assert WordTokenizer(lowercase=False, markup="keep").split("A<br>") == ["A", "<", "br", ">"]


def test_it_is_a_tokenizer() -> None:
    assert isinstance(WordTokenizer(), Tokenizer)


def test_ids_of_several_texts_lie_end_to_end() -> None:
    made = fitted("a b b", "c")
    encoded = made.encode(["b zzz", "", "c"])
    assert encoded.lengths.tolist() == [2, 0, 1]
    assert made.decode(encoded.values.tolist()) == "b <unk> c"
    assert made.unknown == 3
    assert made.size == 4


def test_size_counts_the_unknown_word() -> None:
    assert fitted(" ".join(map(str, range(100))), max_size=10).size == 10
    assert fitted("a a b", min_count=2).size == 2


@given(st.lists(st.text(), min_size=1))
def test_any_text_survives_json(texts: list[str]) -> None:
    made = fitted(*texts)
    again = WordTokenizer.from_json(json.loads(json.dumps(made.to_json())))
    ours, theirs = made.encode(texts), again.encode(texts)
    assert ours.values.tolist() == theirs.values.tolist()
    assert ours.lengths.tolist() == [len(made.split(text)) for text in texts]
    assert all(0 <= value < made.size for value in ours.values)


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(UserError, match="regular expression"):
        WordTokenizer(pattern="[")
