import click
import pytest
from click.testing import CliRunner

from seqlab.cli import cli, doctor
from seqlab.errors import RunError, UserError
from seqlab.plugin import manager as plugins
from seqlab.plugin.file import PluginInfo
from seqlab.runs import run as runner

RUN = ["run", "--task", "sentiment", "--model", "lstm"]


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    def run(**asked: object) -> None:
        raise error

    monkeypatch.setattr(runner, "run", run)
    done = CliRunner().invoke(cli, RUN)
    assert done.stdout == ""
    return done.exit_code, done.stderr


def test_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error = UserError("cause", location="location", remedy="remedy")
    said = "error: cause\n  where: location\n  try:   remedy\n"
    assert fail_with(error, monkeypatch) == (2, said)


def test_run_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail_with(RunError("the loss is nan"), monkeypatch) == (1, "error: the loss is nan\n")


def test_unexpected_error_names_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = fail_with(ValueError("first\nsecond"), monkeypatch)
    assert status == 1
    assert said.startswith("error: ValueError: first\n  where: ")
    assert "test_failures.py:" in said
    assert "Traceback" not in said


def test_traceback_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_TRACEBACK", "1")
    _, said = fail_with(ValueError("odd"), monkeypatch)
    assert "Traceback" in said
    assert "error: ValueError: odd" in said


def test_interrupt_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail_with(KeyboardInterrupt(), monkeypatch) == (130, "interrupted\n")


def test_broken_pipe_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    assert fail_with(BrokenPipeError(errno.EPIPE, "pipe"), monkeypatch) == (1, "")


def test_click_errors_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = fail_with(click.UsageError("odd"), monkeypatch)
    assert status == 2
    assert "Error: odd" in said


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["rnu"], "'run'"),
        (["run", "--modle", "lstm"], "--model"),
        (["list", "modles"], "'models'"),
        (["evaluate", "r", "--split", "tset"], "'test'"),
    ],
)
def test_near_names(arguments: list[str], near: str) -> None:
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    assert near in done.stderr


def test_doctor_fails_with_a_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise ImportError("no module named 'gone'")

    broken = plugins.Plugins([(PluginInfo("odd", "odd 1.0"), load)])  # type: ignore[list-item]
    monkeypatch.setattr(doctor, "known_plugins", lambda files: broken)
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 1
    assert "ImportError: no module named 'gone'" in done.stdout
    assert "a plugin failed" in done.stderr
