from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.data import long_text
from seqlab.data.long_text import LongText, open_long
from seqlab.data.reading import files
from seqlab.data.reading.files import read_files
from seqlab.data.split import Split
from seqlab.data.splitting import cut_text
from seqlab.errors import UserError

TEXTS = st.text(st.sampled_from("ab \n\r\tä€𝄞é\u2028\ufeff"), min_size=1, max_size=60)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_text, "BLOCK", 5)
    monkeypatch.setattr(files, "LONG", 1)


def opened(folder: str | Path, text: str) -> LongText:
    file = Path(folder) / "a.txt"
    file.write_bytes(text.encode())
    return open_long(file)


@settings(max_examples=200)
@given(TEXTS, st.integers(-70, 70), st.integers(-70, 70), st.sampled_from(["anywhere", "lines"]))
def test_any_part_of_it_is_as_of_a_string(
    text: str, start: int, end: int, cut: long_text.Cut
) -> None:
    with TemporaryDirectory() as folder:
        found = opened(folder, text)
        whole = text.removeprefix("\ufeff")
        assert (len(found), found.read()) == (len(whole), whole)
        some = found[start:end]
        assert (len(some), some.read()) == (len(whole[start:end]), whole[start:end])
        again = some[1:3]
        assert again.read() == whole[start:end][1:3]
        pieces = list(some.pieces(cut))
        assert "".join(pieces) == whole[start:end]
        assert all(pieces)


@settings(max_examples=200)
@given(TEXTS)
def test_lines_are_cut_between_what_is_no_space(text: str) -> None:
    with TemporaryDirectory() as folder:
        found = opened(folder, text)
        pieces = list(found.pieces("lines"))
        for piece, after in pairwise(pieces):
            assert piece.endswith("\n")
            assert not piece[-2].isspace()
            assert not after[0].isspace()


def test_a_text_of_lines_is_cut_often(tmp_path: Path) -> None:
    pieces = list(opened(tmp_path, "one\ntwo\n" * 20).pieces("lines"))
    assert max(map(len, pieces)) <= 12


def test_what_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\ntwo\nth\xffree\n")
    with pytest.raises(UserError, match="not UTF-8: byte 3 of the line is 0xff") as caught:
        open_long(tmp_path / "a.txt")
    assert caught.value.location.endswith("a.txt, line 3")
    (tmp_path / "a.txt").write_bytes("one\nä".encode()[:-1])
    with pytest.raises(UserError, match="not UTF-8"):
        open_long(tmp_path / "a.txt")


@pytest.mark.parametrize("content", ["one two th", "one two three, fOur"])
def test_a_file_that_changes_is_noticed(tmp_path: Path, content: str) -> None:
    found = opened(tmp_path, "one two three, four")
    (tmp_path / "a.txt").write_bytes(content.encode().replace(b"O", b"\xc3\xb6"))
    if len(content) == 10:
        with pytest.raises(UserError, match="changed while it was read"):
            found.read()


def test_a_long_file_is_one_row_that_stays_on_disk(tmp_path: Path) -> None:
    text = "First line.\r\n\r\nSecond, with ä.\n" * 9
    opened(tmp_path, "\ufeff" + text)
    splits, _ = read_files(tmp_path / "a.txt", whole=True)
    split = splits["train"]
    assert isinstance(next(split.texts("text")), LongText)
    assert split[0] == {"text": text}
    assert list(split.column("text")) == [text]
    assert list(split.batches()) == [{"text": [text]}]
    assert split.sample(3) == {"text": [text]}
    assert isinstance(next(split.select([0]).texts("text")), LongText)  # type: ignore[arg-type]


@given(TEXTS.filter(lambda text: len(text) > 12), st.sampled_from([0.1, 0.25]))
def test_parts_are_cut_off_at_the_same_characters(text: str, share: float) -> None:
    with TemporaryDirectory() as folder:
        whole = opened(folder, text)
        plain = Split("train", {"text": [text.removeprefix("\ufeff")]}, "here")
        long = Split("train", {"text": [whole]}, "here")
        expected, said = cut_text({"train": plain}, "text", share, share)
        found, also = cut_text({"train": long}, "text", share, share)
        assert said == also
        assert {n: p[0] for n, p in found.items()} == {n: p[0] for n, p in expected.items()}
