"""A finished run whose data have changed since: refused, or measured on exactly its rows."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqlab
from seqlab import UserError

Rows = list[tuple[str, str]]
Change = Callable[[Rows], Rows]

SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}
ROWS: Rows = [(f"row {i} of {i * i % 7}", "good" if i * i % 7 > 2 else "bad") for i in range(120)]
GROWN: Rows = [*ROWS, *((f"row {i}", "good") for i in range(120, 180))]
TIME = (1_577_836_800, 1_577_836_800)
"""Of each file, whatever is written to it."""


def write(path: Path, rows: Rows, header: str = "text,label") -> None:
    path.write_text(f"{header}\n" + "".join(f"{text},{label}\n" for text, label in rows))
    os.utime(path, TIME)


def train(data: Any, out: Path, **fields: Any) -> Path:
    options = SMALL | fields.pop("options", {})
    seqlab.run(
        task="classify", model="rnn", epochs=1, data=data, out=out, options=options, **fields
    )
    return out


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("changed")
    write(folder / "rows.csv", ROWS)
    return folder / "rows.csv", train(folder / "rows.csv", folder / "run")


@pytest.fixture
def run(trained: tuple[Path, Path]) -> Iterator[tuple[Path, Path]]:
    """The file and the run; the file is restored afterwards."""
    yield trained
    write(trained[0], ROWS)


def same_as_in_the_run(run: Path) -> bool:
    result = json.loads((run / "result.json").read_text())
    metrics = seqlab.load(run).evaluate()
    return all(metrics[name] == value for name, value in result["metrics"]["test"].items())


def text_changed(rows: Rows) -> Rows:
    return [(text.replace("row 17 ", "line 17 "), label) for text, label in rows]


def label_changed(rows: Rows) -> Rows:
    return [(text, "bad" if text.startswith("row 18 ") else label) for text, label in rows]


CHANGES: dict[str, Change] = {
    "rows at the end": lambda rows: GROWN,
    "a row at the start": lambda rows: [("first", "bad"), *rows],
    "a row less": lambda rows: rows[:-1],
    "another order": lambda rows: rows[::-1],
    "sorted": sorted,
    "two rows exchanged": lambda rows: [rows[1], rows[0], *rows[2:]],
    "each row twice": lambda rows: rows + rows,
    "other rows": lambda rows: [(f"y {i}", label) for i, (_, label) in enumerate(rows)],
    "every text edited": lambda rows: [(f"{text}!", label) for text, label in rows],
    "a text edited": text_changed,
    "a label edited": label_changed,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("cache", ["on", "off"])
def test_a_change_is_refused_or_harmless(
    run: tuple[Path, Path], change: str, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = run
    if cache == "off":
        monkeypatch.setenv("SEQLAB_CACHE", "off")
    assert same_as_in_the_run(folder)
    write(file, CHANGES[change](ROWS))
    try:
        assert same_as_in_the_run(folder)
    except UserError as error:
        assert "the data have changed" in error.cause
        assert error.location == str(file)


@pytest.mark.parametrize("change", ["rows at the end", "another order", "other rows"])
def test_every_command_refuses_and_its_remedy_helps(run: tuple[Path, Path], change: str) -> None:
    file, folder = run
    write(file, CHANGES[change](ROWS))
    predictor = seqlab.load(folder)
    for command in (predictor.evaluate, predictor.errors, predictor.gradients):
        with pytest.raises(UserError, match="the data have changed") as refusal:
            command()
        assert refusal.value.remedy.startswith("restore the data of the run, or name the rows")
    other = file.with_name("other.csv")
    write(other, [(f"other {i}", "good") for i in range(20)])
    assert predictor.evaluate(data=str(other))["accuracy"]
    write(file, ROWS)
    assert same_as_in_the_run(folder)


def test_the_refusal_counts_rows(run: tuple[Path, Path]) -> None:
    file, folder = run
    write(file, GROWN)
    with pytest.raises(UserError) as refusal:
        seqlab.load(folder).evaluate()
    assert "180 rows instead of 120, 120 of them as before" in refusal.value.cause
    assert "of the 18 rows of the test split now, " in refusal.value.cause
    write(file, ROWS[::-1])
    with pytest.raises(UserError, match="the same 120 rows in a different order"):
        seqlab.load(folder).evaluate()
    write(file, CHANGES["every text edited"](ROWS))
    with pytest.raises(UserError, match=r"120 of 120 rows differ.* and 12 are new"):
        seqlab.load(folder).evaluate()


def test_what_the_model_does_not_read_may_change(run: tuple[Path, Path]) -> None:
    file, folder = run
    lines = [f'{i};"{text}";"{label}"'.replace(";", ",") for i, (text, label) in enumerate(ROWS)]
    file.write_text("\n".join(["id,text,label", *lines]) + "\n")
    assert same_as_in_the_run(folder)


@pytest.mark.parametrize("header", ["text,verdict", "comment,label"])
def test_a_column_of_the_run_is_gone(run: tuple[Path, Path], header: str) -> None:
    file, folder = run
    write(file, ROWS, header)
    with pytest.raises(UserError, match=r"the data have changed.* they lack the column") as refusal:
        seqlab.load(folder).evaluate()
    assert refusal.value.location == str(file)
    named = {"text,verdict": {"data.columns.label": "verdict"}}.get(header, {})
    named = named or {"data.columns.text": "comment"}
    assert seqlab.load(folder).evaluate(data=str(file), options=named)


def test_a_copy_is_measured_with_a_finding(
    run: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = run
    copy = file.with_name("copy.csv")
    shutil.copy(file, copy)
    seqlab.load(folder).evaluate(data=str(copy))
    message = capsys.readouterr().err
    assert f"kept: {copy}, train: 96 of 120 rows were trained on by the run: rows " in message
    assert "; 12 selected its best epoch" in message
    kept = [row for row, use in zip(ROWS, uses(folder, ROWS), strict=True) if use == "test"]
    write(copy, kept)  # the remedy: leave them out
    seqlab.load(folder).evaluate(data=str(copy))
    assert capsys.readouterr().err == ""


def uses(folder: Path, rows: Rows) -> list[str]:
    """The split of each row, from the file in the folder of the run."""
    from seqlab.data.checking.hashing import hash_values
    from seqlab.runs.kept_rows import read_rows

    kept = read_rows(folder)
    assert kept is not None
    hashes = hash_values([text for text, _ in rows])
    return [
        next(name for name, split in kept.splits.items() if value in split.inputs)
        for value in hashes
    ]


def test_the_file_of_the_run_may_be_named(
    run: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = run
    own = seqlab.load(folder).evaluate()
    link = file.with_name("link.csv")
    link.symlink_to(file)
    monkeypatch.chdir(file.parent)
    for name in (str(file), "rows.csv", "link.csv"):
        assert seqlab.load(folder).evaluate(data=name) == own
    assert capsys.readouterr().err == ""
    write(file, GROWN)
    for name in (str(file), "rows.csv", "link.csv"):
        seqlab.load(folder).evaluate(data=name)
        first, second = capsys.readouterr().err.splitlines()
        assert first.startswith(f"kept: {file}: the data have changed")
        assert first.endswith("; they are read like any other data")
        assert "96 of 180 rows were trained on by the run" in second


def test_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "first.csv", ROWS)
    write(tmp_path / "second.csv", GROWN)
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "train.csv"
    link.symlink_to(tmp_path / "first.csv")
    folder = train(tmp_path / "folder", tmp_path / "run")
    link.unlink()
    link.symlink_to(tmp_path / "second.csv")
    with pytest.raises(UserError, match="180 rows instead of 120"):
        seqlab.load(folder).evaluate()


def test_a_file_is_added_to_a_folder(tmp_path: Path) -> None:
    data = tmp_path / "data" / "train"
    data.mkdir(parents=True)
    write(data / "a.csv", ROWS)
    folder = train(tmp_path / "data", tmp_path / "run")
    write(data / "b.csv", GROWN[120:])
    with pytest.raises(UserError, match="180 rows instead of 120, 120 of them as before"):
        seqlab.load(folder).evaluate()
    (data / "b.csv").unlink()
    assert same_as_in_the_run(folder)


def test_only_the_training_file_has_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The test split has its own file: the result is still that of the run."""
    data = tmp_path / "data"
    data.mkdir()
    write(data / "train.csv", ROWS)
    write(data / "test.csv", [(f"new {i}", "bad") for i in range(20)])
    folder = train(data, tmp_path / "run")
    write(data / "train.csv", GROWN)
    capsys.readouterr()
    assert same_as_in_the_run(folder)
    assert "the train and validation splits of the run have changed" in capsys.readouterr().err
    write(data / "test.csv", [(f"new {i}", "good") for i in range(20)])
    with pytest.raises(UserError, match=r"20 rows of the test split now, .* and 20 are new"):
        seqlab.load(folder).evaluate()


