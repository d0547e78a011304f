import click
import pytest
from click.testing import CliRunner

from seqlab.cli import cli, doctor
from seqlab.config.request import RunRequest
from seqlab.errors import RunError, UserError
from seqlab.plugin import manager as plugins
from seqlab.plugin.file import PluginInfo
from seqlab.runs import run as runner

RUN = ["run", "--task", "sentiment", "--model", "lstm"]


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    def run_request(request: RunRequest) -> None:
        raise error

    monkeypatch.setattr(runner, "run_request", run_request)
    result = CliRunner().invoke(cli, RUN)
    assert result.stdout == ""
    return result.exit_code, result.stderr


def test_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error = UserError("cause", location="location", remedy="remedy")
    message = "error: cause\n  where: location\n  try:   remedy\n"
    assert fail_with(error, monkeypatch) == (2, message)


def test_run_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail_with(RunError("the loss is nan"), monkeypatch) == (1, "error: the loss is nan\n")


def test_unexpected_errors_name_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    status, message = fail_with(ValueError("first\nsecond"), monkeypatch)
    assert status == 1
    assert message.startswith("error: ValueError: first\n  where: ")
    assert "test_failures.py:" in message
    assert "Traceback" not in message


def test_traceback_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_TRACEBACK", "1")
    _, message = fail_with(ValueError("odd"), monkeypatch)
    assert "Traceback" in message
    assert "error: ValueError: odd" in message


def test_interrupt_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail_with(KeyboardInterrupt(), monkeypatch) == (130, "interrupted\n")


def test_broken_pipe_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    assert fail_with(BrokenPipeError(errno.EPIPE, "pipe"), monkeypatch) == (1, "")


def test_click_errors_are_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    status, message = fail_with(click.UsageError("odd"), monkeypatch)
    assert status == 2
    assert "Error: odd" in message


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["rnu"], "'run'"),
        (["run", "--modle", "lstm"], "--model"),
        (["list", "modles"], "'models'"),
        (["evaluate", "r", "--split", "tset"], "'test'"),
    ],
)
def test_misspelled_names(arguments: list[str], suggestion: str) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert suggestion in result.stderr


def test_doctor_fails_if_a_plugin_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise ImportError("no module named 'gone'")

    broken = plugins.Plugins([(PluginInfo("odd", "odd 1.0"), load)])  # type: ignore[list-item]
    monkeypatch.setattr(doctor, "known_plugins", lambda files: broken)
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == 1
    assert "ImportError: no module named 'gone'" in result.stdout
    assert "a plugin failed" in result.stderr
