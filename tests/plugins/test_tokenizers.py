"""What all tokenizers keep to: ids in range, JSON, other processes, empty texts, one pass."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab import Tokenizer, UserError
from seqlab.plugin.manager import installed
from seqlab_tokenizers.bpe import BPETokenizer
from seqlab_tokenizers.char import BLOCK, CharTokenizer
from seqlab_tokenizers.integer import IntegerTokenizer
from seqlab_tokenizers.word import WordTokenizer

TEXTS = st.lists(st.text(), min_size=1, max_size=6)
NUMBERS = st.lists(st.lists(st.integers()).map(lambda n: " ".join(map(str, n))), min_size=1)
KINDS: list[tuple[Callable[[], Any], Any]] = [
    (CharTokenizer, TEXTS),
    (lambda: CharTokenizer(lowercase=True, max_size=5), TEXTS),
    (lambda: WordTokenizer(min_count=1), TEXTS),
    (lambda: BPETokenizer(vocab_size=270, min_count=1), TEXTS),
    (IntegerTokenizer, NUMBERS),
]
NAMES = ["char", "char-5", "word", "bpe", "integer"]


def fitted(made: Any, texts: Iterable[Any]) -> Any:
    made.fit(texts)
    return made


@pytest.mark.parametrize("name", ["char", "word", "bpe", "integer"])
def test_each_has_its_name(name: str) -> None:
    made = installed().tokenizers.get(name).load()()
    assert isinstance(made, Tokenizer)


@pytest.mark.parametrize(("make", "texts"), KINDS, ids=NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_ids_are_in_range_and_survive_json(
    make: Callable[[], Any], texts: Any, data: st.DataObject
) -> None:
    training, other = data.draw(texts), data.draw(texts)
    made = fitted(make(), training)
    again = type(made).from_json(json.loads(json.dumps(made.to_json())))
    assert (again.size, again.unknown) == (made.size, made.unknown)
    encoded, same = made.encode(iter(other)), again.encode(other)  # any iterable, read once
    assert encoded.values.dtype == np.int32
    assert encoded.lengths.dtype == np.int64
    assert encoded.values.tolist() == same.values.tolist()
    assert encoded.lengths.tolist() == [len(made.split(text)) for text in other]
    assert all(0 <= place < made.size for place in encoded.values)
    one_by_one = [made.encode([text]).values.tolist() for text in other]
    assert list(chain.from_iterable(one_by_one)) == encoded.values.tolist()


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_char_gives_back_its_own_texts(texts: list[str]) -> None:
    made = fitted(CharTokenizer(unknown="error"), texts)
    encoded = made.encode(texts)
    for start, length, text in zip(encoded.starts, encoded.lengths, texts, strict=True):
        assert made.decode(encoded.values[start : start + length].tolist()) == text
    assert made.size == len(set("".join(texts)))
    assert made.vocabulary.symbols == sorted(set("".join(texts)))


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.text())
def test_bpe_gives_back_any_text(texts: list[str], other: str) -> None:
    made = fitted(BPETokenizer(vocab_size=280, min_count=1), texts)
    for text in (*texts, other):
        assert made.decode(made.encode([text]).values.tolist()) == text


def test_integers_may_be_given() -> None:
    made = fitted(IntegerTokenizer(below=10, unknown="error"), [[3, 12]])
    assert made.size == 10  # as nn.Embedding(10, …)
    again = IntegerTokenizer.from_json(made.to_json())
    assert again.encode([[0, 9, 3]]).values.tolist() == [0, 9, 3]
    with pytest.raises(UserError, match="12"):
        made.encode([[12]])


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers()), min_size=1))
def test_integers_keep_their_order(rows: list[list[int]]) -> None:
    made = fitted(IntegerTokenizer(unknown="error"), rows)
    known = sorted({number for row in rows for number in row})
    expected = [known.index(number) for row in rows for number in row]
    assert made.encode(rows).values.tolist() == expected
    assert made.encode([",".join(map(str, row)) for row in rows]).values.tolist() == expected
    assert made.decode(list(range(made.size))).split() == list(map(str, known))


@pytest.mark.parametrize(("make", "_"), KINDS, ids=NAMES)
def test_empty_texts(make: Callable[[], Any], _: Any) -> None:
    made = fitted(make(), ["1 2", ""])
    for texts in ([], [""], ["", "", ""]):
        encoded = made.encode(texts)
        assert encoded.lengths.tolist() == [0] * len(texts)
        assert encoded.values.tolist() == []
    assert made.decode([]) == ""
    assert made.encode(["", "1", ""]).lengths[[0, 2]].tolist() == [0, 0]
    fitted(make(), []).encode([""])


@pytest.mark.parametrize(
    ("kind", "training", "text", "known", "symbol"),
    [
        (CharTokenizer, "abc", "axbxx", [0, 1], "x"),
        (WordTokenizer, "a b", "a x b x x", [0, 1], "x"),
        (IntegerTokenizer, "5 -3", "-3 7 5 7 7", [0, 1], "7"),
    ],
)
def test_unknown_symbols(
    kind: Any, training: str, text: str, known: list[int], symbol: str
) -> None:
    def made(policy: str) -> Any:
        options = {"min_count": 1} if kind is WordTokenizer else {}
        return fitted(kind(unknown=policy, **options), [training])

    with_id = made("id")
    own = with_id.unknown
    assert own == with_id.size - 1
    assert with_id.encode([text]).values.tolist() == [known[0], own, known[1], own, own]
    dropped = made("drop").encode([text, "", text])
    assert dropped.values.tolist() == known * 2
    assert dropped.lengths.tolist() == [2, 0, 2]
    assert made("drop").unknown is None
    with pytest.raises(UserError, match=f"'{symbol}' is not in the vocabulary"):
        made("error").encode([text])


@pytest.mark.parametrize("kind", [CharTokenizer, WordTokenizer, IntegerTokenizer])
def test_sizes_and_counts(kind: Any) -> None:
    separator = "" if kind is CharTokenizer else " "
    text = separator.join("3331122")
    assert fitted(kind(min_count=1), [text]).size == 4
    assert fitted(kind(min_count=3), [text]).size == 2
    small = fitted(kind(min_count=1, max_size=2), [text])
    assert small.size == 2
    assert small.decode([0]) == "3"


def test_texts_that_are_split_already() -> None:
    words = [["Don't", "stop"], [], ["well-known"]]
    made = fitted(WordTokenizer(min_count=1), words)
    assert made.encode(words).values.tolist() == [0, 1, 2]
    assert made.encode(words).lengths.tolist() == [2, 0, 1]
    assert made.split(["Don't"]) == ["don't"]
    assert fitted(CharTokenizer(), [["b", "a"]]).encode([["a"], "b"]).values.tolist() == [0, 1]
    with pytest.raises(UserError, match="'ab' is not one character"):
        CharTokenizer().fit([["ab"]])
    with pytest.raises(UserError, match="split already"):
        BPETokenizer().encode([["a", "b"]])


@pytest.mark.parametrize("text", ["1 x", "1.5", [1.5], ["a"], [True]])
def test_what_is_no_integer(text: Any) -> None:
    with pytest.raises(UserError, match="no integer"):
        IntegerTokenizer().fit([text])


def test_integers_as_people_write_them() -> None:
    assert IntegerTokenizer().split(" 007,+7\t-0 , 12\n") == ["7", "7", "0", "12"]


def test_characters_in_a_given_order() -> None:
    """The five inputs of "hihell", as its tutorial has them."""
    made = fitted(CharTokenizer(symbols="hielo", unknown="error"), ["something else"])
    assert made.encode(["hihell"]).values.tolist() == [0, 1, 0, 2, 3, 3]
    assert made.size == 5


def test_half_a_surrogate_pair_is_no_character() -> None:
    char = fitted(CharTokenizer(), ["a\ud800"])
    assert char.encode(["\ud800a"]).values.tolist() == [1, 0]
    assert char.decode([0, 1]) == "a\N{REPLACEMENT CHARACTER}"
    bpe = fitted(BPETokenizer(vocab_size=256), ["a"])
    assert bpe.decode(bpe.encode(["a\ud800"]).values.tolist()) == "a?"


def test_case() -> None:
    for kind in (CharTokenizer, BPETokenizer):
        made = fitted(kind(lowercase=True), ["AbC"])
        assert made.decode(made.encode(["aBc"]).values.tolist()) == "abc"
    turkish = fitted(CharTokenizer(lowercase=True), ["İ"])  # two characters in lower case
    assert turkish.encode(["İ", "i"]).lengths.tolist() == [2, 1]


def test_bpe_joins_frequent_pairs() -> None:
    made = fitted(BPETokenizer(vocab_size=260), ["low lower lowest"] * 5)
    assert made.size == 260
    assert made.unknown is None
    assert made.split("low lowly") == ["low", " low", "l", "y"]


def test_long_texts_are_read_in_blocks() -> None:
    """Without any list of Python numbers: less than 30 bytes a character at the peak."""
    text = "héllo wörld " * (2 * BLOCK // 12 + 1)
    made = fitted(CharTokenizer(), [text])
    tracemalloc.start()
    encoded = made.encode([text, "h", text])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert encoded.lengths.tolist() == [len(text), 1, len(text)]
    assert made.decode(encoded.values[:24].tolist()) == text[:24]
    assert encoded.values[len(text)] == encoded.values[0]
    assert encoded.values[: len(text)].tolist() == encoded.values[len(text) + 1 :].tolist()
    assert peak < 30 * 2 * len(text)


_OTHER_PROCESS = """
import json, sys
from seqlab.plugin.manager import installed
given = json.load(sys.stdin)
found = {}
for name, (state, training, options) in given.items():
    kind = installed().tokenizers.get(name).load()
    anew = kind(**options)
    anew.fit(training)
    loaded = kind.from_json(state)
    found[name] = [made.encode(training).values.tolist() for made in (loaded, anew)]
print(json.dumps(found))
"""


def test_another_process_gives_the_same_ids() -> None:
    """Saved and loaded there, and fitted there anew: nothing hangs on the order of a set."""
    texts = ["the cat sat", "on the mat – đ 日本", "the the mat"] * 3
    numbers = ["3 1 2", "9,9", "-4"]
    options: dict[str, Any] = {"char": {}, "word": {}, "bpe": {"vocab_size": 300}, "integer": {}}
    made = {}
    for name, chosen in options.items():
        training = numbers if name == "integer" else texts
        tokenizer: Any = installed().tokenizers.get(name).load()
        made[name] = (fitted(tokenizer(**chosen), training), training, chosen)
    given = {name: (one.to_json(), *rest) for name, (one, *rest) in made.items()}
    done = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    for name, (loaded, anew) in json.loads(done.stdout).items():
        expected = made[name][0].encode(made[name][1]).values.tolist()
        assert loaded == expected
        assert anew == expected
