from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from seqlab.data.text_files.lines import read_lines, read_text
from seqlab.errors import UserError


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_lines_and_the_whole_text(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, "\ufeffone\r\n\n dré\u2028i \nlast".encode())
    assert list(read_lines(path)) == [(1, "one"), (2, ""), (3, " dré\u2028i "), (4, "last")]
    assert read_text(path) == "one\r\n\n dré\u2028i \nlast"


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_wrong_encoding_is_reported_with_its_line(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, b"one\ntwo d\xe9j\xe0\n")
    for read in (lambda: list(read_lines(path)), lambda: read_text(path)):
        with pytest.raises(UserError, match="byte 6 of the line is 0xe9") as caught:
            read()
        assert caught.value.location == f"{path}, line 2"


def test_a_corrupt_gzip_file_is_reported(tmp_path: Path) -> None:
    content = gzip.compress(" ".join(str(n * n) for n in range(999)).encode())
    overwritten = content[:100] + b"\0\0\0\0\0\0" + content[106:]
    for broken in (content[:500], b"no\0gzip", overwritten):
        path = tmp_path / "a.txt.gz"
        path.write_bytes(broken)
        for read in (lambda: list(read_lines(path)), lambda: read_text(path)):  # noqa: B023
            with pytest.raises(UserError, match=r"cannot be read: .") as caught:
                read()
            assert caught.value.location == str(path)
