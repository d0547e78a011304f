"""Where the cache is."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.files.cache_folder import cache_folder, temporary_file, temporary_folder


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "none", " false "])
def test_the_cache_can_be_turned_off(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", value)
    assert cache_folder() is None
    with temporary_file() as file:
        file.write(b"x")
    assert Path(temporary_folder()).is_dir()


def test_variables_name_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("SEQLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches" / "seqlab"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "seqlab"


def test_a_temporary_file_is_in_the_cache_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "mine"))
    with temporary_file() as file:
        file.write(b"x")
        assert temporary_folder() == str(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "file"))
    with temporary_file() as file:
        assert file.write(b"x") == 1
