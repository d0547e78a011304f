"""Aligned text on standard output."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import cli
from seqlab.cli.output import write_table
from seqlab.errors import UserError, printable

QUICK = [
    *("--model", "rnn", "--epochs", "1", "-o", "model.hidden_size=4"),
    *("-o", "model.embedding_size=4"),
]
CLEAR_SCREEN, BACKWARDS = "\x1b[2J", "\u202e"


def test_columns_are_aligned_in_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(["label", "n"], [["天气", "1"], ["cafe\u0301", "2"], ["हिं", "3"], ["plain", "4"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["label  n", "天气   1", "cafe\u0301   2", "हिं     3", "plain  4"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CLEAR_SCREEN, r"\x1b[2J"),
        ("a" + BACKWARDS + "b\u2066c", r"a\u202eb\u2066c"),
        ("a\tb\rc\x07\x9b1m", r"a\tb\rc\x07\x9b1m"),
        ("two\nlines", "two\nlines"),
        ("👨‍👩‍👧 می‌خواهم \u200eשלום", "👨‍👩‍👧 می‌خواهم \u200eשלום"),
    ],
)
def test_what_a_terminal_obeys_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_cells_with_line_ends_and_escapes_stay_in_their_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_table(["label", "n"], [["a\nb", "1"], [f"c{CLEAR_SCREEN}", "2"], ["a\tb", "3"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["label     n", r"a\nb      1", r"c\x1b[2J  2", r"a\tb      3"]


def test_messages_show_escapes() -> None:
    error = UserError("odd", location=f"a{CLEAR_SCREEN}.csv", remedy=f"fix {BACKWARDS}\nor not")
    assert str(error) == "odd\n  where: a\\x1b[2J.csv\n  try:   fix \\u202e\nor not"


def test_no_command_lets_data_write_to_the_terminal(tmp_path: Path) -> None:
    path, run = tmp_path / "a.csv", str(tmp_path / "run")
    labels = [f"good{BACKWARDS}", f"bad{CLEAR_SCREEN}"]
    rows = [(f"row {CLEAR_SCREEN} {BACKWARDS} {i}", labels[i % 2]) for i in range(40)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    commands = [
        ["data", "show", str(path), "--task", "classify"],
        ["data", "check", str(path), "--task", "classify"],
        ["run", "--task", "classify", "--data", str(path), "--out", run, *QUICK],
        ["inspect", "errors", run],
        ["predict", run, f"row {CLEAR_SCREEN}"],
    ]
    for words in commands:
        result = CliRunner().invoke(cli, words, color=True)
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.output
        assert BACKWARDS not in result.output
    assert r"good\u202e" in result.output or r"bad\x1b[2J" in result.output
