from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.data.reading import whole_texts
from seqlab.data.reading.files import read_files
from seqlab.data.relations.splitting import cut_text
from seqlab.data.split import Split
from seqlab.data.text_files import long_text
from seqlab.data.text_files.long_text import LongText, open_long
from seqlab.errors import UserError

TEXTS = st.text(st.sampled_from("ab \n\r\tä€𝄞é\u2028\ufeff"), min_size=1, max_size=60)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_text, "BLOCK", 5)
    monkeypatch.setattr(whole_texts, "LONG_BYTES", 1)


def write_and_open(folder: str | Path, text: str) -> LongText:
    file = Path(folder) / "a.txt"
    file.write_bytes(text.encode())
    return open_long(file)


@settings(max_examples=200)
@given(TEXTS, st.integers(-70, 70), st.integers(-70, 70), st.sampled_from(["anywhere", "lines"]))
def test_slices_equal_those_of_a_string(
    text: str, start: int, end: int, cut: long_text.Cut
) -> None:
    with TemporaryDirectory() as folder:
        long = write_and_open(folder, text)
        plain = text.removeprefix("\ufeff")
        assert (len(long), long.read()) == (len(plain), plain)
        long, plain = long[start:end], plain[start:end]
        assert (len(long), long.read()) == (len(plain), plain)
        assert long[1:3].read() == plain[1:3]
        chunks = list(long.chunks(cut))
        assert "".join(chunks) == plain
        assert all(chunks)


@settings(max_examples=200)
@given(TEXTS)
def test_pieces_of_lines_end_between_two_characters_that_are_not_space(text: str) -> None:
    with TemporaryDirectory() as folder:
        chunks = list(write_and_open(folder, text).chunks("lines"))
        for chunk, following in pairwise(chunks):
            assert chunk.endswith("\n")
            assert not chunk[-2].isspace()
            assert not following[0].isspace()


def test_pieces_of_short_lines_are_short(tmp_path: Path) -> None:
    chunks = list(write_and_open(tmp_path, "one\ntwo\n" * 20).chunks("lines"))
    assert max(map(len, chunks)) <= 12


def test_text_that_is_not_utf_8_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\ntwo\nth\xffree\n")
    with pytest.raises(UserError, match="not UTF-8: byte 3 of the line is 0xff") as caught:
        open_long(tmp_path / "a.txt")
    assert caught.value.location.endswith("a.txt, line 3")
    (tmp_path / "a.txt").write_bytes("one\nä".encode()[:-1])
    with pytest.raises(UserError, match="not UTF-8"):
        open_long(tmp_path / "a.txt")


@pytest.mark.parametrize("content", ["one two th", "one two three, fOur"])
def test_a_change_of_the_file_is_reported(tmp_path: Path, content: str) -> None:
    text = write_and_open(tmp_path, "one two three, four")
    (tmp_path / "a.txt").write_bytes(content.encode().replace(b"O", b"\xc3\xb6"))
    with pytest.raises(UserError, match="changed while it was read"):
        text.read()


def test_a_long_file_is_one_row_that_stays_on_disk(tmp_path: Path) -> None:
    text = "First line.\r\n\r\nSecond, with ä.\n" * 9
    write_and_open(tmp_path, "\ufeff" + text)
    splits, _, _ = read_files(tmp_path / "a.txt", DataSettings(whole=True))
    split = splits["train"]
    assert isinstance(next(split.column("text", lazy=True)), LongText)
    assert split[0] == {"text": text}
    assert list(split.column("text")) == [text]
    assert list(split.batches()) == [{"text": [text]}]
    assert split.sample(3) == {"text": [text]}
    assert isinstance(next(split.select(np.array([0])).column("text", lazy=True)), LongText)


@given(TEXTS.filter(lambda text: len(text) > 12), st.sampled_from([0.1, 0.25]))
def test_splits_of_a_long_text_equal_those_of_a_string(text: str, fraction: float) -> None:
    with TemporaryDirectory() as folder:
        plain = Split("train", {"text": [text.removeprefix("\ufeff")]}, "here")
        long = Split("train", {"text": [write_and_open(folder, text)]}, "here")
        expected, expected_decisions = cut_text({"train": plain}, "text", fraction, fraction)
        splits, decisions = cut_text({"train": long}, "text", fraction, fraction)
        assert decisions == expected_decisions
        assert splits.keys() == expected.keys()
        assert all(splits[name][0] == expected[name][0] for name in expected)
