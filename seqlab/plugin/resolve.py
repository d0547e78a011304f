"""Resolve a configuration: look up names, and check and complete options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from seqlab.config.data_settings import DataSettings
from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.config.plugin_file import PluginFile
from seqlab.config.recipe import read_recipe
from seqlab.config.run_config import FLAGS, RecipeRecord, RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.errors import PluginError, UserError
from seqlab.options import Option, options_of, validate
from seqlab.plugin.file import check_file
from seqlab.plugin.manager import FROM_PYTHON, Plugins
from seqlab.registry import Entry
from seqlab.task import Task
from seqlab.types import Options

if TYPE_CHECKING:
    from seqlab.data.contracts import Tokenizer
    from seqlab.nn import Layer, Model

T = TypeVar("T")
OPTIONS = {flag: option for option, flag in FLAGS.items()}
"""Flag → the full name of its option."""

Defaults = Mapping[str, Options]
"""Default values by section and key."""


@dataclass(frozen=True)
class Component(Generic[T]):
    """A registered class with its options.

    Args:
        name: The registered name.
        cls: The class.
        options: The checked values of all its options.
    """

    name: str
    cls: type[T]
    options: Options

    def build(self) -> T:
        """Create an object of a class that takes options only."""
        return self.cls(**self.options)

    def section(self) -> dict[str, Any]:
        """The component as a section of a configuration."""
        return {"name": self.name, **self.options}


@dataclass(frozen=True)
class ResolvedData:
    """The part of a configuration that determines the encoded data.

    Args:
        task: The task.
        tokenizer: The tokenizer; None if the task has none.
        data: Section `data`, without the options of the source.
        source_options: The options of a registered data source.
        seed: The random seed.
        smoke: Whether only a few rows are used.
    """

    task: Component[Task]
    tokenizer: Component[Tokenizer] | None
    data: DataSettings
    source_options: Options
    seed: int
    smoke: bool

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections `task`, `data` and `tokenizer` of a configuration."""
        return {
            "task": self.task.section(),
            "data": {**vars(self.data), **self.source_options},
            "tokenizer": self.tokenizer.section() if self.tokenizer else {},
        }


@dataclass(frozen=True)
class Resolved(ResolvedData):
    """A complete configuration and the classes behind its names.

    Args:
        model: A layer or a model.
        train: Section `train`.
        evaluate: Section `evaluate`.
        device: The requested device, such as "auto".
        precision: The requested precision, such as "auto".
        plugins: The one-file plugins in use.
        recipe: The recipe of the run, if any.
        locations: Where each value was set, by full name, for messages.
    """

    model: Component[Layer | Model]
    train: TrainSettings
    evaluate: EvaluateSettings
    device: str
    precision: str
    plugins: tuple[PluginFile, ...]
    recipe: RecipeRecord | None
    locations: Mapping[str, str]

    def with_source(self, source: str) -> Resolved:
        """A copy with the recorded name of the data, which is an absolute path for files."""
        return replace(self, data=replace(self.data, source=source))

    @contextmanager
    def located(self) -> Iterator[None]:
        """Inside, errors about an option name the file, recipe or flag that set it."""
        try:
            yield
        except UserError as error:
            path = OPTIONS.get(error.location, error.location)
            option = ".".join(path.split(".")[:2])  # data.columns.text → data.columns
            error.location = self.locations.get(option, error.location)
            raise

    def config(self) -> RunConfig:
        """The complete configuration, as stored in the folder of a run."""
        return RunConfig(
            sections={
                **self.sections(),
                "model": self.model.section(),
                "train": dict(vars(self.train)),
                "evaluate": dict(vars(self.evaluate)),
            },
            seed=self.seed,
            device=self.device,
            precision=self.precision,
            smoke=self.smoke,
            plugins=list(self.plugins),
            recipe=self.recipe,
        )


def resolve(config: RunConfig, plugins: Plugins, recipe: str | None = None) -> Resolved:
    """Look up every name and check every option.

    Args:
        config: The configuration.
        plugins: Provides the registered names.
        recipe: Name of a recipe, which `config` overrides.

    Raises:
        UserError: A name or option does not exist, or a value is invalid.
        PluginError: The class of a plugin cannot be loaded.
    """
    if recipe is None:
        return _resolve(replace(config, plugins=plugins.files()), plugins)
    chosen = read_recipe(plugins.recipes.get(recipe, location="--recipe", note=plugins.note))
    merged = replace(chosen.overridden_by(config), plugins=plugins.files())
    resolved = _resolve(merged, plugins)
    recipe_only = _resolve(chosen.config, plugins).config()
    return replace(resolved, recipe=chosen.record(config, resolved.config(), recipe_only))


def resolve_saved(
    config: RunConfig, plugins: Plugins, device: str | None = None, *, other_files: bool = False
) -> Resolved:
    """Resolve the configuration of a saved run on this machine.

    Args:
        config: The configuration in the folder of the run.
        plugins: The available plugins.
        device: The device; None for that of the run.
        other_files: Whether one-file plugins may differ from those of the run.

    Raises:
        UserError: A one-file plugin that the run needs is missing, or differs.
    """
    present = {file.name: file for file in plugins.files()}
    for needed in config.plugins:
        if needed.name not in present:
            raise UserError(
                f"this run needs {needed.name} (sha256 {needed.sha256[:12]}…)",
                location="--plugin",
                remedy=f"add --plugin {Path('PATH') / needed.name}",
            )
        if not other_files:
            check_file(present[needed.name], config.plugins)
    files = [present[needed.name] for needed in config.plugins]
    device = config.device if device is None else device
    return _resolve(replace(config, plugins=files, device=device), plugins)


