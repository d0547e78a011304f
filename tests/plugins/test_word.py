from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import Tokenizer, UserError
from seqlab_tokenizers.word import WordTokenizer


def fitted(*texts: str, max_size: int | None = None, min_count: int = 1) -> WordTokenizer:
    tokenizer = WordTokenizer(max_size, min_count)
    tokenizer.fit(texts)
    return tokenizer


def test_words_marks_apostrophes_and_other_scripts() -> None:
    tokenizer = WordTokenizer()
    assert tokenizer.tokenize("Don't stop, Zoë!") == ["don't", "stop", ",", "zoë", "!"]
    assert tokenizer.tokenize("good<br /><br>bad") == ["good", "bad"]
    assert tokenizer.tokenize("영화가 좋다.") == ["영화가", "좋다", "."]
    with_markup = WordTokenizer(lowercase=False, markup="keep")
    assert with_markup.tokenize("A<br>") == ["A", "<", "br", ">"]


def test_word_tokenizer_satisfies_the_protocol() -> None:
    assert isinstance(WordTokenizer(), Tokenizer)


def test_ids_of_several_texts_are_concatenated() -> None:
    tokenizer = fitted("a b b", "c")
    encoded = tokenizer.encode(["b zzz", "", "c"])
    assert encoded.lengths.tolist() == [2, 0, 1]
    assert tokenizer.decode(encoded.values.tolist()) == "b <unk> c"
    assert tokenizer.unknown == 3
    assert tokenizer.size == 4


def test_size_includes_the_unknown_token() -> None:
    assert fitted(" ".join(map(str, range(100))), max_size=10).size == 10
    assert fitted("a a b", min_count=2).size == 2


@given(st.lists(st.text(), min_size=1))
def test_any_text_survives_json(texts: list[str]) -> None:
    tokenizer = fitted(*texts)
    restored = WordTokenizer.from_json(json.loads(json.dumps(tokenizer.to_json())))
    encoded, expected = restored.encode(texts), tokenizer.encode(texts)
    assert encoded.values.tolist() == expected.values.tolist()
    assert encoded.lengths.tolist() == [len(tokenizer.tokenize(text)) for text in texts]
    assert all(0 <= token < tokenizer.size for token in encoded.values)


def test_invalid_pattern_is_an_error() -> None:
    with pytest.raises(UserError, match="regular expression"):
        WordTokenizer(pattern="[")
