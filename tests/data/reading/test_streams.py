from __future__ import annotations

import gc
import resource
import signal
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


class Row(dict[str, Any]):
    """A row that can be seen to be alive."""


def test_rows_come_back_in_their_order() -> None:
    rows: list[dict[str, Any]] = [
        {"text": f"t{n}", "tags": [str(n)] * n, "y": n / 2, "series": (n, 1)} for n in range(9)
    ]
    split = read_stream("test", iter(rows), "mine")
    assert (len(split), split.name, split.origin) == (9, "test", "mine")
    assert [split[n] for n in range(9)] == [{**row, "series": list(row["series"])} for row in rows]
    assert list(split.column("text")) == [row["text"] for row in rows]


def test_few_rows_are_in_memory_at_a_time() -> None:
    seen: list[weakref.ref[Row]] = []
    most = 0

    def rows() -> Iterator[Row]:
        nonlocal most
        for number in range(200):
            row = Row(n=number)
            seen.append(weakref.ref(row))
            most = max(most, sum(each() is not None for each in seen))
            yield row

    gc.collect()
    assert len(read_stream("train", rows(), "mine")) == 200
    assert most <= 10  # four that are written, four that wait, one that comes and one that went


def test_memory_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS", 100)
    read_stream("train", iter([{"text": "x"}]), "mine")  # what is imported is none of its memory
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    split = read_stream("train", ({"text": f"{n}" * 4000} for n in range(2000)), "mine")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, split.column("text"))) > 25e6
    assert most < 6e6
    assert pa.total_allocated_bytes() - before < 3e6


def test_nobody_sees_the_file_and_nothing_is_left(cache: Path) -> None:
    split = read_stream("train", ({"n": n} for n in range(9)), "mine")
    assert list(cache.iterdir()) == []
    assert split[8] == {"n": 8}


def test_features_are_kept() -> None:
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
    ("value", "said"),
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
def test_a_value_that_does_not_fit_is_named(value: Callable[[int], Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read_stream("train", ({"a": value(n), "b": 1} for n in range(9)), "mine")
    assert caught.value.location == "mine, train, column 'a'"


def test_integers_and_gaps_fit_other_numbers() -> None:
    values = [0.5, 1, 2, 3, 4, 5, None]
    split = read_stream("train", ({"y": value} for value in values), "mine")
    assert list(split.column("y")) == values
    assert [type(value) for value in split.column("y")] == [float] * 6 + [type(None)]


def test_other_columns_are_refused() -> None:
    with pytest.raises(UserError, match=r"row 6 has the columns \['b'\], the first \['a'\]"):
        read_stream("train", ({"a" if n < 5 else "b": n} for n in range(9)), "mine")
    with pytest.raises(UserError, match="from rows of str"):
        read_stream("train", iter("ab"), "mine")


@pytest.mark.parametrize(
    ("count", "location"),
    [(5, "mine, train, after row 5"), (0, "mine, train, before its first row")],
)
def test_rows_that_break_off(cache: Path, count: int, location: str) -> None:
    def rows() -> Iterator[dict[str, int]]:
        for n in range(count):
            yield {"n": n}
        raise ConnectionError("the far end hung up")

    with pytest.raises(UserError, match="ConnectionError: the far end hung up") as caught:
        read_stream("train", rows(), "mine")
    assert caught.value.location == location
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UserError("own words")])
def test_what_needs_no_other_words(error: BaseException) -> None:
    def rows() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        raise error

    with pytest.raises(type(error)) as caught:
        read_stream("train", rows(), "mine")
    assert caught.value is error


def test_a_full_disk_is_named(cache: Path) -> None:
    sizes = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, sizes[1]))
        with pytest.raises(UserError, match="no room for the rows: File too large") as caught:
            read_stream("train", ({"text": "x" * 100} for _ in range(9999)), "mine")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, sizes)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.location == str(cache)
    assert list(cache.iterdir()) == []
