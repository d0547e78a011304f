from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from seqlab.data.encoding.mapped import release


def mapped_bytes(file: Path) -> int:
    """Bytes of a file that this process has in memory."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.endswith(f" {file}"))
    found = next(line for line in lines[place:] if line.startswith("Rss:"))
    return 1024 * int(found.split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_are_given_back_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.save(file, np.arange(1 << 20))
    whole = np.load(file, mmap_mode="r")
    some = np.ndarray(1 << 19, np.int64, whole, 8)[3:]
    total = int(some.sum())
    assert mapped_bytes(file) > 1 << 21
    release(some)
    assert mapped_bytes(file) == 0
    assert int(some.sum()) == total


def test_what_is_not_mapped_stays() -> None:
    array = np.arange(9)
    release(array[2:])
    assert array.tolist() == list(range(9))
