"""Hashes by which rows are recognised later, in other processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.checking.hashing import RowHashes, combine, hash_values
from seqlab.data.text_files.long_text import open_long

VALUES = st.recursive(
    st.text() | st.integers(-(2**60), 2**60) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


def test_another_process_has_the_same_hashes() -> None:
    """Python's own hash of a text is drawn anew for each process."""
    code = (
        "from seqlab.data.checking.hashing import hash_values;"
        "print(hash_values(['Straße', 3.0, ['a', 'b'], [1, 2.5], None]).tolist())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    values = ["Straße", 3.0, ["a", "b"], [1, 2.5], None]
    assert outputs == {f"{hash_values(values).tolist()}\n"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 1.0),
        (1, "1"),
        (np.int64(7), 7),
        (np.float64(2.5), 2.5),
        ([1, 2], [1.0, 2.0]),
        ([1.5, 2.0], np.array([1.5, 2.0])),
        ([1, 2], np.array([1, 2], np.int32)),
        ([[1, 2], [3, 4]], np.array([[1.0, 2.0], [3.0, 4.0]])),
        (("a", "b"), ["a", "b"]),
        (-0.0, 0.0),
        ([-0.0], [0]),
        ([], ()),
        ([], np.zeros(0)),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    ],
)
def test_equal_values_of_other_types(first: Any, second: Any) -> None:
    assert hash_values([first]) == hash_values([second])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a", "a "),
        ("é", "e\N{COMBINING ACUTE ACCENT}"),
        (["a", "b"], ["ab"]),
        (["a", "b"], ["a\0b"]),
        (["ab", "c"], ["a", "bc"]),
        ([1, 2], [2, 1]),
        ([1, 2], ["1", "2"]),
        ([[1], [2]], [[1, 2]]),
        ([10**400], [10**401]),
        (None, ""),
        (None, []),
        (True, 1),
    ],
)
def test_values_that_differ(first: Any, second: Any) -> None:
    assert hash_values([first]) != hash_values([second])


@given(st.lists(VALUES, max_size=8))
def test_a_hash_does_not_depend_on_the_values_beside_it(values: list[Any]) -> None:
    one_by_one = [int(hash_values([value])[0]) for value in values]
    assert hash_values(values).tolist() == one_by_one


def test_a_lone_surrogate_has_a_hash() -> None:
    values = ["so", "\ud800", None]
    assert len(set(hash_values(values).tolist())) == 3


def test_a_text_on_disk_has_the_hash_of_the_text(tmp_path: Path) -> None:
    text = "Zeile für Zeile\n" * 100_000
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    assert hash_values([open_long(tmp_path / "long.txt")]) == hash_values([text])


def test_the_order_of_columns_counts() -> None:
    first, second = hash_values(["a", "b"]), hash_values(["b", "a"])
    assert (combine([first, second]) != combine([second, first])).all()
    assert (combine([first]) == first).all()


def test_rows_of_a_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqlab.data.checking.hashing._MAX_IN_MEMORY", 3)
    hashes = RowHashes(hash_values(list("abcdef")), hash_values(list("ABCDEF")))
    selected = hashes.select(np.array([4, 0, 1, 5]))
    assert isinstance(selected.inputs, np.memmap)
    assert selected.inputs.tolist() == hash_values(list("eabf")).tolist()
    assert selected.whole.tolist() == hash_values(list("EABF")).tolist()
