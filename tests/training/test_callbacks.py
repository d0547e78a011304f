from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqlab import hookimpl
from seqlab.config.run_config import RunConfig
from seqlab.plugin.file import PluginInfo
from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState
from seqlab.training.callbacks import Callbacks


def test_a_hook_that_raises_silences_its_plugin_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[str] = []

    @hookimpl
    def bad(run: TrainerState) -> None:
        raise ValueError("oh")

    @hookimpl
    def good() -> None:  # takes fewer arguments than the specification
        heard.append("good")

    @hookimpl
    def told(run: TrainerState, error: BaseException) -> None:
        heard.append(f"told {error}")

    def plugin(name: str, **members: Any) -> tuple[PluginInfo, Any]:
        module = ModuleType(name)
        vars(module).update(members)
        return PluginInfo(name, "test"), lambda: module

    plugins = Plugins(
        [
            plugin("bad", on_epoch_end=bad, on_exception=told),
            plugin("good", on_epoch_end=good, on_exception=told),
        ]
    )
    lifecycle = Callbacks(plugins, TrainerState(tmp_path, RunConfig()))
    lifecycle.call("on_epoch_end")
    lifecycle.call("on_epoch_end")
    lifecycle.call("on_exception", error=KeyError("x"))
    assert heard == ["good", "good", "told 'x'"]
    said = capsys.readouterr().err
    assert said.count("plugin 'bad' raised in on_epoch_end") == 1
    assert "ValueError: oh" in said
