"""Aligned text on standard output."""

from __future__ import annotations

import pytest

from seqlab.cli.output import write_table


def test_columns_are_aligned_in_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(["label", "n"], [["天气", "1"], ["cafe\u0301", "2"], ["हिं", "3"], ["plain", "4"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["label  n", "天气   1", "cafe\u0301   2", "हिं     3", "plain  4"]
