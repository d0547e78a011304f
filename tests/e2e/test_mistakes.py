"""A user's mistakes: the error has cause, location, remedy and status 2; no file is written."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.e2e.conftest import MAIN, SMALL, call, done
from tests.e2e.mistakes import FILES, NUMBERS, RUNS, TAGS, TEXT, TRAINING, USAGE, USING
from tests.e2e.remedies import FOLLOWED, TASKS, Followed

ALL = [*RUNS, *TRAINING, *USING]


@pytest.fixture(scope="module")
def folder(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistakes")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "hollow").mkdir()
    for name in ("RUN", "UNFINISHED", "DAMAGED"):
        shutil.copytree(finished, folder / name)
    for name in ("model.safetensors", "result.json"):
        (folder / "UNFINISHED" / name).unlink()
    (folder / "DAMAGED" / "model.safetensors").write_bytes(b"not weights")
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
    arguments: list[str], cause: str, remedy: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = call_by_mistake(arguments, folder, monkeypatch)
    assert result.stdout == ""
    lines = result.stderr[result.stderr.index("error: ") :].splitlines()
    assert cause in lines[0]
    assert any(line.startswith("  where: ") and line[9:].strip() for line in lines)
    assert any(line.startswith("  try:   ") and remedy in line for line in lines)


@pytest.mark.parametrize("arguments", [case[0] for case in ALL], ids=" ".join)
def test_the_remedy_helps(
    arguments: list[str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    followed = FOLLOWED[shortened(arguments)]
    if isinstance(followed, str):
        followed = Followed(followed)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    monkeypatch.chdir(copy)
    words = arguments if followed.command is None else in_full(followed.command)
    suggestions = re.findall(r"did you mean (?:the file )?'([^']+)'", call(*arguments).stderr)
    for name in suggestions:
        assert name.split(".")[-1] in " ".join([*words, *followed.files.values()])
    for name, content in followed.files.items():
        Path(name).write_text(content)
    if words[0] == "run" and "--resume" not in words:
        words = [*words, "--smoke", *(("--out", "new") if "--out" not in words else ())]
    if tuple(words[:5]) == MAIN and "--data" not in words:
        words = [*MAIN, *SMALL, *words[5:]]
    result = call(*words)
    assert result.exit_code == 0, result.output


def shortened(arguments: list[str]) -> str:
    """A command as it stands in `FOLLOWED`."""
    command = " ".join(arguments)
    for letter, task in sorted(TASKS.items(), key=lambda item: -len(item[1])):
        if command.startswith(task):
            return letter + command.removeprefix(task)
    return command


def in_full(command: str) -> list[str]:
    """The words of a command of `FOLLOWED`."""
    first, *words = shlex.split(command)
    return [*TASKS.get(first, first).split(), *words]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_an_invalid_command_line(
    arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = call_by_mistake(arguments, folder, monkeypatch)
    assert result.stderr.startswith("Usage: ")
    assert "Error: " in result.stderr


def call_by_mistake(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The result, which has status 2 and no traceback, and has written no file."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    before = sorted(folder.rglob("*"))
    if tuple(arguments[:5]) == MAIN and "--data" not in arguments:
        arguments = [*MAIN, *SMALL, *arguments[5:]]
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    assert sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts) == before
    return result
