from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.arrow_table import HEAD, ArrowTable
from seqlab.data.reading.arrow import files as arrow_files
from seqlab.data.reading.arrow.files import read_arrow_files
from seqlab.data.reading.arrow.mapped_tables import spilled
from seqlab.data.split import Split
from seqlab.errors import UserError


def parquet(path: Path, columns: dict[str, Any] | pa.Table) -> Path:
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path)
    return path


def test_declared_types_and_missing_values(tmp_path: Path) -> None:
    days = [datetime.date(2024, 1, 1), None]
    columns = {
        "text": pa.array(["2024-01-01", None]),
        "label": pa.array([1, None], pa.int8()),
        "category": pa.array(["a", "b"]).dictionary_encode(),
        "score": pa.array([1.0, 2.5]),
        "day": pa.array(days),
        "words": pa.array([["a", "b"], []]),
        "flag": pa.array([True, None]),
    }
    table = read_arrow_files([parquet(tmp_path / "a.parquet", columns)], "parquet")
    assert table[0] == {
        "text": "2024-01-01",
        "label": 1,
        "category": "a",
        "score": 1.0,
        "day": days[0],
        "words": ["a", "b"],
        "flag": True,
    }
    assert table[0:2]["label"] == [1, None]
    assert table[0:2]["text"] == ["2024-01-01", None]


def test_only_the_columns_that_are_read_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "a.parquet", {"text": ["a"] * 5000, "picture": [b"x"] * 5000})
    decoded: list[tuple[str, ...]] = []

    def watched(schema: pa.Schema, batches: Any) -> pa.Table:
        decoded.append(tuple(schema.names))
        return spilled(schema, batches)

    monkeypatch.setattr(arrow_files, "spilled", watched)
    split = Split("train", read_arrow_files([path], "parquet"), "a")
    assert (len(split), split.column_names) == (5000, ["text", "picture"])
    assert split.sample(100)["picture"] == [b"x"] * 100
    assert decoded == []
    assert sum(1 for _ in split.column("text")) == 5000
    assert sum(1 for _ in split.column("text")) == 5000
    assert decoded == [("text",)]


