import gzip
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import cli


def call(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["data", "show", *arguments])
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def cells(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_show_a_built_in_set() -> None:
    lines = cells(call("reviews", "--task", "sentiment", "-o", "data.rows=300"))
    assert ["split", "rows", "column", "min", "median", "95", "%", "max"] in lines
    assert ["data", "reviews"] in lines
    assert ["'label'", "train", "validation", "test"] in lines
    assert ["negative", "120", "15", "15"] in lines
    assert next(line for line in lines if line[:1] == ["text"])[1] == "text"
    assert next(line for line in lines if line[:2] == ["train", "240"])[2:4] == [
        "text",
        "characters",
    ]
    assert ["words", "of", "'text'", "train", "rows"] in lines


def test_json() -> None:
    summary = json.loads(call("reviews", "--json"))
    assert set(summary) == {"source", "notices", "task", "columns", "splits", "unclear"}


def test_a_file(tmp_path: Path) -> None:
    content = "word\tTAG1\nother\tTAG2\n\nword\tTAG1\n"
    path = tmp_path / "train.tagged.gz"
    path.write_bytes(gzip.compress(content.encode()))
    lines = cells(call(str(path)))
    assert ["TAG1", "2"] in lines
    assert ["train", "2", "words", "items", "1", "1", "2", "2"] in lines


def test_numbers_and_missing_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Month,#Passengers\n1949-01,112\n1949-02,\n1949-03,118.5\n")
    lines = cells(call(str(path)))
    assert ["#Passengers", "value", "(mean)", "112", "115.25", "118.5"] in lines
    assert not [line for line in lines if line[:1] == ["'Month'"]]  # no value occurs twice
    assert ["#Passengers", "1", "missing"] in lines


def test_tables_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqlab.cli.data import show

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert show.callback is not None
    show.callback("reviews", None, ("data.rows=300",), (), as_json=False)
    output = capsys.readouterr().out
    assert "───" in output
    assert "negative" in output


@pytest.mark.parametrize("spec", ["no/such.csv", "reviewz"])
def test_a_mistake_has_status_2(spec: str) -> None:
    result = CliRunner().invoke(cli, ["data", "show", spec])
    assert result.exit_code == 2
    assert "try:" in result.stderr
