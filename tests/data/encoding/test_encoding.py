from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.data import long_text
from seqlab.data.contracts import Text
from seqlab.data.encoding import encoding, growing
from seqlab.data.encoding.encoding import chunks_of, count_ids, encode_texts
from seqlab.data.encoding.growing import Growing
from seqlab.data.long_text import open_long
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed
from seqlab.spec import Ragged

TEXTS = st.text(st.sampled_from("abΣσ \n\té's1"), min_size=1, max_size=80)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_text, "BLOCK", 5)
    monkeypatch.setattr(encoding, "_TEXTS", 3)
    monkeypatch.setattr(encoding, "_CHARACTERS", 20)
    monkeypatch.setattr(growing, "LARGE", 16)


def tokenizer(name: str, **options: Any) -> Any:
    return installed().tokenizers.get(name).load()(**options)


@settings(max_examples=60)
@given(
    st.lists(TEXTS, min_size=1, max_size=5),
    st.sampled_from(
        [("char", {}), ("char", {"lowercase": True}), ("word", {}), ("bpe", {"vocab_size": 270})]
    ),
)
def test_a_long_text_has_the_ids_of_a_short_one(
    texts: list[str], kind: tuple[str, dict[str, Any]]
) -> None:
    name, options = kind
    with TemporaryDirectory() as folder:
        long = []
        for place, text in enumerate(texts):
            (Path(folder) / str(place)).write_bytes(text.encode())
            long.append(open_long(Path(folder) / str(place)))
        plain, streamed = tokenizer(name, **options), tokenizer(name, **options)
        plain.fit(texts)
        streamed.fit(chunks_of(long, streamed))
        if name != "bpe":  # whose pairs depend on the order of its words
            assert streamed.to_json() == plain.to_json()
        expected = plain.encode(texts)
        for given in (texts, long):
            found = encode_texts(plain, given)
            np.testing.assert_array_equal(found.values, expected.values)
            np.testing.assert_array_equal(found.lengths, expected.lengths)
            counts = np.bincount(expected.values, minlength=plain.size)
            np.testing.assert_array_equal(count_ids(plain, given), counts)


class Fixed:
    """A tokenizer of so many symbols that gives these ids."""

    cut_at = "anywhere"

    def __init__(self, size: int, ids: list[int]) -> None:
        self.size, self.ids = size, ids

    def encode(self, texts: Iterable[Text]) -> Ragged:
        count = len(list(texts))
        values = np.array(self.ids * count, np.int32)
        return Ragged(values, np.full(count, len(self.ids)))


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, "u1"), (256, "u1"), (257, "u2"), (65_536, "u2"), (65_537, "i4"), (500_000, "i4")],
)
def test_ids_take_as_little_as_they_can(size: int, expected: str) -> None:
    fixed: Any = Fixed(size, [0, size - 1])
    found = encode_texts(fixed, ["a", "b"])
    assert found.values.dtype == np.dtype(expected)
    assert found.values.tolist() == [0, size - 1] * 2


@pytest.mark.parametrize("ids", [[-1], [300]])
def test_ids_that_do_not_fit_are_refused(ids: list[int]) -> None:
    fixed: Any = Fixed(300, ids)
    with pytest.raises(PluginError, match="300 symbols gives ids from"):
        encode_texts(fixed, ["a"])


def test_no_text_has_no_ids() -> None:
    found = encode_texts(tokenizer("char"), [])
    assert (len(found.values), len(found.lengths)) == (0, 0)


@given(st.lists(st.lists(st.integers(0, 255), max_size=9), max_size=9))
def test_an_array_grows_onto_the_disk(pieces: list[list[int]]) -> None:
    made = Growing(np.uint8)
    for piece in pieces:
        made.append(np.array(piece, np.int32))
    assert made.finish().tolist() == [value for piece in pieces for value in piece]


@pytest.mark.parametrize("place", ["", "off"])
def test_it_lies_where_the_cache_is_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", place or str(tmp_path))
    made = Growing(np.uint8)
    for _ in range(9):
        made.append(np.arange(10))
    found = made.finish()
    assert not found.flags.writeable
    assert found.tolist() == list(range(10)) * 9
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: object) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            self.write("what was kept back")

    monkeypatch.setattr(growing, "temporary_file", Full)
    with pytest.raises(UserError, match="no room for encoded data: No space left"):
        Growing(np.uint8).append(np.arange(99))
