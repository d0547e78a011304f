"""Options that the command does not have: the error says how to write what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import cli

ROWS = "day,sold,left\n" + "".join(f"{n},{n * 7 % 23},{n * 5 % 19}\n" for n in range(120))
RUN = ("run", "--task", "regression", "--model", "rnn", "--data", "a.csv", "--smoke", "--dry-run")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--target", "sold"), "data.columns.target=sold"),
        (("--target=sold",), "data.columns.target=sold"),
        (("--y", "sold"), "data.columns.target=sold"),
        (("--hidden-size", "8", "--target", "sold"), "model.hidden_size=8"),
        (("--window", "6"), "task.window=6"),
        (("--batch-size=8",), "train.batch_size=8"),
        (("--lr", "0.1"), "train.learning_rate=0.1"),
    ],
)
def test_an_option_of_a_section(
    arguments: tuple[str, ...], remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(ROWS)
    result = CliRunner().invoke(cli, [*RUN, *arguments])
    assert result.exit_code == 2
    assert f"Write -o {remedy}\n" in result.stderr
    assert "--strict" not in result.stderr
    followed = ["-o", remedy, *(() if "target" in remedy else ("-o", "data.columns.target=sold"))]
    assert CliRunner().invoke(cli, [*RUN, *followed]).exit_code == 0


@pytest.mark.parametrize(("command", "option"), [("run", "--modle"), ("run", "--xyzzy")])
def test_other_options_are_reported_as_usual(command: str, option: str) -> None:
    result = CliRunner().invoke(cli, [command, option, "x"])
    assert result.exit_code == 2
    assert f"No such option '{option}'" in result.stderr
    assert "Write -o" not in result.stderr
