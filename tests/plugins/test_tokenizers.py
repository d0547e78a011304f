"""Properties of all tokenizers: ids in range, JSON, other processes, empty texts, memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab import Text, Tokenizer, UserError
from seqlab.plugin.manager import installed
from seqlab_tokenizers.bpe import BPETokenizer
from seqlab_tokenizers.char import BLOCK_SIZE, CharTokenizer
from seqlab_tokenizers.integer import IntegerTokenizer
from seqlab_tokenizers.word import WordTokenizer

AnyTokenizer = TypeVar("AnyTokenizer", bound=Tokenizer)
Build: TypeAlias = Callable[[], Tokenizer]
Texts: TypeAlias = st.SearchStrategy[list[str]]
WithVocabulary: TypeAlias = type[CharTokenizer] | type[WordTokenizer] | type[IntegerTokenizer]

TEXTS: Texts = st.lists(st.text(), min_size=1, max_size=6)
NUMBERS: Texts = st.lists(st.lists(st.integers()).map(lambda n: " ".join(map(str, n))), min_size=1)
BUILDS: list[tuple[Build, Texts]] = [
    (CharTokenizer, TEXTS),
    (lambda: CharTokenizer(lowercase=True, max_size=5), TEXTS),
    (lambda: WordTokenizer(min_count=1), TEXTS),
    (lambda: BPETokenizer(vocab_size=270, min_count=1), TEXTS),
    (IntegerTokenizer, NUMBERS),
]
NAMES = ["char", "char-5", "word", "bpe", "integer"]


def fitted(tokenizer: AnyTokenizer, texts: Iterable[Text]) -> AnyTokenizer:
    tokenizer.fit(texts)
    return tokenizer


def ids(tokenizer: Tokenizer, *texts: Text) -> list[int]:
    values: list[int] = tokenizer.encode(texts).values.tolist()
    return values


@pytest.mark.parametrize("name", ["char", "word", "bpe", "integer"])
def test_tokenizers_are_registered(name: str) -> None:
    assert isinstance(installed().tokenizers.get(name).load()(), Tokenizer)


@pytest.mark.parametrize(("build", "texts"), BUILDS, ids=NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_ids_are_in_range_and_survive_json(build: Build, texts: Texts, data: st.DataObject) -> None:
    training, others = data.draw(texts), data.draw(texts)
    tokenizer = fitted(build(), training)
    restored = type(tokenizer).from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert (restored.size, restored.unknown) == (tokenizer.size, tokenizer.unknown)
    encoded = tokenizer.encode(iter(others))  # any iterable, read once
    assert encoded.values.dtype == np.int32
    assert encoded.lengths.dtype == np.int64
    assert encoded.values.tolist() == ids(restored, *others)
    assert encoded.lengths.tolist() == [len(tokenizer.tokenize(text)) for text in others]
    assert all(0 <= token < tokenizer.size for token in encoded.values)
    one_by_one = [ids(tokenizer, text) for text in others]
    assert list(chain.from_iterable(one_by_one)) == encoded.values.tolist()


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_char_restores_the_training_texts(texts: list[str]) -> None:
    tokenizer = fitted(CharTokenizer(unknown="error"), texts)
    for text in texts:
        assert tokenizer.decode(ids(tokenizer, text)) == text
    assert tokenizer.size == len(set("".join(texts)))
    assert tokenizer.vocabulary.tokens == sorted(set("".join(texts)))


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.text())
def test_bpe_restores_any_text(texts: list[str], other: str) -> None:
    tokenizer = fitted(BPETokenizer(vocab_size=280, min_count=1), texts)
    for text in (*texts, other):
        assert tokenizer.decode(ids(tokenizer, text)) == text


def test_fixed_vocabulary_of_integers() -> None:
    tokenizer = fitted(IntegerTokenizer(below=10, unknown="error"), [[3, 12]])
    assert tokenizer.size == 10  # as nn.Embedding(10, …)
    restored = IntegerTokenizer.from_json(tokenizer.to_json())
    assert ids(restored, [0, 9, 3]) == [0, 9, 3]
    with pytest.raises(UserError, match="12"):
        tokenizer.encode([[12]])


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers()), min_size=1))
def test_ids_of_integers_are_in_numerical_order(rows: list[list[int]]) -> None:
    tokenizer = fitted(IntegerTokenizer(unknown="error"), rows)
    known = sorted({number for row in rows for number in row})
    expected = [known.index(number) for row in rows for number in row]
    assert ids(tokenizer, *rows) == expected
    assert ids(tokenizer, *(",".join(map(str, row)) for row in rows)) == expected
    assert tokenizer.decode(list(range(tokenizer.size))).split() == list(map(str, known))


@pytest.mark.parametrize("build", [build for build, _ in BUILDS], ids=NAMES)
def test_empty_texts(build: Build) -> None:
    tokenizer = fitted(build(), ["1 2", ""])
    for texts in ([], [""], ["", "", ""]):
        encoded = tokenizer.encode(texts)
        assert encoded.lengths.tolist() == [0] * len(texts)
        assert encoded.values.tolist() == []
    assert tokenizer.decode([]) == ""
    assert tokenizer.encode(["", "1", ""]).lengths[[0, 2]].tolist() == [0, 0]
    fitted(build(), []).encode([""])


@pytest.mark.parametrize(
    ("tokenizer_class", "training", "text", "known", "unknown"),
    [
        (CharTokenizer, "abc", "axbxx", [0, 1], "x"),
        (WordTokenizer, "a b", "a x b x x", [0, 1], "x"),
        (IntegerTokenizer, "5 -3", "-3 7 5 7 7", [0, 1], "7"),
    ],
)
def test_unknown_tokens(
    tokenizer_class: WithVocabulary, training: str, text: str, known: list[int], unknown: str
) -> None:
    with_id = fitted(tokenizer_class(unknown="id", min_count=1), [training])
    new = with_id.size - 1
    assert with_id.unknown == new
    assert ids(with_id, text) == [known[0], new, known[1], new, new]
    dropping = fitted(tokenizer_class(unknown="drop", min_count=1), [training])
    dropped = dropping.encode([text, "", text])
    assert dropped.values.tolist() == known * 2
    assert dropped.lengths.tolist() == [2, 0, 2]
    assert dropping.unknown is None
    strict = fitted(tokenizer_class(unknown="error", min_count=1), [training])
    with pytest.raises(UserError, match=f"'{unknown}' is not in the vocabulary"):
        strict.encode([text])


@pytest.mark.parametrize("tokenizer_class", [CharTokenizer, WordTokenizer, IntegerTokenizer])
def test_max_size_and_min_count(tokenizer_class: WithVocabulary) -> None:
    separator = "" if tokenizer_class is CharTokenizer else " "
    text = separator.join("3331122")
    assert fitted(tokenizer_class(min_count=1), [text]).size == 4
    assert fitted(tokenizer_class(min_count=3), [text]).size == 2
    small = fitted(tokenizer_class(min_count=1, max_size=2), [text])
    assert small.size == 2
    assert small.decode([0]) == "3"


def test_lists_of_tokens() -> None:
    words = [["Don't", "stop"], [], ["well-known"]]
    tokenizer = fitted(WordTokenizer(min_count=1), words)
    assert ids(tokenizer, *words) == [0, 1, 2]
    assert tokenizer.encode(words).lengths.tolist() == [2, 0, 1]
    assert tokenizer.tokenize(["Don't"]) == ["don't"]
    assert ids(fitted(CharTokenizer(), [["b", "a"]]), ["a"], "b") == [0, 1]
    with pytest.raises(UserError, match="'ab' is not a single character"):
        CharTokenizer().fit([["ab"]])
    with pytest.raises(UserError, match="not lists of tokens"):
        BPETokenizer().encode([["a", "b"]])


@pytest.mark.parametrize("text", ["1 x", "1.5", [1.5], ["a"], [True]])
def test_values_that_are_not_integers(text: Any) -> None:
    with pytest.raises(UserError, match="not an integer"):
        IntegerTokenizer().fit([text])


def test_integers_have_a_canonical_form() -> None:
    assert IntegerTokenizer().tokenize(" 007,+7\t-0 , 12\n") == ["7", "7", "0", "12"]


def test_fixed_vocabulary_of_characters() -> None:
    """The five inputs of "hihell", in the order of the tutorial."""
    tokenizer = fitted(CharTokenizer(characters="hielo", unknown="error"), ["something else"])
    assert ids(tokenizer, "hihell") == [0, 1, 0, 2, 3, 3]
    assert tokenizer.size == 5


def test_lone_surrogates_are_unknown() -> None:
    char = fitted(CharTokenizer(), ["a\ud800"])
    assert ids(char, "\ud800a") == [1, 0]
    assert char.decode([0, 1]) == "a\N{REPLACEMENT CHARACTER}"
    bpe = fitted(BPETokenizer(vocab_size=256), ["a"])
    assert bpe.decode(ids(bpe, "a\ud800")) == "a?"


@pytest.mark.parametrize("tokenizer_class", [CharTokenizer, BPETokenizer])
def test_lowercase(tokenizer_class: type[CharTokenizer] | type[BPETokenizer]) -> None:
    tokenizer = fitted(tokenizer_class(lowercase=True), ["AbC"])
    assert tokenizer.decode(ids(tokenizer, "aBc")) == "abc"


def test_lower_case_of_one_character_is_one_character() -> None:
    turkish = fitted(CharTokenizer(lowercase=True), ["İ"])
    assert turkish.encode(["İ", "i"]).values.tolist() == [0, 0]


def test_bpe_merges_frequent_pairs() -> None:
    tokenizer = fitted(BPETokenizer(vocab_size=260), ["low lower lowest"] * 5)
    assert tokenizer.size == 260
    assert tokenizer.unknown is None
    assert tokenizer.tokenize("low lowly") == ["low", " low", "l", "y"]


def test_long_texts_are_encoded_in_blocks() -> None:
    """Without lists of Python integers: less than 30 bytes per character at the peak."""
    text = "héllo wörld " * (2 * BLOCK_SIZE // 12 + 1)
    tokenizer = fitted(CharTokenizer(), [text])
    tracemalloc.start()
    encoded = tokenizer.encode([text, "h", text])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert encoded.lengths.tolist() == [len(text), 1, len(text)]
    assert tokenizer.decode(encoded.values[:24].tolist()) == text[:24]
    assert encoded.values[len(text)] == encoded.values[0]
    assert encoded.values[: len(text)].tolist() == encoded.values[len(text) + 1 :].tolist()
    assert peak < 30 * 2 * len(text)


_OTHER_PROCESS = """
import json, sys
from seqlab.plugin.manager import installed
results = {}
for name, (state, training, options) in json.load(sys.stdin).items():
    tokenizer_class = installed().tokenizers.get(name).load()
    fitted = tokenizer_class(**options)
    fitted.fit(training)
    loaded = tokenizer_class.from_json(state)
    results[name] = [t.encode(training).values.tolist() for t in (loaded, fitted)]
print(json.dumps(results))
"""


def test_other_processes_give_the_same_ids() -> None:
    """Loaded and fitted in another process: ids do not depend on the order of a set."""
    texts = ["the cat sat", "on the mat – đ 日本", "the the mat"] * 3
    numbers = ["3 1 2", "9,9", "-4"]
    arguments: dict[str, tuple[object, Sequence[str], dict[str, int]]] = {}
    expected: dict[str, list[int]] = {}
    for name in ("char", "word", "bpe", "integer"):
        options = {"vocab_size": 300} if name == "bpe" else {}
        training = numbers if name == "integer" else texts
        tokenizer: Tokenizer = installed().tokenizers.get(name).load()(**options)
        expected[name] = ids(fitted(tokenizer, training), *training)
        arguments[name] = (tokenizer.to_json(), training, options)
    process = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(process.stdout)
    assert results == {name: [values, values] for name, values in expected.items()}