def test_pictures_are_not_decoded(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features({"text": datasets.Value("string"), "image": datasets.Image()})
    rows = {"text": ["a"], "image": [{"bytes": b"not a picture", "path": None}]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "a.parquet")
    table = read_arrow_files([tmp_path / "a.parquet"], "parquet")
    assert table[0]["image"]["bytes"] == b"not a picture"


def test_names_of_classes(tmp_path: Path) -> None:
    import datasets

    label = datasets.ClassLabel(names=["neg", "pos"])
    features = datasets.Features({"label": label, "tags": [label], "more": datasets.List(label)})
    rows = {"label": [1, -1], "tags": [[0, 1], []], "more": [[1], [0]]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "a.parquet")
    split = Split("train", read_arrow_files([tmp_path / "a.parquet"], "parquet"), "a")
    assert split[0] == {"label": "pos", "tags": ["neg", "pos"], "more": ["pos"]}
    assert list(split.select_columns(["label"]).column("label")) == ["pos", None]


def test_row_labels_of_pandas_are_no_column(tmp_path: Path) -> None:
    """A filtered frame keeps the labels of its rows, which are no data."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["a", "b", "c"]}).iloc[[0, 2]]
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_arrow_files([tmp_path / "a.parquet"], "parquet")
    assert table[0:2] == {"text": ["a", "c"]}


@pytest.mark.parametrize("compression", [None, "lz4"])
def test_both_formats_of_arrow(tmp_path: Path, compression: str | None) -> None:
    table = pa.table({"text": ["a", "b"], "label": [1, 2]})
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(str(tmp_path / "s.arrow"), table.schema, options=options) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(str(tmp_path / "f.arrow"), table.schema, options=options) as writer:
        writer.write_table(table)
    files = [tmp_path / "s.arrow", tmp_path / "f.arrow"]
    assert read_arrow_files(files, "arrow")[0:4]["text"] == ["a", "b", "a", "b"]


def test_files_of_one_split_may_differ_in_order_and_size_of_numbers(tmp_path: Path) -> None:
    first = parquet(tmp_path / "1.parquet", {"a": pa.array([1], pa.int32()), "b": ["x"]})
    second = parquet(tmp_path / "2.parquet", {"b": pa.array(["y"], pa.large_string()), "a": [2.5]})
    third = parquet(tmp_path / "3.parquet", {"a": pa.nulls(1), "b": ["z"]})
    table = read_arrow_files([first, second, third], "parquet")
    assert table[0:3] == {"a": [1, 2.5, None], "b": ["x", "y", "z"]}


def test_a_file_with_other_columns_is_named(tmp_path: Path) -> None:
    first = parquet(tmp_path / "1.parquet", {"text": ["x"], "label": [1]})
    second = parquet(tmp_path / "2.parquet", {"text": ["x"], "stars": [1], "id": [2]})
    with pytest.raises(UserError) as caught:
        read_arrow_files([first, second], "parquet")
    assert caught.value.cause == (
        "the files do not fit together: 2.parquet lacks 'label' and has 'stars', 'id', "
        "compared with 1.parquet"
    )
    assert caught.value.location == str(second)
    second = parquet(tmp_path / "2.parquet", {"text": [7], "label": [1]})
    with pytest.raises(UserError, match=r"'text' holds int64 in 2.parquet, string in 1.parquet"):
        read_arrow_files([first, second], "parquet")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"text": ["x"]})
    table = read_arrow_files([path], "parquet")
    parquet(path, {"text": ["y", "z"]})
    with pytest.raises(UserError, match="has changed while it was read"):
        table[0]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (b"PAR1" + b"\0" * 100, b"ARROW1" * 20, b"x"):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"the file cannot be read: .") as caught:
            read_arrow_files([path], path.suffix[1:])
        assert caught.value.location == str(path)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", pa.Table.from_arrays([[1], [2]], names=["a", "a"]))
    with pytest.raises(UserError, match="two columns have the name 'a'"):
        read_arrow_files([path], "parquet")


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.lists(st.integers(0, 10**6), max_size=30),
    st.data(),
)
def test_rows_in_any_order(sizes: list[int], picks: list[int], data: st.DataObject) -> None:
    batches = [
        pa.record_batch({"n": list(range(100 * i, 100 * i + n))}) for i, n in enumerate(sizes)
    ]
    table = ArrowTable(_Fixed(pa.Table.from_batches(batches)))
    expected = [100 * i + row for i, n in enumerate(sizes) for row in range(n)]
    assert [table[row]["n"] for row in range(len(expected))] == expected
    rows = np.array([pick % len(expected) for pick in picks], np.int64)
    chosen = table.select(rows)
    first = data.draw(st.integers(0, len(rows)))
    last = data.draw(st.integers(0, len(rows)))
    assert chosen[first:last]["n"] == [expected[row] for row in rows][first:last]
    twice = chosen.select(np.arange(len(rows))[::-1])
    assert twice[0 : len(rows)]["n"] == [expected[row] for row in rows][::-1]
    assert chosen.arrow().column("n").to_pylist() == [expected[row] for row in rows]


class _Fixed:
    def __init__(self, table: pa.Table) -> None:
        self.table, self.names, self.count = table, table.column_names, table.num_rows
        self.class_names: dict[str, Sequence[str]] = {}

    def head(self, names: Sequence[str], size: int) -> pa.Table:
        return self.table.select(names).slice(0, size)

    def columns(self, names: Sequence[str]) -> pa.Table:
        return self.table.select(names)


def test_real_parquet(shared_data: Path) -> None:
    table = read_arrow_files([shared_data / "imdb" / "train.parquet"], "parquet")
    assert len(table) == 25_000 > HEAD
    assert len(table[0:3]["text"]) == 3
    assert sum(table.select_columns(["label"])[0:25_000]["label"]) == 12_500
