from __future__ import annotations

import gc
import resource
import signal
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import datasets
import pyarrow as pa
import pytest

from seqlab.data.reading import chunks
from seqlab.data.reading.streams import read_stream
from seqlab.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(chunks, "ROWS", 4)
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class WeakRow(dict[str, int]):
    """A row that supports weak references."""


def test_rows_are_read_back_in_order() -> None:
    rows: list[dict[str, object]] = [
        {"text": f"t{n}", "tags": [str(n)] * n, "y": n / 2, "series": (n, 1)} for n in range(9)
    ]
    split = read_stream("test", iter(rows), "mine")
    assert (len(split), split.name, split.origin) == (9, "test", "mine")
    assert [split[n] for n in range(9)] == [{**rows[n], "series": [n, 1]} for n in range(9)]
    assert list(split.column("text")) == [row["text"] for row in rows]


def test_few_rows_are_in_memory_at_a_time() -> None:
    references: list[weakref.ref[WeakRow]] = []
    most = 0

    def rows() -> Iterator[WeakRow]:
        nonlocal most
        for number in range(200):
            row = WeakRow(n=number)
            references.append(weakref.ref(row))
            most = max(most, sum(reference() is not None for reference in references))
            yield row

    gc.collect()
    assert len(read_stream("train", rows(), "mine")) == 200
    assert most <= 10  # two chunks of four rows, the next row and the previous row


def test_memory_use_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS", 100)
    read_stream("train", iter([{"text": "x"}]), "mine")  # imports are not counted
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    split = read_stream("train", ({"text": f"{n}" * 4000} for n in range(2000)), "mine")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, split.column("text"))) > 25e6
    assert most < 6e6
    assert pa.total_allocated_bytes() - before < 3e6


def test_the_file_is_not_visible(cache: Path) -> None:
    split = read_stream("train", ({"n": n} for n in range(9)), "mine")
    assert list(cache.iterdir()) == []
    assert split[8] == {"n": 8}


def test_features_are_preserved() -> None:
    names = datasets.ClassLabel(names=["no", "yes"])
    features = datasets.Features(
        {"y": names, "tags": datasets.List(names), "size": datasets.Value("float32")}
    )
    rows = [{"y": n % 2, "tags": [n % 2, 1], "size": None if n < 6 else n} for n in range(9)]
    stream = datasets.IterableDataset.from_generator(lambda: iter(rows), features=features)
    split = read_stream("train", stream.take(8), "mine")
    assert list(split.column("y")) == ["no", "yes"] * 4
    assert split[0] == {"y": "no", "tags": ["no", "yes"], "size": None}
    assert split[7]["size"] == 7


def test_no_rows_have_no_columns() -> None:
    split = read_stream("train", iter(()), "mine")
    assert (len(split), split.column_names) == (0, [])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda n: 0.5 if n == 6 else n, "row 7 has 0.5 in .*: double instead of int64"),
        (lambda n: "x" if n == 2 else n, "row 3 has 'x' in column 'a', which does not fit the"),
        (lambda n: n if n == 7 else f"{n}", "row 8 has 7 in"),
        (lambda n: ["x"] if n == 7 else [n], r"row 8 has \['x'\] in"),
        (lambda n: "x" if n > 4 else None, "row 6 has 'x' in .*: string instead of null"),
        (lambda n: object(), "row 1 has <object"),
        (lambda n: "\ud800" if n == 1 else "x", r"row 2 has '\\ud800' in"),
    ],
)
def test_a_value_of_another_type_is_reported(value: Callable[[int], object], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read_stream("train", ({"a": value(n), "b": 1} for n in range(9)), "mine")
    assert caught.value.location == "mine, train, column 'a'"


def test_integers_and_missing_values_fit_real_numbers() -> None:
    values = [0.5, 1, 2, 3, 4, 5, None]
    split = read_stream("train", ({"y": value} for value in values), "mine")
    assert list(split.column("y")) == values
    assert [type(value) for value in split.column("y")] == [float] * 6 + [type(None)]


def test_different_columns_are_an_error() -> None:
    with pytest.raises(UserError, match=r"row 6 has the columns \['b'\], the first \['a'\]"):
        read_stream("train", ({"a" if n < 5 else "b": n} for n in range(9)), "mine")
    with pytest.raises(UserError, match="from rows of str"):
        read_stream("train", iter("ab"), "mine")


@pytest.mark.parametrize(
    ("count", "location"),
    [(5, "mine, train, after row 5"), (0, "mine, train, before its first row")],
)
def test_an_error_of_the_iterator_is_reported(cache: Path, count: int, location: str) -> None:
    def rows() -> Iterator[dict[str, int]]:
        for n in range(count):
            yield {"n": n}
        raise ConnectionError("connection lost")

    with pytest.raises(UserError, match="ConnectionError: connection lost") as caught:
        read_stream("train", rows(), "mine")
    assert caught.value.location == location
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UserError("a message")])
def test_some_errors_are_passed_on(error: BaseException) -> None:
    def rows() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        raise error

    with pytest.raises(type(error)) as caught:
        read_stream("train", rows(), "mine")
    assert caught.value is error


def test_a_full_disk_is_reported(cache: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        with pytest.raises(UserError, match="no room for the rows: File too large") as caught:
            read_stream("train", ({"text": "x" * 100} for _ in range(9999)), "mine")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.location == str(cache)
    assert list(cache.iterdir()) == []
