"""Splits of one series in several files: where the times go on, the windows do, too."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import seqlab
from seqlab.cli import cli
from seqlab.config.run_config import assemble
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import ResolvedData, resolve_data
from seqlab.prepare.encoded import Encoded, cut, learn
from seqlab.prepare.splits import open_splits

WINDOW = 6


def value(group: int, day: int) -> float:
    return 100.0 * group + day + day % 7


def write(
    folder: Path, parts: dict[str, range], groups: int = 1, *, step: int = 1, time: bool = True
) -> Path:
    folder.mkdir()
    for name, days in parts.items():
        lines = ["store,date,sold" if time else "store,sold"]
        for group in range(groups):
            for day in days:
                when = f"{date(2024, 1, 1) + timedelta(days=step * day)}," if time else ""
                lines.append(f"s{group},{when}{value(group, day)}")
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def resolved(folder: Path) -> ResolvedData:
    options: dict[str, object] = {"task.window": WINDOW, "task.relative": False}
    options["data.columns"] = {"group": "store"}
    flags = {"task.name": "regression", "data.source": str(folder)}
    return resolve_data(assemble(None, flags, options), installed())


def prepared(folder: Path) -> Encoded:
    config = resolved(folder)
    return learn(config, open_splits(config, installed()))


def targets(encoded: Encoded, split: str) -> list[float]:
    examples = cut(encoded.fitted, encoded.examples)[split]
    scaler = encoded.fitted.targets  # type: ignore[attr-defined]
    return [round(float(each), 3) for each in scaler.unscale(examples.targets)[:, 0]]


PARTS = {"train": range(40), "val": range(40, 48), "test": range(48, 58)}


@pytest.mark.parametrize("step", [1, 7])
@pytest.mark.parametrize("groups", [1, 3])
def test_each_row_of_a_later_file_has_a_window(tmp_path: Path, groups: int, step: int) -> None:
    encoded = prepared(write(tmp_path / "data", PARTS, groups, step=step))
    for split, days in (("validation", PARTS["val"]), ("test", PARTS["test"])):
        expected = [value(group, day) for group in range(groups) for day in days]
        assert targets(encoded, split) == expected
    first = cut(encoded.fitted, encoded.examples)["test"]
    steps = np.asarray(first.inputs["series"])[first.starts[0] : first.starts[0] + WINDOW]
    inputs = encoded.fitted.inputs.unscale(steps)  # type: ignore[attr-defined]
    np.testing.assert_allclose(inputs[:, 0], [value(0, day) for day in range(42, 48)], rtol=1e-5)
    assert not [d for d in encoded.decisions if d.subject == "test" and d.notable]


def test_a_gap_between_files_is_no_window(tmp_path: Path) -> None:
    parts = {"train": range(40), "val": range(40, 60), "test": range(70, 90)}
    encoded = prepared(write(tmp_path / "data", parts))
    assert targets(encoded, "test") == [value(0, day) for day in range(76, 90)]
    (told,) = [d for d in encoded.decisions if d.subject == "test"]
    assert told.notable
    assert "do not go on" in told.choice


def test_files_that_overlap_are_not_joined(tmp_path: Path) -> None:
    parts = {"train": range(40), "val": range(30, 60), "test": range(60, 80)}
    encoded = prepared(write(tmp_path / "data", parts))
    assert targets(encoded, "validation") == [value(0, day) for day in range(36, 60)]
    assert "not later" in {finding.kind for finding in encoded.findings}


def test_files_without_times_are_not_joined_and_it_is_said(tmp_path: Path) -> None:
    parts = {"train": range(40), "val": range(40, 60), "test": range(60, 80)}
    encoded = prepared(write(tmp_path / "data", parts, time=False))
    assert targets(encoded, "test") == [value(0, day) for day in range(66, 80)]
    (told,) = [d for d in encoded.decisions if d.subject == "test"]
    assert told.notable
    assert "no column of time" in told.choice


def test_a_validation_split_is_cut_between_the_files(tmp_path: Path) -> None:
    parts = {"train": range(50), "test": range(50, 55)}
    encoded = prepared(write(tmp_path / "data", parts, groups=2))
    assert targets(encoded, "validation") == [value(g, d) for g in (0, 1) for d in range(45, 50)]
    assert targets(encoded, "test") == [value(g, d) for g in (0, 1) for d in range(50, 55)]


def test_a_run_evaluates_and_goes_on_from_short_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "data", {**PARTS, "test": range(48, 51)})
    run = tmp_path / "run"
    options = {"task.window": WINDOW, "data.columns.group": "store"}
    seqlab.run(task="regression", model="rnn", data=str(folder), out=run, epochs=1, options=options)
    copy = write(tmp_path / "copy", {**PARTS, "test": range(48, 51)})
    arguments = ["evaluate", str(run), "--data", str(copy), "-o", "data.columns.group=store"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    ahead = CliRunner().invoke(cli, ["predict", str(run), "--input", str(folder)])
    whole = write(tmp_path / "whole", {"all": range(51)}) / "all.csv"
    same = CliRunner().invoke(cli, ["predict", str(run), "--input", str(whole)])
    assert ahead.exit_code == same.exit_code == 0, ahead.output
    assert ahead.stdout == same.stdout


def test_competition_files_without_targets_in_the_test_split(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [(day, group) for day in range(60) for group in range(3)]
    lines = [f"{date(2024, 1, 1) + timedelta(days=day)},s{group}" for day, group in rows]
    head, tail = lines[:150], lines[150:]
    train = [f"{n},{line},{value(*rows[n][::-1])}" for n, line in enumerate(head)]
    (folder / "train.csv").write_text("\n".join(["id,date,store,sold", *train]) + "\n")
    test = [f"{n},{line}" for n, line in enumerate(tail, 150)]
    (folder / "test.csv").write_text("\n".join(["id,date,store", *test]) + "\n")
    run = tmp_path / "run"
    result = seqlab.run(
        task="regression",
        model="rnn",
        data=str(folder),
        out=run,
        epochs=1,
        options={"task.window": WINDOW, "data.columns.target": "sold"},
    )
    assert any("column 'store': 3 series" in notice for notice in result["notices"])
    ahead = CliRunner().invoke(cli, ["predict", str(run), str(folder), "--steps", "2"])
    assert ahead.exit_code == 0, ahead.output
    assert len(ahead.stdout.splitlines()) == 6
    assert "2024-02-20" in ahead.stdout.splitlines()[0]
