"""Find plugins, isolate their failures, and collect their registrations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy

from seqlab.config.plugin_file import PluginFile
from seqlab.errors import PluginError, SeqlabError, nearest
from seqlab.plugin import hookspecs
from seqlab.plugin.file import PluginInfo, check_file, file_plugin
from seqlab.registry import Entry, Registry

if TYPE_CHECKING:
    from seqlab.data.contracts import DataSource, Tokenizer
    from seqlab.nn import Layer, Model
    from seqlab.task import Task

GROUP = "seqlab"
FROM_PYTHON = "python:"
"""Prefix of the names of classes that are passed from Python."""

REGISTRATIONS = {  # hook → (registry, kind of entry)
    "register_layers": ("models", "layer"),
    "register_models": ("models", "model"),
    "register_tokenizers": ("tokenizers", "tokenizer"),
    "register_tasks": ("tasks", "task"),
    "register_data": ("data", "data"),
    "register_recipes": ("recipes", "recipe"),
}


class Plugins:
    """All plugins and their registrations.

    Args:
        sources: Pairs of the metadata of a plugin and a function that imports it.
    """

    def __init__(self, sources: Iterable[tuple[PluginInfo, Callable[[], ModuleType]]] = ()) -> None:
        self.models: Registry[Layer | Model] = Registry("model")
        self.tokenizers: Registry[Tokenizer] = Registry("tokenizer")
        self.tasks: Registry[Task] = Registry("task")
        self.data: Registry[DataSource] = Registry("data")
        self.recipes: Registry[Any] = Registry("recipe")
        self.infos: list[PluginInfo] = []
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        for info, load in sources:
            self.add(info, load)

    def add(self, info: PluginInfo, load: Callable[[], ModuleType]) -> None:
        """Import one plugin and collect its registrations; a failure is recorded, not raised."""
        self.infos.append(info)
        try:
            module = load()
            self._manager.register(module, info.name)
        except (Exception, SystemExit) as error:
            self._record(info, error)
            return
        info.module = module
        try:
            self._manager.check_pending()  # a misspelled hook would silently do nothing
        except pluggy.PluginValidationError as error:
            self._manager.unregister(module)
            info.module = None
            self._record(info, _misspelled(error))
            return
        for hook, (registry, kind) in REGISTRATIONS.items():
            self._collect(info, hook, getattr(self, registry), kind)

    def callbacks(self, hook: str) -> list[tuple[str, pluggy.HookCaller]]:
        """The implementations of a life-cycle hook.

        Returns:
            Pairs of a plugin's name and a pluggy caller for its implementation alone, which passes
            the arguments that the implementation takes.
        """
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        modules = {implementation.plugin for implementation in implementations}
        return [
            (
                implementation.plugin_name,
                self._manager.subset_hook_caller(hook, modules - {implementation.plugin}),
            )
            for implementation in implementations
        ]

    @property
    def note(self) -> str:
        """A note on failed plugins for errors about unknown names; empty if none failed."""
        failed = [f"{info.name} ({info.failures[0]})" for info in self.infos if info.failures]
        return f"; note: plugin {', '.join(failed)} failed to load" if failed else ""

    def files(self) -> list[PluginFile]:
        """The one-file plugins, as a configuration records them."""
        return [PluginFile(info.name, info.sha256) for info in self.infos if info.sha256]

    def with_files(self, files: Iterable[str | Path], needed: Iterable[PluginFile] = ()) -> Plugins:
        """These plugins and additional one-file plugins.

        Args:
            files: Paths of the one-file plugins.
            needed: The one-file plugins of a run. A file with the same name as one of them and
                different content is not imported.

        Raises:
            UserError: There is no such file, or it differs from the one that is needed.
            PluginError: It cannot be loaded, or registers a name that is already registered.
        """
        paths = [Path(file) for file in files]
        extended = self._copy() if paths else self
        for path in paths:
            info, load = file_plugin(path)
            check_file(PluginFile(info.name, info.sha256), needed)
            extended.add(info, load)
            if info.failures:  # the user named it, so it cannot be skipped
                reason = info.failures[0].partition("\n")[0]
                raise PluginError(
                    f"plugin file cannot be loaded: {reason}",
                    location=str(path),
                    remedy="fix the file",
                )
        return extended

    def with_classes(self, classes: Mapping[str, object]) -> tuple[Plugins, dict[str, str]]:
        """These plugins and classes that are passed from Python.

        Their names begin with `FROM_PYTHON`, so that they cannot collide with registered names.

        Args:
            classes: Classes by section, such as {"model": MyLayer}; other values are ignored.

        Returns:
            The plugins, and the names of the classes by option, such as "model.name".
        """
        extended, names = self, dict[str, str]()
        for section, cls in classes.items():
            if isinstance(cls, type):
                extended = extended._copy() if extended is self else extended
                name = FROM_PYTHON + cls.__name__
                summary = (cls.__doc__ or "").partition("\n")[0]
                registry: Registry[Any] = getattr(extended, f"{section}s")
                registry.add(Entry(name, section, cls, summary, "python"))
                names[f"{section}.name"] = name
        return extended, names

    def _copy(self) -> Plugins:
        """A copy with new registries; the modules are not imported again."""
        return Plugins((replace(info, failures=[]), partial(_again, info)) for info in self.infos)

    def _collect(self, info: PluginInfo, hook: str, registry: Registry[Any], kind: str) -> None:
        def register(name: str, target: str | Path | type, *, summary: str = "") -> None:
            try:
                registry.add(Entry(name, kind, target, summary, info.name))
            except PluginError as error:
                self._record(info, error)

        function = getattr(info.module, hook, None)
        if function is None:
            return
        try:
            function(register=register)
        except (Exception, SystemExit) as error:
            self._record(info, error)

    def _record(self, info: PluginInfo, error: BaseException) -> None:
        if os.environ.get("SEQLAB_STRICT") == "1":
            raise error
        reason = (
            str(error) if isinstance(error, SeqlabError) else f"{type(error).__name__}: {error}"
        )
        info.failures.append(reason)


@cache
def installed() -> Plugins:
    """The plugins of all installed packages, which are searched once per process."""
    points = sorted(entry_points(group=GROUP), key=lambda p: (_owner(p) != "seqlab", p.name))
    return Plugins((_describe(point), point.load) for point in points)


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def _describe(point: EntryPoint) -> PluginInfo:
    version = point.dist.version if point.dist else ""
    return PluginInfo(point.name, f"{_owner(point)} {version}".strip(), version)


def _again(info: PluginInfo) -> ModuleType:
    if info.module is None:
        raise PluginError(info.failures[0])
    return info.module


def _misspelled(error: pluggy.PluginValidationError) -> PluginError:
    hooks = [name for name in vars(hookspecs) if name.startswith(("register_", "on_"))]
    wrong = str(error).partition("'")[2].partition("'")[0]
    near = nearest(wrong, hooks)
    return PluginError(
        f"there is no hook '{wrong}'" + (f"; did you mean '{near}'?" if near else "")
    )


def describe(infos: Iterable[PluginInfo]) -> list[Mapping[str, object]]:
    """The plugins as records, for `seqlab plugins`."""
    return [
        {"name": i.name, "state": i.state, "origin": i.origin, "failures": i.failures}
        for i in infos
    ]
