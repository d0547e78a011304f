"""Parts of a text recognised in another text."""

from __future__ import annotations

import random
import string
from pathlib import Path

import numpy as np
import pytest

from seqlab.data.checking import pieces as module
from seqlab.data.checking.pieces import pieces_of
from seqlab.data.text_files.long_text import open_long

ALPHABETS = {
    "letters": string.ascii_lowercase + "      ",
    "digits": "0123456789",
    "bases": "ACGT",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψω ",
    "Chinese": "的一是不了人我在有他这为之大来以个中上们",
}


def text_of(alphabet: str, length: int, seed: int = 0) -> str:
    return "".join(random.Random(seed).choices(ALPHABETS[alphabet], k=length))


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_about_one_piece_in_128_bytes(alphabet: str) -> None:
    text = text_of(alphabet, 200_000)
    expected = len(text.encode()) / 128
    assert 0.3 * expected < len(pieces_of(text)) < 2 * expected


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_passage_is_found_wherever_it_begins(alphabet: str) -> None:
    text = text_of(alphabet, 100_000)
    known = pieces_of(text)
    for start in (0, 1, 12_345):
        passage = "xy"[: start % 3] + text[start : start + 20_000]
        assert np.isin(pieces_of(passage), known).mean() > 0.95
    half = text[:20_000] + text_of(alphabet, 20_000, 1)
    assert 0.3 < np.isin(pieces_of(half), known).mean() < 0.7
    assert not np.isin(pieces_of(text_of(alphabet, 50_000, 2)), known).any()


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of("Greek", 60_000)
    expected = pieces_of(text).tolist()
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    assert pieces_of(open_long(tmp_path / "text.txt")).tolist() == expected
    for size in (97, 1000):
        monkeypatch.setattr(module, "_BLOCK", size)
        assert pieces_of(text).tolist() == expected


def test_short_texts() -> None:
    assert len(pieces_of("")) == 0
    assert len(pieces_of("a short line")) == 0
    assert len(pieces_of("a" * 10_000)) <= 1
