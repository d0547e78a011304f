"""What comes after the end of a series, from the table that was trained on."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seqlab
from seqlab import UserError
from seqlab.cli import cli

OPTIONS = {"model.hidden_size": 4, "task.window": 6, "train.batch_size": 64}
Rows = list[dict[str, Any]]


def train(folder: Path, rows: Rows | Path, **options: object) -> seqlab.Predictor:
    names = {name.replace("__", "."): value for name, value in options.items()}
    seqlab.run(
        task="regression",
        model="rnn",
        data=rows,
        epochs=1,
        options={**OPTIONS, **names},
        out=folder / "run",
    )
    return seqlab.load(folder / "run")


def table(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def series(count: int = 60, month: bool = False) -> Rows:
    start = date(2024, 1, 5)
    return [
        {
            "date": f"{2020 + at // 12}-{at % 12 + 1:02}"
            if month
            else (start + timedelta(days=at)).isoformat(),
            "value": float(at % 7),
        }
        for at in range(count)
    ]


def typed(rows: Rows, name: str = "value", window: int = 6) -> str:
    return " ".join(str(row[name]) for row in rows[-window:])


def command(*arguments: str | Path) -> list[str]:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_the_file_of_the_training_is_continued(tmp_path: Path) -> None:
    rows = [{"day": at, "value": at % 7} for at in range(200)]
    file = table(tmp_path / "series.csv", rows)
    predictor = train(tmp_path, file)
    (expected,) = predictor.predict([typed(rows)])
    assert predictor.forecast(file) == [{"day": 200, "predicted": expected["predicted"]}]
    line = f"{expected['predicted']:.6g}\t200"
    assert command("predict", tmp_path / "run", "--input", file) == [line]
    assert command("predict", tmp_path / "run", file) == [line]


def test_the_order_of_the_file_does_not_matter(tmp_path: Path) -> None:
    rows = series()
    predictor = train(tmp_path, rows)
    expected = predictor.forecast(rows, 3)
    assert [record["date"] for record in expected] == ["2024-03-05", "2024-03-06", "2024-03-07"]
    assert predictor.forecast(rows[::-1], 3) == expected
    assert predictor.forecast(random.Random(0).sample(rows, len(rows)), 3) == expected


def test_later_steps_are_predicted_from_those_before(tmp_path: Path) -> None:
    rows = series()
    predictor = train(tmp_path, rows)
    values = [row["value"] for row in rows]
    for record in predictor.forecast(rows, 4):
        (one,) = predictor.predict([" ".join(map(str, values[-6:]))])
        assert record["predicted"] == pytest.approx(one["predicted"], abs=1e-6)
        values.append(one["predicted"])


@pytest.mark.parametrize("steps", [None, 1, 2, 3, 4, 7])
def test_a_horizon_of_several_steps(tmp_path: Path, steps: int | None) -> None:
    rows = series()
    predictor = train(tmp_path, rows, task__horizon=3)
    (first,) = predictor.predict([typed(rows)])
    records = predictor.forecast(rows, steps)
    assert len(records) == (steps or 3)
    predicted = [record["predicted"] for record in records]
    assert predicted[:3] == first["predicted"][: len(predicted[:3])]


def test_each_series_of_a_table_is_continued(tmp_path: Path) -> None:
    rows = [
        {"store": name, **row, "value": row["value"] + 100 * number}
        for number, name in enumerate("ab")
        for row in series(50 + number)
    ]
    predictor = train(tmp_path, rows)
    records = predictor.forecast(random.Random(0).sample(rows, len(rows)), 2)
    assert [(record["store"], record["date"]) for record in records] == [
        ("a", "2024-02-24"),
        ("a", "2024-02-25"),
        ("b", "2024-02-25"),
        ("b", "2024-02-26"),
    ]
    (expected,) = predictor.predict([typed(rows)])
    assert records[2]["predicted"] == pytest.approx(expected["predicted"])


def test_months_go_on_as_months(tmp_path: Path) -> None:
    rows = series(month=True)
    records = train(tmp_path, rows).forecast(rows, 3)
    assert [record["date"] for record in records] == ["2025-01", "2025-02", "2025-03"]


def test_all_rows_of_a_table_with_splits_are_known(tmp_path: Path) -> None:
    rows = [{**row, "part": "train" if at < 50 else "test"} for at, row in enumerate(series())]
    predictor = train(tmp_path, rows)
    (record,) = predictor.forecast(rows)
    (expected,) = predictor.predict([typed(rows)])
    assert record == {"date": "2024-03-05", "predicted": expected["predicted"]}


def test_rows_without_times_are_counted(tmp_path: Path) -> None:
    rows = [{"value": row["value"]} for row in series()]
    records = train(tmp_path, rows).forecast(rows, 2)
    assert [record["step"] for record in records] == [1, 2]


def test_the_options_of_the_run_count(tmp_path: Path) -> None:
    rows = [{"plant": "ab"[at % 2], **row} for row in series() for at in range(2)]
    predictor = train(tmp_path, rows, data__columns={"group": "plant"})
    assert [record["plant"] for record in predictor.forecast(rows)] == ["a", "b"]


def test_options_of_the_table(tmp_path: Path) -> None:
    predictor = train(tmp_path, series())
    rows = [{"sold": row["value"], "plant": "a", "when": row["date"]} for row in series()]
    rows += [{**row, "plant": "b"} for row in rows]
    file = table(tmp_path / "new.csv", rows)
    with pytest.raises(UserError, match="have the time of an earlier row") as raised:
        predictor.forecast(file)
    assert "-o data.columns.group=plant" in raised.value.remedy
    lines = command(
        "predict", tmp_path / "run", file, "-o", "data.columns.group=plant", "--steps", "2"
    )
    assert [line.split("\t")[1:] for line in lines] == [
        ["a", "2024-03-05"],
        ["a", "2024-03-06"],
        ["b", "2024-03-05"],
        ["b", "2024-03-06"],
    ]


def test_gaps(tmp_path: Path) -> None:
    rows = series()
    predictor = train(tmp_path, rows)
    gap: Rows = [*rows]
    gap[55] = {**gap[55], "value": None}
    with pytest.raises(UserError, match="row 56 lacks a target") as raised:
        predictor.forecast(gap)
    assert "-o data.faulty=drop" in raised.value.remedy
    (record,) = predictor.forecast(gap, options={"data.faulty": "drop"})
    (expected,) = predictor.predict([typed(rows, window=4)])  # only what follows the gap
    assert record == {"date": "2024-03-05", "predicted": expected["predicted"]}


def test_features_are_not_known_for_the_future(tmp_path: Path) -> None:
    rows = [{**row, "load": float(at)} for at, row in enumerate(series())]
    predictor = train(tmp_path, rows, task__horizon=2, task__features=["load"])
    assert len(predictor.forecast(rows)) == 2
    with pytest.raises(UserError, match="more than 2 steps need load of the future") as raised:
        predictor.forecast(rows, 3)
    assert "ask for 2 steps at most" in raised.value.remedy
    assert len(predictor.forecast(rows, 2)) == 2


def test_series_so_far_are_continued(tmp_path: Path) -> None:
    rows = series()
    predictor = train(tmp_path, rows)
    expected = [record["predicted"] for record in predictor.forecast(rows, 3)]
    (record,) = predictor.forecast([typed(rows)], 3)
    assert record["predicted"] == pytest.approx(expected)
    (one,) = predictor.forecast([{"value": [row["value"] for row in rows]}], 3)
    assert one["predicted"] == pytest.approx(expected)
    lines = command("predict", tmp_path / "run", typed(rows), "--steps", "3", "--json")
    assert json.loads(lines[0])["predicted"] == pytest.approx(expected)
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps({"value": [row["value"] for row in rows]}) + "\n")
    (line,) = command("predict", tmp_path / "run", "--input", file, "--json")
    assert json.loads(line)["predicted"] == pytest.approx(expected[0])


def test_other_tasks_have_no_steps(tmp_path: Path) -> None:
    rows = [{"text": f"so {at % 3}", "label": at % 2} for at in range(40)]
    seqlab.run(task="classify", model="rnn", data=rows, smoke=True, out=tmp_path / "run")
    predictor = seqlab.load(tmp_path / "run")
    with pytest.raises(UserError, match="the task 'classify' does not predict the steps"):
        predictor.forecast(rows)
    result = CliRunner().invoke(cli, ["predict", str(tmp_path / "run"), "so 1", "--steps", "2"])
    assert result.exit_code == 2
    assert "leave it out" in result.stderr
    assert len(command("predict", tmp_path / "run", "so 1")) == 1


def test_a_file_of_texts_is_read_as_input(tmp_path: Path) -> None:
    rows = [{"text": f"so {at % 3}", "label": at % 2} for at in range(40)]
    seqlab.run(task="classify", model="rnn", data=rows, smoke=True, out=tmp_path / "run")
    file = tmp_path / "new.txt"
    file.write_text("so 1\nso 2\n")
    assert len(command("predict", tmp_path / "run", file)) == 2


def test_passengers(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "airline" / "AirPassengers.csv"
    records = train(tmp_path, file).forecast(file, 14)
    assert [record["Month"] for record in records[::12]] == ["1961-01", "1962-01"]
    assert all(isinstance(record["predicted"], float) for record in records)


def test_dates_that_only_the_option_tells_apart(tmp_path: Path) -> None:
    draw = random.Random(1)
    rows = [
        {"date": f"{draw.randint(1, 12):02}/{draw.randint(1, 12):02}/{1950 + at}", "value": at % 5}
        for at in range(60)
    ]
    with pytest.raises(UserError, match="day or with the month first"):
        train(tmp_path, random.Random(0).sample(rows, len(rows)))
    predictor = train(tmp_path, rows[::-1], data__day_first=True)
    assert len(predictor.forecast(rows, 2)) == 2


def test_a_date_and_an_hour_go_on(tmp_path: Path) -> None:
    start = date(2024, 1, 13)
    rows = [
        {
            "date": f"{start + timedelta(days=at // 24):%d.%m.%Y}",
            "hour": at % 24,
            "value": float(at % 5),
        }
        for at in range(95)
    ]
    records = train(tmp_path, rows).forecast(rows, 2)
    assert [(record["date"], record["hour"]) for record in records] == [
        ("16.01.2024", 23),
        ("17.01.2024", 0),
    ]


def test_the_column_of_the_run_is_read_however_it_is_typed(tmp_path: Path) -> None:
    rows = [{"day": at, "sold": float(at % 7)} for at in range(80)]
    predictor = train(tmp_path, rows)
    other = [{"day": row["day"], "Sold ": row["sold"], "x": 1.0} for row in rows]
    assert predictor.forecast(other, 2) == predictor.forecast(rows, 2)
