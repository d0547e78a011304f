from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqlab.prepare.cache import arrays as module
from seqlab.prepare.cache.arrays import DamagedError, load_arrays, save_arrays

KINDS = st.sampled_from(["?", "i1", "u1", "i2", "i4", "i8", "f4", "f8"])
SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=7)


def through(folder: Path, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    document = json.loads(json.dumps(save_arrays(folder, arrays)))
    return load_arrays(folder, document)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=3), arrays_of.arrays(KINDS, SHAPES), max_size=4))
def test_arrays_come_back_as_they_were(arrays: dict[str, NDArray[Any]]) -> None:
    with TemporaryDirectory() as folder:
        for name, array in through(Path(folder), arrays).items():
            assert array.dtype == arrays[name].dtype
            np.testing.assert_array_equal(array, arrays[name])


@given(arrays_of.arrays("i4", st.integers(9, 40)), st.integers(0, 4), st.integers(1, 3))
def test_views_come_back_from_one_file(base: NDArray[Any], start: int, step: int) -> None:
    views = {
        "whole": base,
        "later": base[start:],
        "some": base[start::step],
        "backwards": base[::-1],
        "windows": sliding_window_view(base, 3),
        "bytes": base.view("u1")[1:],
    }
    with TemporaryDirectory() as folder:
        for name, array in through(Path(folder), views).items():
            np.testing.assert_array_equal(array, views[name])
        files = list(Path(folder).iterdir())
        assert [file.stat().st_size for file in files] == [128 + base.nbytes]


def test_a_view_keeps_nothing_but_its_own_part(tmp_path: Path) -> None:
    through(tmp_path, {"few": np.arange(1000)[100:110]})
    assert (tmp_path / "0.npy").stat().st_size == 128 + 80


def test_what_is_read_cannot_be_written_to(tmp_path: Path) -> None:
    array = through(tmp_path, {"a": np.arange(3)})["a"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize("array", [np.array([{}]), np.array(["a"]), np.array([b"a"])])
def test_only_numbers_are_written(tmp_path: Path, array: NDArray[Any]) -> None:
    with pytest.raises(TypeError):
        save_arrays(tmp_path, {"a": array})


def test_an_array_of_objects_is_never_read(tmp_path: Path) -> None:
    document = save_arrays(tmp_path, {"a": np.zeros(4)})
    document["arrays"]["a"]["type"] = "|O"
    with pytest.raises(DamagedError):
        load_arrays(tmp_path, document)
    np.save(tmp_path / "0.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(DamagedError, match="Python objects"):
        load_arrays(tmp_path, document)


@pytest.mark.parametrize(("name", "value"), [("offset", 8), ("shape", [9]), ("strides", [16])])
def test_a_view_beyond_its_file_is_refused(tmp_path: Path, name: str, value: Any) -> None:
    document = save_arrays(tmp_path, {"a": np.zeros(8)})
    document["arrays"]["a"][name] = value
    with pytest.raises(DamagedError):
        load_arrays(tmp_path, document)


@pytest.mark.parametrize("share", range(20))
def test_a_file_that_was_cut_is_refused(tmp_path: Path, share: int) -> None:
    document = save_arrays(tmp_path, {"a": np.arange(500)})
    file = tmp_path / "0.npy"
    file.write_bytes(file.read_bytes()[: share * file.stat().st_size // 20])
    with pytest.raises(DamagedError):
        load_arrays(tmp_path, document)


def test_any_changed_byte_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 64)
    document = save_arrays(tmp_path, {"a": np.arange(100)})
    file = tmp_path / "0.npy"
    whole = file.read_bytes()
    for place in range(128, len(whole), 7):  # after NumPy's own header
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(DamagedError, match=r"0\.npy has a wrong checksum"):
            load_arrays(tmp_path, document)
    file.write_bytes(whole)
    np.testing.assert_array_equal(load_arrays(tmp_path, document)["a"], np.arange(100))
