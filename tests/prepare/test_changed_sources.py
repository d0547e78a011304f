"""Data of other kinds that change: registered sources, saved data sets, archives, vocabularies."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab import UserError

SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}
TIME = (1_577_836_800, 1_577_836_800)
SOURCE = """
from pathlib import Path

from seqlab import DataSource, Split, hookimpl


class Growing(DataSource):
    def load(self):
        count = int(Path(r"{count}").read_text())
        rows = [{{"text": f"row {{i}} of {{i * i % 7}}", "label": i * i % 2}} for i in range(count)]
        return {{"train": Split.from_rows("train", rows, "growing")}}

    def fingerprint(self):
        return {fingerprint}


@hookimpl
def register_data(register):
    register("growing", Growing, summary="Rows that a file counts")
"""


def train(data: Any, out: Path, **fields: Any) -> Path:
    seqlab.run(task="classify", model="rnn", epochs=1, data=data, out=out, options=SMALL, **fields)
    return out


def table(rows: range, word: str = "row") -> str:
    return "text,label\n" + "".join(f"{word} {i} of {i * i % 7},{i * i % 2}\n" for i in rows)


@pytest.mark.parametrize("fingerprint", ["None", 'Path(r"{count}").read_text()'])
def test_a_registered_source_with_other_rows(tmp_path: Path, fingerprint: str) -> None:
    count, plugin = tmp_path / "count.txt", tmp_path / "growing.py"
    count.write_text("120")
    values = {"count": count, "fingerprint": fingerprint.format(count=count)}
    plugin.write_text(SOURCE.format(**values))
    folder = train("growing", tmp_path / "run", plugins=[plugin])
    before = seqlab.load(folder, plugins=[plugin]).evaluate()
    assert seqlab.load(folder, plugins=[plugin]).evaluate(data="growing") == before
    count.write_text("180")
    with pytest.raises(UserError, match="180 rows instead of 120") as refusal:
        seqlab.load(folder, plugins=[plugin]).evaluate()
    assert refusal.value.location == "growing"
    count.write_text("120")
    assert seqlab.load(folder, plugins=[plugin]).evaluate() == before


def test_options_of_a_source_give_other_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With other options, a source may hold rows that the model was trained on."""
    options = {**SMALL, "data.rows": 200, "data.seed": 0}
    arguments: dict[str, Any] = {"task": "regression", "model": "gru", "data": "counting"}
    seqlab.run(**arguments, options=options, epochs=1, out=tmp_path / "run")
    capsys.readouterr()
    predictor = seqlab.load(tmp_path / "run")
    predictor.evaluate(data="counting", options={"data.rows": 200}, split="train")
    assert "rows were trained on by the run" in capsys.readouterr().err


def test_a_saved_data_set_that_is_replaced(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    saved = tmp_path / "saved"

    def save(count: int) -> None:
        rows = {"text": [f"row {i}" for i in range(count)], "label": [i % 2 for i in range(count)]}
        datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / f"new-{count}")
        if saved.exists():
            saved.rename(tmp_path / "old")
        (tmp_path / f"new-{count}").rename(saved)
        for file in saved.iterdir():
            os.utime(file, TIME)

    save(120)
    folder = train(saved, tmp_path / "run")
    assert seqlab.load(folder).evaluate()
    save(180)
    with pytest.raises(UserError, match="180 rows instead of 120, 120 of them as before"):
        seqlab.load(folder).evaluate()


def test_an_archive_that_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "data.zip"

    def write(rows: range) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("data.csv"), table(rows))
        os.utime(file, TIME)

    write(range(120))
    folder = train(file, tmp_path / "run")
    assert seqlab.load(folder).evaluate()
    write(range(1, 121))
    with pytest.raises(UserError, match="1 of 120 rows differ"):
        seqlab.load(folder).evaluate()


def test_texts_in_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "reviews"
    for i in range(120):
        file = data / ["bad", "good"][i % 2] / f"{i}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text {i}")
    folder = train(data, tmp_path / "run")
    before = seqlab.load(folder).evaluate()
    (data / "good" / "0.txt").write_text("one more")
    with pytest.raises(UserError, match="121 rows instead of 120, 120 of them as before"):
        seqlab.load(folder).evaluate()
    (data / "good" / "0.txt").unlink()
    (data / "good" / "1.txt").rename(data / "bad" / "1.txt")
    with pytest.raises(UserError, match="1 of 120 rows differ"):
        seqlab.load(folder).evaluate()
    (data / "bad" / "1.txt").rename(data / "good" / "1.txt")
    assert seqlab.load(folder).evaluate() == before
    capsys.readouterr()
    other = tmp_path / "other"
    data.rename(other)
    seqlab.load(folder).evaluate(data=str(other))
    assert "96 of 120 rows were trained on by the run" in capsys.readouterr().err


def test_only_the_label_has_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a table named with --data, rows are the same if their inputs are."""
    file = tmp_path / "rows.csv"
    file.write_text(table(range(120)))
    folder = train(file, tmp_path / "run")
    other = tmp_path / "other.csv"
    other.write_text(table(range(120)).replace(",0\n", ",2\n").replace(",1\n", ",0\n"))
    capsys.readouterr()
    seqlab.load(folder).evaluate(data=str(other))
    assert "96 of 120 rows were trained on by the run" in capsys.readouterr().err


def test_formats_do_not_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(table(range(120)))
    folder = train(file, tmp_path / "run")
    lines = [line.rsplit(",", 1) for line in table(range(120)).splitlines()[1:]]
    copies = {
        "copy.tsv": "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in lines),
        "copy.jsonl": "".join(f'{{"label": {label}, "text": "{text}"}}\n' for text, label in lines),
        "semicolons.csv": "label;text\n" + "".join(f"{label};{text}\n" for text, label in lines),
    }
    for name, content in copies.items():
        (tmp_path / name).write_text(content)
        capsys.readouterr()
        seqlab.load(folder).evaluate(data=str(tmp_path / name))
        assert "96 of 120 rows were trained on by the run" in capsys.readouterr().err
