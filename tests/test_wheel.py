"""The wheel: what is in it, and that it works where the sources are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(folder.name for folder in (ROOT / "plugins").iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("seqlab-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    _python(
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--no-index", "--target", str(folder), str(wheel),
        cwd=folder,
    )  # fmt: skip
    return folder


def test_it_holds_the_core_and_the_plugins(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"seqlab/__init__.py", "seqlab/py.typed"} <= names
    assert {f"{plugin}/__init__.py" for plugin in PLUGINS} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_holds_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"seqlab", *PLUGINS}


def test_every_source_file_is_in_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sources = {
        str(file.relative_to(top))
        for top, package in ((ROOT, "seqlab"), *((ROOT / "plugins", name) for name in PLUGINS))
        for file in (top / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert sources <= names


def test_the_installed_copy_is_the_one_that_runs(installed: Path, tmp_path: Path) -> None:
    show = "import seqlab, seqlab_recurrent as r; print(seqlab.__file__, r.__file__, sep='\\n')"
    for place in _installed(installed, tmp_path, "-c", show).splitlines():
        assert Path(place).is_relative_to(installed)


def test_it_lists_its_models(installed: Path, tmp_path: Path) -> None:
    listed = _command(installed, tmp_path, "list", "models", "--json")
    assert "lstm" in {entry["name"] for entry in listed}


def test_it_trains(installed: Path, tmp_path: Path) -> None:
    arguments = ("run", "--task", "sentiment", "--model", "lstm", "--device", "cpu", "--smoke")
    result = _command(installed, tmp_path, *arguments, "--out", "here", "--json")
    assert result["smoke"] is True
    assert (tmp_path / "here" / "model.safetensors").is_file()


def _command(installed: Path, cwd: Path, *words: str) -> Any:
    return json.loads(_installed(installed, cwd, "-m", "seqlab", *words))


def _installed(installed: Path, cwd: Path, *words: str) -> str:
    return _python(*words, cwd=cwd, PYTHONPATH=str(installed))


def _python(*words: str, cwd: Path, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
