from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from seqlab.data.reading.archives import is_archive, unpack
from seqlab.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def tarred(path: Path, name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.type, member.linkname = len(content), kind, "/etc/passwd"
        archive.addfile(member, io.BytesIO(content))
    return path


def contents(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def test_zip_and_tar(tmp_path: Path, cache: Path) -> None:
    path = zipped(tmp_path / "a.ZIP", train__pos__1="good", readme="x")
    assert is_archive(path)
    folder = unpack(path)
    assert folder.parent == cache
    assert contents(folder) == {"train/pos/1": "good", "readme": "x"}
    assert contents(unpack(tarred(tmp_path / "a.tar.gz", "train/a.csv"))) == {"train/a.csv": "x"}
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "b.zip")


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/../../b.csv", "..\\a.csv"])
def test_a_member_outside_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(UserError, match="outside of its folder"):
        unpack(path)
    assert not (tmp_path / "a.csv").exists()
    with pytest.raises(UserError, match="outside of its folder"):
        unpack(tarred(tmp_path / "a.tar.gz", name))


def test_links_are_left_out(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tgz", "a.csv", b"", tarfile.SYMTYPE)
    assert contents(unpack(path)) == {}


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a="0" * (120 << 20))
    with pytest.raises(UserError, match="would unpack to 1 files of 125,829,120 bytes"):
        unpack(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a="".join(map(str, range(9999))))
    content = bytearray(path.read_bytes())
    content[100:120] = b"\0" * 20
    path.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        unpack(path)
    path.write_bytes(b"PK")
    with pytest.raises(UserError, match="cannot be read"):
        unpack(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a="x")
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="encrypted"):
        unpack(path)


def test_nothing_is_left_behind(tmp_path: Path, cache: Path) -> None:
    path = zipped(tmp_path / "a.zip", a="x")
    left = cache / "unpacked-999999999-x"
    left.mkdir(parents=True)
    code = f"from seqlab.data.reading.archives import *; unpack(Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
    assert list(cache.iterdir()) == []
