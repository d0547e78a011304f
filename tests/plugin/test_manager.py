from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqlab import hookimpl
from seqlab.errors import PluginError, UserError
from seqlab.plugin.file import PluginInfo
from seqlab.plugin.manager import Plugins, installed


def module(name: str, **members: Any) -> ModuleType:
    result = ModuleType(name)
    vars(result).update(members)
    return result


def layers(*names: str) -> Any:
    @hookimpl
    def register_layers(register: Any) -> None:
        for name in names:
            register(name, f"somewhere:{name}", summary="a layer")

    return register_layers


def load(**sources: Any) -> Plugins:
    return Plugins((PluginInfo(name, "test"), source) for name, source in sources.items())


def test_builtins_come_through_the_same_hooks() -> None:
    plugins = installed()
    assert [info.failures for info in plugins.infos] == [[] for _ in plugins.infos]
    assert plugins.models.get("lstm").plugin == "recurrent"
    assert {entry.name for entry in plugins.tasks} >= {"sentiment", "classify"}


@pytest.mark.parametrize("error", [ImportError("no torch"), SystemExit(3), SyntaxError("bad")])
def test_a_plugin_that_fails_costs_itself_alone(error: BaseException) -> None:
    def broken() -> ModuleType:
        raise error

    plugins = load(broken=broken, good=lambda: module("good", register_layers=layers("a")))
    assert [info.state for info in plugins.infos] == ["failed", "loaded"]
    assert "a" in plugins.models
    assert "broken" in plugins.note


def test_a_hook_that_raises_is_recorded() -> None:
    @hookimpl
    def register_layers(register: Any) -> None:
        register("kept", "somewhere:kept")
        raise RuntimeError("half way")

    plugins = load(half=lambda: module("half", register_layers=register_layers))
    assert plugins.infos[0].state == "partly"
    assert "half way" in plugins.infos[0].failures[0]
    assert "kept" in plugins.models


def test_each_plugin_has_a_callback_of_its_own() -> None:
    calls: list[str] = []

    def hook(name: str) -> Any:
        @hookimpl
        def on_exception(error: BaseException) -> None:
            calls.append(f"{name}: {error}")

        return on_exception

    plugins = load(
        one=lambda: module("one", on_exception=hook("one")),
        none=lambda: module("none"),
        two=lambda: module("two", on_exception=hook("two")),
    )
    callbacks = dict(plugins.callbacks("on_exception"))
    assert list(callbacks) == ["one", "two"]
    callbacks["two"](run=None, error=ValueError("oh"))
    assert calls == ["two: oh"]
    callbacks["one"](run=None, error=ValueError("no"))
    assert calls == ["two: oh", "one: no"]
    assert plugins.callbacks("on_run_start") == []


def test_a_duplicate_is_refused_and_both_are_named() -> None:
    plugins = load(
        one=lambda: module("one", register_layers=layers("same")),
        two=lambda: module("two", register_layers=layers("same", "other")),
    )
    assert plugins.models.get("same").plugin == "one"
    assert "other" in plugins.models
    reason = plugins.infos[1].failures[0]
    assert "'one'" in reason
    assert "'two'" in reason


def test_a_misspelled_hook_is_an_error_with_the_nearest_name() -> None:
    @hookimpl
    def register_layer(register: Any) -> None: ...

    plugins = load(wrong=lambda: module("wrong", register_layer=register_layer))
    assert plugins.infos[0].state == "failed"
    assert "did you mean 'register_layers'?" in plugins.infos[0].failures[0]


def test_strict_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_STRICT", "1")

    def broken() -> ModuleType:
        raise ImportError("no torch")

    with pytest.raises(ImportError):
        load(broken=broken)


def test_a_plugin_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from seqlab import hookimpl\n"
        "class Mine: pass\n"
        "@hookimpl\n"
        "def register_layers(register): register('mine', Mine)\n"
    )
    plugins = installed().with_files([file])
    assert plugins.models.get("mine").plugin == "mine.py"
    assert plugins.files()[0].name == "mine.py"
    assert "mine" not in installed().models  # others do not see it


def test_a_file_that_is_not_there_or_broken_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(UserError, match="mine\\.py"):
        installed().with_files([tmp_path / "mein.py"])
    with pytest.raises(PluginError, match="nothing_of_this_name"):
        installed().with_files([tmp_path / "mine.py"])
