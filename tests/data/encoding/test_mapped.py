from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from seqlab.data.encoding.mapped import release


def resident_bytes(file: Path) -> int:
    """How much of a mapped file this process has in memory."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    (start,) = (number for number, line in enumerate(lines) if line.endswith(f" {file}"))
    size = next(line for line in lines[start:] if line.startswith("Rss:"))
    return 1024 * int(size.split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_are_released_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.save(file, np.arange(1 << 20))
    whole = np.load(file, mmap_mode="r")
    view = np.ndarray(1 << 19, np.int64, whole, 8)[3:]
    total = int(view.sum())
    assert resident_bytes(file) > 1 << 21
    release(view)
    assert resident_bytes(file) == 0
    assert int(view.sum()) == total


def test_arrays_that_are_not_mapped_stay() -> None:
    array = np.arange(9)
    release(array[2:])
    assert array.tolist() == list(range(9))
