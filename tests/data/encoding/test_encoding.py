from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.data.contracts import Text
from seqlab.data.encoding import encoding, growing
from seqlab.data.encoding.encoding import chunks_of, count_ids, encode_texts
from seqlab.data.encoding.growing import Growing
from seqlab.data.text_files import long_text
from seqlab.data.text_files.long_text import open_long
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed
from seqlab.spec import Ragged

TEXTS = st.text(st.sampled_from("abΣσ \n\té's1"), min_size=1, max_size=80)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that small texts exceed."""
    monkeypatch.setattr(long_text, "BLOCK", 5)
    monkeypatch.setattr(encoding, "_MAX_TEXTS", 3)
    monkeypatch.setattr(encoding, "_MAX_CHARACTERS", 20)
    monkeypatch.setattr(growing, "LARGE", 16)


def tokenizer(name: str, **options: object) -> Any:
    return installed().tokenizers.get(name).load()(**options)


@settings(max_examples=60)
@given(
    st.lists(TEXTS, min_size=1, max_size=5),
    st.sampled_from(
        [("char", {}), ("char", {"lowercase": True}), ("word", {}), ("bpe", {"vocab_size": 270})]
    ),
)
def test_a_long_text_has_the_ids_of_a_text_in_memory(
    texts: list[str], kind: tuple[str, dict[str, object]]
) -> None:
    name, options = kind
    with TemporaryDirectory() as folder:
        long_texts = []
        for number, text in enumerate(texts):
            file = Path(folder) / str(number)
            file.write_bytes(text.encode())
            long_texts.append(open_long(file))
        plain, streamed = tokenizer(name, **options), tokenizer(name, **options)
        plain.fit(texts)
        streamed.fit(chunks_of(long_texts, streamed))
        if name != "bpe":  # whose merges depend on the order of the words
            assert streamed.to_json() == plain.to_json()
        expected = plain.encode(texts)
        for inputs in (texts, long_texts):
            encoded = encode_texts(plain, inputs)
            np.testing.assert_array_equal(encoded.values, expected.values)
            np.testing.assert_array_equal(encoded.lengths, expected.lengths)
            counts = np.bincount(expected.values, minlength=plain.size)
            np.testing.assert_array_equal(count_ids(plain, inputs), counts)


class Fixed:
    """A tokenizer with a vocabulary of this size that encodes every text as these ids."""

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
def test_ids_have_the_smallest_type(size: int, expected: str) -> None:
    fixed: Any = Fixed(size, [0, size - 1])
    encoded = encode_texts(fixed, ["a", "b"])
    assert encoded.values.dtype == np.dtype(expected)
    assert encoded.values.tolist() == [0, size - 1] * 2


@pytest.mark.parametrize("ids", [[-1], [300]])
def test_ids_outside_the_vocabulary_are_refused(ids: list[int]) -> None:
    fixed: Any = Fixed(300, ids)
    with pytest.raises(PluginError, match="300 tokens returned ids from"):
        encode_texts(fixed, ["a"])


def test_no_texts_have_no_ids() -> None:
    encoded = encode_texts(tokenizer("char"), [])
    assert (len(encoded.values), len(encoded.lengths)) == (0, 0)


@given(st.lists(st.lists(st.integers(0, 255), max_size=9), max_size=9))
def test_an_array_grows_into_a_file(blocks: list[list[int]]) -> None:
    array = Growing(np.uint8)
    for block in blocks:
        array.append(np.array(block, np.int32))
    assert array.finish().tolist() == [value for block in blocks for value in block]


@pytest.mark.parametrize("cache", ["", "off"])
def test_the_file_is_read_only_and_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", cache or str(tmp_path))
    array = Growing(np.uint8)
    for _ in range(9):
        array.append(np.arange(10))
    values = array.finish()
    assert not values.flags.writeable
    assert values.tolist() == list(range(10)) * 9
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: object) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            self.write("the rest of the buffer")

    monkeypatch.setattr(growing, "temporary_file", Full)
    with pytest.raises(UserError, match="no room for encoded data: No space left"):
        Growing(np.uint8).append(np.arange(99))