def test_rows_from_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"text": text, "label": label} for text, label in ROWS]
    folder = train(rows, tmp_path / "run")
    capsys.readouterr()
    seqlab.load(folder).evaluate(data=rows)
    assert "96 of 120 rows were trained on by the run" in capsys.readouterr().err
    tested = [row for row, use in zip(rows, uses(folder, ROWS), strict=True) if use == "test"]
    seqlab.load(folder).evaluate(data={"train": rows, "test": tested})
    assert capsys.readouterr().err == ""


def test_a_run_that_moved(run: tuple[Path, Path], tmp_path: Path) -> None:
    file, folder = run
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    assert same_as_in_the_run(moved)
    write(file, GROWN)
    with pytest.raises(UserError, match="the data have changed"):
        seqlab.load(moved).evaluate()


def test_a_run_of_an_earlier_version(
    run: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = run
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    (old / "rows.safetensors").unlink()
    assert same_as_in_the_run(old)
    assert capsys.readouterr().err == ""
    write(file, GROWN)
    seqlab.load(old).evaluate()
    message = capsys.readouterr().err
    assert "the test split cannot be compared with that of the run" in message
    assert "rows that the model was trained on may be among them" in message
    other = tmp_path / "other.csv"
    write(other, GROWN[150:])
    seqlab.load(old).evaluate(data=str(other))
    assert "it cannot be said whether the run was trained on these rows" in capsys.readouterr().err
    seqlab.load(folder).evaluate(data=str(other))  # the remedy: train again
    assert capsys.readouterr().err == ""


def test_damaged_rows(run: tuple[Path, Path], tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(run[1], tmp_path / "damaged"))
    rows = damaged / "rows.safetensors"
    rows.write_bytes(rows.read_bytes()[:-3])
    with pytest.raises(UserError, match="the rows of the run cannot be read") as refusal:
        seqlab.load(damaged).evaluate()
    assert refusal.value.location == str(rows)
    rows.unlink()  # the remedy
    assert same_as_in_the_run(damaged)


def test_another_seqlab_encodes_otherwise(
    run: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = Path(shutil.copytree(run[1], tmp_path / "changed"))
    provenance = json.loads((changed / "provenance.json").read_text())
    provenance["data"]["test"] = "0123456789abcdef"
    (changed / "provenance.json").write_text(json.dumps(provenance))
    seqlab.load(changed).evaluate()
    assert "the rows are those of the run, but they are encoded differently" in (
        capsys.readouterr().err
    )


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_edits_are_noticed_or_harmless(run: tuple[Path, Path], data: st.DataObject) -> None:
    file, folder = run
    rows = list(ROWS)
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(rows) - 1))
        match data.draw(st.sampled_from(["delete", "insert", "text", "label", "swap"])):
            case "delete":
                del rows[index]
            case "insert":
                rows.insert(index, data.draw(st.sampled_from([*ROWS, ("new", "bad")])))
            case "text":
                rows[index] = (data.draw(st.sampled_from(["row", "x", "1 of 3"])), rows[index][1])
            case "label":
                rows[index] = (rows[index][0], data.draw(st.sampled_from(["good", "bad"])))
            case _:
                other = data.draw(st.integers(0, len(rows) - 1))
                rows[index], rows[other] = rows[other], rows[index]
    write(file, rows)
    try:
        assert same_as_in_the_run(folder)
    except UserError as error:
        assert "the data have changed" in error.cause
