"""The life-cycle hooks of plugins during a run."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType

import pytest

from seqlab import hookimpl
from seqlab.config.run_config import RunConfig
from seqlab.plugin.file import PluginInfo
from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState
from seqlab.training.callbacks import Callbacks

Source = tuple[PluginInfo, Callable[[], ModuleType]]


def plugin(name: str, **members: object) -> Source:
    module = ModuleType(name)
    vars(module).update(members)
    return PluginInfo(name, "test"), lambda: module


def callbacks_of(folder: Path, *sources: Source) -> Callbacks:
    return Callbacks(Plugins(sources), TrainerState(folder, RunConfig()))


def test_a_hook_that_raises_disables_its_plugin_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[str] = []

    @hookimpl
    def bad(run: TrainerState) -> None:
        raise ValueError("oh")

    @hookimpl
    def good() -> None:  # takes fewer arguments than the specification
        calls.append("good")

    @hookimpl
    def on_error(run: TrainerState, error: BaseException) -> None:
        calls.append(f"error {error}")

    callbacks = callbacks_of(
        tmp_path,
        plugin("bad", on_epoch_end=bad, on_exception=on_error),
        plugin("good", on_epoch_end=good, on_exception=on_error),
    )
    callbacks.call("on_epoch_end")
    callbacks.call("on_epoch_end")
    callbacks.call("on_exception", error=KeyError("x"))
    assert calls == ["good", "good", "error 'x'"]
    message = capsys.readouterr().err
    assert message.count("plugin 'bad' raised in on_epoch_end and is disabled") == 1
    assert "ValueError: oh (" in message
    assert Path(__file__).name in message


def logged(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def wrapper(*args: object, **kwargs: object) -> None:
        function(*args, **kwargs)

    return wrapper


def test_a_decorated_hook_receives_its_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[object] = []

    @hookimpl
    @logged
    def outside(run: TrainerState) -> None:
        calls.append(run.folder)

    @logged
    @hookimpl
    def inside(run: TrainerState, error: BaseException) -> None:
        calls.append(str(error))

    @hookimpl
    @logged
    def default(error: BaseException | None = None) -> None:
        calls.append(error)

    error = ValueError("oh")
    callbacks = callbacks_of(
        tmp_path,
        plugin("outside", on_exception=outside),
        plugin("inside", on_exception=inside),
        plugin("default", on_exception=default),
    )
    callbacks.call("on_exception", error=error)
    assert calls == [tmp_path, "oh", error]
    assert capsys.readouterr().err == ""


def test_hooks_are_called_in_the_order_of_the_plugins(tmp_path: Path) -> None:
    calls: list[str] = []

    def source(name: str) -> Source:
        @hookimpl
        def on_run_start() -> None:
            calls.append(name)

        return plugin(name, on_run_start=on_run_start)

    callbacks = callbacks_of(tmp_path, *(source(name) for name in "abc"))
    callbacks.call("on_run_start")
    assert calls == ["a", "b", "c"]
