"""Files replaced under the same name and time, as archives and copies do: nothing is stale."""

from __future__ import annotations

import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab.prepare.commands.check import check_data
from seqlab.prepare.commands.show import show_data

TIME = (1_577_836_800, 1_577_836_800)
SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}
Rows = list[tuple[str, str]]

FIRST: Rows = [(f"x {i}", "ab"[i % 2]) for i in range(30)]
SECOND: Rows = [(f"y {i}", "no" if i % 2 else "yes") for i in range(50)]
SAME_SIZE: Rows = [(f"y {i}", "ab"[i % 2]) for i in range(30)]


def table(rows: Rows, separator: str = ",") -> str:
    return "".join(separator.join(row) + "\n" for row in [("text", "label"), *rows])


def records(rows: Rows) -> list[dict[str, str]]:
    return [{"text": text, "label": label} for text, label in rows]


def write_parquet(path: Path, rows: Rows) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(records(rows)), path)


WRITERS: dict[str, Callable[[Path, Rows], object]] = {
    "data.csv": lambda path, rows: path.write_text(table(rows)),
    "data.tsv": lambda path, rows: path.write_text(table(rows, "\t")),
    "data.csv.gz": lambda path, rows: path.write_bytes(gzip.compress(table(rows).encode())),
    "data.csv.xz": lambda path, rows: path.write_bytes(lzma.compress(table(rows).encode())),
    "data.json": lambda path, rows: path.write_text(json.dumps(records(rows))),
    "data.jsonl": lambda path, rows: path.write_text(
        "".join(json.dumps(record) + "\n" for record in records(rows))
    ),
    "data.parquet": write_parquet,
    "folder/train.csv": lambda path, rows: path.write_text(table(rows)),
}


def put(path: Path, write: Callable[[Path, Rows], object], rows: Rows) -> Path:
    path.parent.mkdir(exist_ok=True)
    write(path, rows)
    os.utime(path, TIME)
    return path if path.parent.name != "folder" else path.parent


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("rows", [SECOND, SAME_SIZE])
def test_a_replaced_file_is_read_again(tmp_path: Path, name: str, rows: Rows) -> None:
    data = str(put(tmp_path / name, WRITERS[name], FIRST))
    assert show_data(data, task="classify")["splits"]["train"]["rows"] == 30
    assert check_data(data, task="classify")["rows"]["train"] == 24
    put(tmp_path / name, WRITERS[name], rows)
    shown = show_data(data, task="classify")
    assert shown["splits"]["train"]["rows"] == len(rows)
    assert shown["columns"]["text"]["example"] == "y 0"
    labels = shown["splits"]["train"]["columns"]["label"]["labels"]
    assert labels.keys() == {label for _, label in rows}
    assert sum(check_data(data, task="classify")["rows"].values()) == len(rows)


@pytest.mark.parametrize("name", ["data.csv", "data.jsonl", "data.parquet", "folder/train.csv"])
@pytest.mark.parametrize("rows", [SECOND, SAME_SIZE])
def test_a_run_trains_on_what_the_file_holds(tmp_path: Path, name: str, rows: Rows) -> None:
    data = str(put(tmp_path / name, WRITERS[name], FIRST))
    arguments: dict[str, Any] = {
        "task": "classify",
        "model": "rnn",
        "epochs": 1,
        "options": SMALL,
    }
    first = seqlab.run(**arguments, data=data, out=tmp_path / "first")
    put(tmp_path / name, WRITERS[name], rows)
    second = seqlab.run(**arguments, data=data, out=tmp_path / "second")
    assert sum(split["examples"] for split in second["data"].values()) == len(rows)
    assert second["data_fingerprint"] != first["data_fingerprint"] or rows == SAME_SIZE
    vocabulary = (tmp_path / "second" / "tokenizers" / "text.json").read_text()
    assert '"y"' in vocabulary
    assert '"x"' not in vocabulary
    with pytest.raises(seqlab.UserError, match="the data have changed"):
        seqlab.load(tmp_path / "first").evaluate()


def test_nothing_is_kept_outside_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No library keeps copies of its own of what it read."""
    home = tmp_path / "home"
    home.mkdir()
    for variable in ("HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_DATASETS_CACHE"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("SEQLAB_CACHE", "off")
    for name, write in WRITERS.items():
        data = str(put(tmp_path / name, write, FIRST))
        seqlab.run(
            task="classify", model="rnn", data=data, smoke=True, out=tmp_path / f"run-{name}"
        )
    assert list(home.iterdir()) == []
