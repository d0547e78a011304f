from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqlab.prepare.cache import files as module
from seqlab.prepare.cache.files import files_fingerprint


@pytest.fixture(params=["contents", "times"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "times":
        monkeypatch.setattr(module, "SMALL", 0)
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "a.txt").write_text("one")
    (tmp_path / "data" / "sub" / "b.txt").write_text("two")
    return tmp_path / "data"


def test_the_same_files_have_the_same_fingerprint(folder: Path) -> None:
    assert files_fingerprint(folder) == files_fingerprint(folder)
    assert files_fingerprint(folder / "a.txt") == files_fingerprint(folder / "a.txt")


def test_any_change_is_seen(folder: Path) -> None:
    seen = {files_fingerprint(folder)}
    file = folder / "sub" / "b.txt"
    before = file.stat()
    file.write_text("TWO")  # of the same length, and its time set back
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    seen.add(files_fingerprint(folder))
    file.rename(folder / "sub" / "c.txt")
    seen.add(files_fingerprint(folder))
    (folder / "d.txt").write_text("")
    seen.add(files_fingerprint(folder))
    (folder / "a.txt").unlink()
    seen.add(files_fingerprint(folder))
    assert len(seen) == 5


def test_where_a_link_leads_counts(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    target = folder.parent / "elsewhere" / "e.txt"
    target.write_text("one")
    (folder / "link").symlink_to(target.parent)
    (folder / "back").symlink_to(folder)
    before = files_fingerprint(folder)
    target.write_text("two")
    assert files_fingerprint(folder) != before


def test_of_small_data_only_the_contents_count(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    before = files_fingerprint(tmp_path)
    os.utime(tmp_path / "a.txt", (1, 1))
    assert files_fingerprint(tmp_path) == before


@pytest.mark.parametrize("where", [0, 8 * ((8 << 20) - (1 << 16)) // 63 + 9, (8 << 20) - 1])
def test_a_sample_is_read_where_times_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: int
) -> None:
    monkeypatch.setattr(module, "SMALL", 0)
    stat = Path.stat

    def without_times(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        values = list(stat(path, follow_symlinks=follow_symlinks))
        return os.stat_result([values[0], 0, *values[2:7], 0, 0, 0])

    monkeypatch.setattr(Path, "stat", without_times)
    content = bytearray(8 << 20)
    (tmp_path / "a.csv").write_bytes(content)
    before = files_fingerprint(tmp_path)
    content[where] = 1
    (tmp_path / "a.csv").write_bytes(content)
    assert files_fingerprint(tmp_path) != before
