from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import cli
from seqlab.config.run_config import assemble
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve
from seqlab.prepare.prepare import prepare


def call(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["data", "cache", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    flags = {"task.name": "tag", "model.name": "lstm", "data.source": "two-sentences"}
    prepare(resolve(assemble(None, flags), installed()), installed())
    return tmp_path / "cache"


def test_entries_are_shown(filled: Path) -> None:
    (filled / "encoded" / ".writing-1-2").mkdir()
    shown = call().splitlines()
    assert shown[0].startswith(f"{filled}: ")
    assert shown[0].endswith("kB in 2 entries")
    assert shown[3].split()[-2:] == ["tag", "two-sentences"]
    assert shown[4].endswith("(incomplete)")


def test_the_cache_is_measured_and_cleared(filled: Path) -> None:
    before = json.loads(call("--json"))
    files = [file for file in (filled / "encoded").rglob("*") if file.is_file()]
    assert before["bytes"] == sum(file.stat().st_size for file in files) > 0
    after = json.loads(call("--clear", "--json"))
    assert after["freed"] == before["bytes"]
    assert (after["bytes"], after["entries"]) == (0, [])
    assert list((filled / "encoded").iterdir()) == []
    assert "0 bytes in 0 entries" in call()


def test_the_cache_may_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", "off")
    assert "the cache is off" in call()
    assert json.loads(call("--json"))["folder"] is None


@pytest.mark.parametrize(
    ("seqlab_cache", "xdg", "expected"),
    [("", "", "HOME/.cache/seqlab"), ("", "/x", "/x/seqlab"), ("", "x", "HOME/.cache/seqlab")],
)
def test_location_of_the_cache(
    seqlab_cache: str, xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", seqlab_cache)
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert json.loads(call("--json"))["folder"] == expected.replace("HOME", str(tmp_path))