def resolve_data(config: RunConfig, plugins: Plugins) -> ResolvedData:
    """Like `resolve`, for the data only; no model is needed."""
    task = _entry(config, "task", plugins, {})
    cls: type[Task] = task.load()
    _check_class(task, cls, Task)
    defaults = _task_defaults(cls)
    settings, source_options = _data(config, defaults, plugins)
    return ResolvedData(
        task=Component(task.name, cls, _options(config, "task", options_of(cls), {})),
        tokenizer=_tokenizer(config, plugins, defaults, task.name),
        data=settings,
        source_options=source_options,
        seed=config.seed,
        smoke=config.smoke,
    )


def _resolve(config: RunConfig, plugins: Plugins) -> Resolved:
    data = resolve_data(config, plugins)
    defaults = _task_defaults(data.task.cls)
    train = _options(config, "train", options_of(TrainSettings), defaults)
    evaluate = _options(config, "evaluate", options_of(EvaluateSettings), defaults)
    return Resolved(
        **vars(data),
        model=_model(config, plugins, defaults),
        train=TrainSettings(**train),
        evaluate=EvaluateSettings(**evaluate),
        device=config.device,
        precision=config.precision,
        plugins=tuple(config.plugins),
        recipe=config.recipe,
        locations=config.locations,
    )


def _model(config: RunConfig, plugins: Plugins, defaults: Defaults) -> Component[Layer | Model]:
    entry = _entry(config, "model", plugins, defaults)
    cls: type[Layer | Model] = entry.load()
    # imported here, so that unknown names are reported without importing torch
    from seqlab.nn import Layer, Model, model_options

    _check_class(entry, cls, Layer, Model)
    return Component(entry.name, cls, _options(config, "model", model_options(cls), defaults))


def _tokenizer(
    config: RunConfig, plugins: Plugins, defaults: Defaults, task: str
) -> Component[Tokenizer] | None:
    if "name" in {**defaults["tokenizer"], **config["tokenizer"]}:
        entry = _entry(config, "tokenizer", plugins, defaults)
        cls: type[Tokenizer] = entry.load()
        return Component(entry.name, cls, _options(config, "tokenizer", options_of(cls), defaults))
    if config["tokenizer"]:
        raise UserError(
            f"task '{task}' needs no tokenizer",
            location="--tokenizer",
            remedy="leave out the tokenizer and its options",
        )
    return None


def _data(
    config: RunConfig, defaults: Defaults, plugins: Plugins
) -> tuple[DataSettings, dict[str, Any]]:
    """Section `data`, and the options of a registered source."""
    general = options_of(DataSettings)
    source = {**defaults["data"], **config["data"]}.get("source")
    special = options_of(plugins.data.get(str(source)).load()) if source in plugins.data else {}
    options = _options(config, "data", general | special, defaults)
    settings = DataSettings(**{name: options[name] for name in general})
    return settings, {name: value for name, value in options.items() if name not in general}


def _entry(config: RunConfig, section: str, plugins: Plugins, defaults: Defaults) -> Entry[Any]:
    """The registered entry with the name in a section."""
    registry = getattr(plugins, f"{section}s")
    name = {**defaults.get(section, {}), **config[section]}.get("name")
    if name is None:
        raise UserError(
            f"no {section} was given",
            location=f"--{section}",
            remedy=f"`seqlab list {section}s` shows all: "
            + ", ".join(entry.name for entry in registry),
        )
    location = config.location(f"{section}.name")
    if str(name).startswith(FROM_PYTHON) and name not in registry:
        cls = str(name).removeprefix(FROM_PYTHON)
        raise UserError(
            f"the {section} is the class '{cls}', which must be passed from Python",
            location=location,
            remedy=f"in Python, pass the class as {section}={cls}",
        )
    entry: Entry[Any] = registry.get(str(name), location=location, note=plugins.note)
    return entry


def _check_class(entry: Entry[Any], cls: type, *bases: type) -> None:
    if not issubclass(cls, bases):
        names = " or ".join(base.__name__ for base in bases)
        raise PluginError(
            f"{entry.kind} '{entry.name}' is not a {names}: {cls.__name__} is a different class",
            location=f"plugin '{entry.plugin}', {cls.__module__}.{cls.__qualname__}",
            remedy=f"derive the class from {names}",
        )


def _task_defaults(task: type[Task]) -> Defaults:
    """The defaults that a task sets for other sections, by section."""
    sections: dict[str, dict[str, Any]] = {
        name: {} for name in ("data", "tokenizer", "model", "train", "evaluate")
    }
    for path, value in task.defaults.items():
        section, _, key = path.partition(".")
        sections[section][key] = value
    return sections


def _options(
    config: RunConfig, section: str, known: Mapping[str, Option], defaults: Defaults
) -> dict[str, Any]:
    """All options of a section; defaults of the task that the class does not have are ignored."""
    values = {key: v for key, v in defaults.get(section, {}).items() if key in known}
    named = section in ("task", "tokenizer", "model")
    values |= {key: v for key, v in config[section].items() if not (named and key == "name")}
    return validate(section, values, known, locate=config.location)
