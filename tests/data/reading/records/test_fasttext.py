from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.reading.records.fasttext import fasttext_rows, is_fasttext


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__label__a so\n\n__label__b no\n", True),
        ("__label__a so\nno\n", False),
        ("so\n", False),
        ("", False),
    ],
)
def test_the_first_lines_tell_the_format(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert is_fasttext(tmp_path / "a.txt", None) is expected


def test_rows() -> None:
    lines = ["__label__good  what a film", "", "__label__a __label__b both", "none", "__label__c"]
    assert list(fasttext_rows(enumerate(lines, 1))) == [
        {"text": "what a film", "label": "good"},
        {"text": "both", "label": ["a", "b"]},
        {"text": "none", "label": None},
        {"text": "", "label": "c"},
    ]
