"""Series and single texts that have changed since a run: never silently other values."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab import UserError

SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}
VALUES = [round(math.sin(i / 5) + random.Random(i).random(), 4) for i in range(400)]
KNOWN = VALUES[:300]
WORDS = ["the", "lamp", "works", "we", "like", "to", "read", "in", "its", "light", "night"]


def text_of(seed: int, length: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def write(path: Path, values: list[float]) -> Path:
    path.write_text("value\n" + "".join(f"{value}\n" for value in values))
    return path


def same_as_in_the_run(run: Path) -> bool:
    result = json.loads((run / "result.json").read_text())
    metrics = seqlab.load(run).evaluate()
    return all(metrics[name] == value for name, value in result["metrics"]["test"].items())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    data = write(folder / "series.csv", KNOWN)
    seqlab.run(
        task="regression", model="rnn", epochs=1, data=data, options=SMALL, out=folder / "run"
    )
    return folder


@pytest.fixture
def series(trained: Path) -> Iterator[Path]:
    """The folder of the series and the run; the series is restored afterwards."""
    yield trained
    write(trained / "series.csv", KNOWN)


def replaced(values: list[float], index: int) -> list[float]:
    return [9.0 if i == index else value for i, value in enumerate(values)]


CHANGES: dict[str, Callable[[list[float]], list[float]]] = {
    "grown": lambda values: VALUES,
    "a step at the start": lambda values: [1.5, *values],
    "a step less": lambda values: values[:-1],
    "reversed": lambda values: values[::-1],
    "a value of training": lambda values: replaced(values, 5),
    "the last value before the test rows": lambda values: replaced(values, 239),
    "a value of the test rows": lambda values: replaced(values, 290),
    "another series": lambda values: [value + 0.5 for value in values],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_series_is_refused(series: Path, change: str) -> None:
    """The windows of the test rows begin in the rows before."""
    assert same_as_in_the_run(series / "run")
    write(series / "series.csv", CHANGES[change](KNOWN))
    for command in ("evaluate", "errors", "gradients"):
        with pytest.raises(UserError, match="the data have changed") as refusal:
            getattr(seqlab.load(series / "run"), command)()
        assert refusal.value.location == str(series / "series.csv")
    write(series / "series.csv", KNOWN)
    assert same_as_in_the_run(series / "run")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (KNOWN, "210 of 300 rows were trained on by the run: rows 1, 2, 3, 4, 5, …; 30 selected"),
        (VALUES, "210 of 400 rows were trained on by the run: rows 1, 2, 3, 4, 5, …; 30 selected"),
        (VALUES[200:], "10 of 200 rows were trained on by the run: rows 1, 2, 3, 4, 5, …; 30 sel"),
        ([*VALUES[300:], *KNOWN[:100]], "100 of 200 rows were trained on by the run: rows 101, 10"),
        (VALUES[240:], ""),
        (VALUES[300:], ""),
        (KNOWN[::-1], ""),
    ],
)
def test_rows_of_another_series_are_recognized_by_their_surroundings(
    series: Path, values: list[float], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write(series / "other.csv", values)
    seqlab.load(series / "run").evaluate(data=str(other))
    errors = capsys.readouterr().err
    assert message in errors
    assert bool(message) == ("trained on" in errors)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    (folder / "text.txt").write_text(text_of(0, 6000))
    options = {**SMALL, "data.whole": True}
    data = folder / "text.txt"
    seqlab.run(task="chars", model="gru", epochs=1, data=data, options=options, out=folder / "run")
    return folder


@pytest.mark.parametrize("change", ["longer", "shorter", "last word", "another"])
def test_a_changed_text_is_refused(corpus: Path, change: str) -> None:
    text, file = text_of(0, 6000), corpus / "text.txt"
    changed = {
        "longer": text + " and more" * 100,
        "shorter": text[: len(text) // 2],
        "last word": f"{text[:-4]}rain",
        "another": text_of(1, 6000),
    }
    try:
        file.write_text(changed[change])
        with pytest.raises(UserError, match=r"the text of the .*test splits differs") as refusal:
            seqlab.load(corpus / "run").evaluate()
        assert refusal.value.location == str(file)
    finally:
        file.write_text(text)
    assert same_as_in_the_run(corpus / "run")


def test_how_much_of_another_text_was_trained_on(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, predictor = text_of(0, 6000), seqlab.load(corpus / "run")
    for other, expected in (
        (text, "about 9"),
        (text[: len(text) // 2], "about 100 %"),
        (text[: len(text) // 2] + text_of(1, 3000), "about "),
        (text_of(1, 6000), ""),
        (text[int(len(text) * 0.91) :], ""),
    ):
        (corpus / "other.txt").write_text(other)
        capsys.readouterr()
        predictor.evaluate(data=str(corpus / "other.txt"), options={"data.whole": True})
        errors = capsys.readouterr().err
        assert (expected and f"{expected}" in errors) or not errors
        assert errors.count("of the text was trained on by the run") == bool(expected)
