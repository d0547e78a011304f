"""A user's mistakes: each gets cause, place and remedy, status 2, and leaves nothing behind."""

import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.e2e.conftest import MAIN, SMALL, call, done
from tests.e2e.mistakes import FILES, NUMBERS, RUNS, TAGS, TEXT, TRAINING, USAGE, USING

ALL = [*RUNS, *TRAINING, *USING]


@pytest.fixture(scope="module")
def place(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistakes")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "hollow").mkdir()
    for name in ("RUN", "UNFINISHED", "DAMAGED"):
        shutil.copytree(finished, folder / name)
    for name in ("model.safetensors", "result.json"):
        (folder / "UNFINISHED" / name).unlink()
    (folder / "DAMAGED" / "model.safetensors").write_bytes(b"no weights")
    few = ("--smoke", "-o", "model.hidden_size=4", "-o", "evaluate.resamples=100", "--out")
    done(*TAGS, "--data", "two-sentences", *few, folder / "TAGS")
    done(*TEXT, "-o", "task.mode=stateful", *few, folder / "TEXT")
    done(*NUMBERS, *few, folder / "VALUES")
    done(*NUMBERS, "--data", "waves", *few, folder / "SERIES")
    return folder


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"), ALL, ids=[" ".join(case[0]) for case in ALL]
)
def test_mistake(
    arguments: list[str], cause: str, remedy: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = mistaken(arguments, place, monkeypatch)
    assert result.stdout == ""
    said = result.stderr[result.stderr.index("error: ") :].splitlines()
    assert cause in said[0]
    assert any(line.startswith("  where: ") and line[9:].strip() for line in said)
    assert any(line.startswith("  try:   ") and remedy in line for line in said)


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_line_that_no_command_takes(
    arguments: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = mistaken(arguments, place, monkeypatch)
    assert result.stderr.startswith("Usage: ")
    assert "Error: " in result.stderr


def mistaken(arguments: list[str], place: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """What is said: status 2, no traceback, and nothing written."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    before = sorted(place.rglob("*"))
    if tuple(arguments[:5]) == MAIN and "--data" not in arguments:
        arguments = [*MAIN, *SMALL, *arguments[5:]]
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    assert sorted(p for p in place.rglob("*") if "__pycache__" not in p.parts) == before
    return result
