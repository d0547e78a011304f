"""A finished run reads numbers as its training did."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab.inference.predictor import Predictor

SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}


def write(path: Path, values: Sequence[str]) -> Path:
    path.write_text("text;target\n" + "".join(f"w{i % 5};{v}\n" for i, v in enumerate(values)))
    return path


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A run on numbers such as 1.135,5."""
    folder = tmp_path_factory.mktemp("grouped")
    data = write(folder / "train.csv", [f"1.{100 + 7 * i},5" for i in range(60)])
    columns = {"data.columns.sequence": "text", "tokenizer.name": "word"}
    seqlab.run(
        task="regression",
        model="rnn",
        data=data,
        out=folder / "run",
        options={**SMALL, **columns},
        smoke=True,
    )
    return seqlab.load(folder / "run")


def targets(predictor: Predictor, path: Path, **options: str) -> list[float]:
    report = predictor.errors(data=path, options=options, top=100)
    return sorted(float(error["target"]) for error in report["worst"])


def test_a_number_that_is_another_in_plain_notation(grouped: Predictor, tmp_path: Path) -> None:
    path = write(tmp_path / "new.csv", [f"1.{135 + i}" for i in range(6)])
    assert targets(grouped, path) == pytest.approx([1135.0 + i for i in range(6)], abs=0.01)


def test_an_option_comes_before_the_format_of_the_run(grouped: Predictor, tmp_path: Path) -> None:
    path = write(tmp_path / "new.csv", [f"1.{135 + i}" for i in range(6)])
    assert targets(grouped, path, **{"data.decimal": "."})[0] == pytest.approx(1.135, abs=0.01)


def test_another_notation_is_said(
    grouped: Predictor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "new.csv", [f"{1135 + i}.25" for i in range(6)])
    assert targets(grouped, path)[0] == pytest.approx(1135.25, abs=0.01)
    said = capsys.readouterr().err + capsys.readouterr().out
    assert "numbers are written in another way than in training" in said


def test_rows_to_predict(grouped: Predictor) -> None:
    (record,) = grouped.predict([{"text": "w1", "target": "1.135"}])
    assert record["target"] in (1135.0, "1.135")


def test_what_is_read_from_the_cache_knows_the_format(tmp_path: Path) -> None:
    data = write(tmp_path / "train.csv", [f"1.{100 + 7 * i},5" for i in range(60)])
    columns = {"data.columns.sequence": "text", "tokenizer.name": "word"}
    for name in ("first", "second"):
        seqlab.run(
            task="regression",
            model="rnn",
            data=data,
            out=tmp_path / name,
            options={**SMALL, **columns},
        )
        saved = json.loads((tmp_path / name / "fitted.json").read_text())
        assert saved["numbers"]["target"] == {"decimal": ",", "thousands": "."}
