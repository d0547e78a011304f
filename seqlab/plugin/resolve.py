"""From what is asked to what will be done: names looked up, every option checked and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqlab.config.data_settings import DataSettings
from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.config.run_config import RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.errors import UserError
from seqlab.options import Option, options_of, validate
from seqlab.plugin.file import check_file
from seqlab.plugin.manager import Plugins
from seqlab.registry import Entry

if TYPE_CHECKING:
    from seqlab.data.contracts import Tokenizer
    from seqlab.nn import Layer, Model
    from seqlab.task import Task


@dataclass(frozen=True)
class Resolved:
    """A complete configuration and the classes behind its names.

    Args:
        config: Every option has a value.
        task: The task's class.
        tokenizer: The tokenizer's class; None where the task needs none.
        model: The class of a layer or a model; `Layer` itself where none is needed.
        train: Section `train`.
        data: Section `data`, without the source's own options.
        evaluate: Section `evaluate`.
    """

    config: RunConfig
    task: type[Task]
    tokenizer: type[Tokenizer] | None
    model: type[Layer | Model]
    train: TrainSettings
    data: DataSettings
    evaluate: EvaluateSettings

    def options(self, section: str) -> dict[str, Any]:
        """The options of a named section, without its name."""
        return {k: v for k, v in self.config[section].items() if k != "name"}

    def source_options(self) -> dict[str, Any]:
        """The options of a built-in data source."""
        return {k: v for k, v in self.config["data"].items() if k not in vars(self.data)}


def resolve(asked: RunConfig, plugins: Plugins, *, data_only: bool = False) -> Resolved:
    """Look up every name and check every option.

    Args:
        asked: What is asked for.
        plugins: Whose names count.
        data_only: No model is needed, for nothing is trained.

    Raises:
        UserError: A name or option that nobody knows, or a value that does not fit.
        PluginError: A plugin's class cannot be loaded.
    """
    task_entry = _named(asked, "task", plugins, {})
    task = task_entry.load()
    defaults = _defaults(task)
    model_entry = None if data_only else _named(asked, "model", plugins, defaults)
    tokenizer_entry = _tokenizer(asked, plugins, defaults, task_entry.name)
    model = model_entry.load() if model_entry else _any_model()
    tokenizer = tokenizer_entry.load() if tokenizer_entry else None
    known = {
        "task": options_of(task),
        "data": _data_options(asked, defaults, plugins),
        "tokenizer": options_of(tokenizer) if tokenizer else {},
        "model": _model_options(model) if model_entry else {},
        "train": options_of(TrainSettings),
        "evaluate": options_of(EvaluateSettings),
    }
    names = {"task": task_entry, "tokenizer": tokenizer_entry, "model": model_entry}
    sections = {}
    for section, options in known.items():
        entry = names.get(section)
        complete = _complete(asked, section, options, defaults.get(section, {}))
        sections[section] = {"name": entry.name, **complete} if entry else complete
    config = replace(asked, sections=sections)
    own = options_of(DataSettings)
    return Resolved(
        config,
        task,
        tokenizer,
        model,
        TrainSettings(**sections["train"]),
        DataSettings(**{k: v for k, v in sections["data"].items() if k in own}),
        EvaluateSettings(**sections["evaluate"]),
    )


def resolve_saved(
    asked: RunConfig, plugins: Plugins, device: str | None = None, *, other_files: bool = False
) -> Resolved:
    """The configuration of a saved run, on this machine.

    Args:
        asked: The configuration; it records the one-file plugins that it is resolved with.
        plugins: What is there.
        device: Instead of the run's own.
        other_files: One-file plugins may be others than they were.

    Raises:
        UserError: A one-file plugin that it needs is missing, or is another file.
    """
    present = {record["name"]: record["sha256"] for record in plugins.file_records()}
    for needed in asked.plugins:
        name, digest = needed["name"], needed["sha256"]
        if name not in present:
            raise UserError(
                f"this run needs {name} (sha256 {digest[:12]}…)",
                location="--plugin",
                remedy=f"add --plugin PATH/{name}",
            )
        if not other_files:
            check_file(name, present[name], asked.plugins)
    asked.plugins = [{"name": e["name"], "sha256": present[e["name"]]} for e in asked.plugins]
    if device is not None:
        asked.device = device
    return resolve(asked, plugins)


def _tokenizer(
    asked: RunConfig, plugins: Plugins, defaults: Mapping[str, Mapping[str, Any]], task: str
) -> Entry[Any] | None:
    if "name" in {**defaults["tokenizer"], **asked["tokenizer"]}:
        return _named(asked, "tokenizer", plugins, defaults)
    if asked["tokenizer"]:
        raise UserError(
            f"task '{task}' needs no tokenizer",
            location="--tokenizer",
            remedy="leave out the tokenizer and its options",
        )
    return None


def _named(
    asked: RunConfig, section: str, plugins: Plugins, defaults: Mapping[str, Mapping[str, Any]]
) -> Entry[Any]:
    registry = getattr(plugins, section + "s")
    name = {**defaults.get(section, {}), **asked[section]}.get("name")
    if name is None:
        raise UserError(
            f"no {section} is named",
            location=f"--{section}",
            remedy=f"`seqlab list {section}s` shows all: "
            + ", ".join(entry.name for entry in registry),
        )
    entry: Entry[Any] = registry.get(
        str(name), location=asked.place(section, "name"), note=plugins.note
    )
    return entry


def _defaults(task: type[Task]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        name: {} for name in ("data", "tokenizer", "model", "train", "evaluate")
    }
    for path, value in task.defaults.items():
        section, _, key = path.partition(".")
        found[section][key] = value
    return found


def _complete(
    asked: RunConfig, section: str, known: Mapping[str, Option], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """A section with every option: the task's defaults count where the builder has the option."""
    given = {key: value for key, value in defaults.items() if key in known}
    named = section in ("task", "tokenizer", "model")
    given |= {key: value for key, value in asked[section].items() if not (named and key == "name")}
    return validate(section, given, known)


def _model_options(model: type[Layer | Model]) -> dict[str, Option]:
    from seqlab.nn import model_options

    return model_options(model)


def _any_model() -> type[Layer | Model]:
    from seqlab.nn import Layer

    return Layer


def _data_options(
    asked: RunConfig, defaults: Mapping[str, Mapping[str, Any]], plugins: Plugins
) -> dict[str, Option]:
    known = options_of(DataSettings)
    source = {**defaults["data"], **asked["data"]}.get("source")
    if source in plugins.data:
        known |= options_of(plugins.data.get(str(source)).load())
    return known
