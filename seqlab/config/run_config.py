"""The configuration of a run. Priorities: defaults < task < recipe < file < options < flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tomli_w

from seqlab.config.plugin_file import PluginFile
from seqlab.errors import UserError, nearest
from seqlab.options import Option, Range
from seqlab.options.synonyms import SYNONYMS, TOP, option_elsewhere

if TYPE_CHECKING:
    from seqlab.types import JsonObject, Options

SECTIONS = ("task", "data", "tokenizer", "model", "train", "evaluate")
SMOKE: Options = {"smoke": True, "train.max_steps": 2, "evaluate.train_rows": 64}
FLAGS = {  # command-line flags that set an option
    "task.name": "--task",
    "model.name": "--model",
    "tokenizer.name": "--tokenizer",
    "data.source": "--data",
    "train.epochs": "--epochs",
    "train.init_from": "--init-from",
    "seed": "--seed",
    "device": "--device",
    "precision": "--precision",
}


@dataclass(frozen=True)
class RecipeRecord:
    """The recipe of a run.

    Args:
        name: The registered name.
        overridden: Full names of the options that the user set to a different value.
        expected: One record `{name, condition}` per number that the result must reach.
    """

    name: str
    overridden: list[str]
    expected: list[dict[str, str]]


@dataclass
class RunConfig:
    """A configuration; complete once it is resolved.

    Sections `task`, `tokenizer` and `model` have a `name` in addition to the options, and section
    `data` has a `source`.

    Args:
        sections: The options of each section.
        seed: The random seed.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        precision: "auto", "fp32" or "bf16".
        smoke: Whether to train for two steps on a few rows only.
        plugins: One-file plugins that the run needs.
        recipe: The recipe of the run, if any.
        locations: Where each value was set, by full name, for messages.
    """

    sections: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: {} for name in SECTIONS}
    )
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    smoke: bool = False
    plugins: list[PluginFile] = field(default_factory=list)
    recipe: RecipeRecord | None = None
    locations: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, section: str) -> dict[str, Any]:
        return self.sections[section]

    def location(self, path: str) -> str:
        """Where an option was set, for a message: a file and section, or a flag."""
        return self.locations.get(path, path)

    def value(self, path: str) -> Any:
        """A value by its full name, `section.key` or `seed`; None if it is not set."""
        section, _, key = path.partition(".")
        return self.sections[section].get(key) if key else getattr(self, section)

    def override(self, other: RunConfig, path: str) -> None:
        """Take one value from another configuration; tables are merged."""
        section, _, key = path.partition(".")
        value = other.value(path)
        if not key:
            setattr(self, section, value)
        elif isinstance(value, Mapping):
            self.sections[section][key] = {**(self.value(path) or {}), **value}
        else:
            self.sections[section][key] = value
        self.locations[path] = other.locations[path]

    def set(self, path: str, value: object, location: str) -> None:
        """Set one value by its full name, `section.key` or `section.key.subkey`.

        Args:
            path: The full name.
            value: The value as read. It is converted when the configuration is resolved.
            location: Where it was set, for messages.

        Raises:
            UserError: There is no such section.
        """
        section, _, key = path.partition(".")
        if path in TOP:
            setattr(self, path, _top_value(path, value, location))
            self.locations[path] = location
            return
        if section not in SECTIONS or not key:
            raise _no_section(section, key, path, location)
        table = self.sections[section]
        *outer, last = key.split(".")
        for name in outer:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):
                raise UserError(
                    f"'{section}.{name}' holds one value, not several",
                    location=location,
                    remedy=f"write {section}.{name}=VALUE",
                )
            table = inner
        table[last] = value
        self.locations[f"{section}.{key.split('.')[0]}"] = location

    def to_toml(self) -> str:
        """The configuration as TOML; None is written as "none"."""
        document: JsonObject = {name: getattr(self, name) for name in TOP}
        document |= {name: _writable(self.sections[name]) for name in SECTIONS}
        if self.plugins:
            document["plugins"] = [vars(file) for file in self.plugins]
        if self.recipe:
            document["recipe"] = vars(self.recipe)
        return tomli_w.dumps(document)


def assemble(
    base: RunConfig | None,
    flags: Options,
    options: Options | Iterable[str] = (),
    *,
    smoke: bool = False,
) -> RunConfig:
    """Combine a configuration with options and flags. Priorities: base < options < flags.

    Args:
        base: The configuration of a file; None for an empty one.
        flags: Values by full name; None for a flag that is not set.
        options: Values by full name, or strings `SECTION.KEY=VALUE` as on the command line.
        smoke: Whether the run is a smoke run.

    Raises:
        UserError: A string has no `=`, or there is no such section.
    """
    config = deepcopy(base) if base is not None else RunConfig()
    pairs = options.items() if isinstance(options, Mapping) else map(_pair, options)
    for path, value in pairs:
        config.set(path, value, f"-o {path}")
    for path, value in {**flags, **(SMOKE if smoke else {})}.items():
        if value is not None:
            config.set(path, value, FLAGS.get(path, path))
    return config


def _pair(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals:
        raise UserError(
            f"'{text}' has no value", location="-o", remedy=f"write -o {path or 'model.x'}=VALUE"
        )
    return path.strip(), value.strip()


def _top_value(name: str, value: object, location: str) -> Any:
    annotation = {"seed": int, "smoke": bool}.get(name, str)
    bounds = Range(0, 2**63 - 1) if name == "seed" else None
    option = Option(name, annotation, getattr(RunConfig(), name), range=bounds)
    return option.convert(value, name=name, location=location)


def _no_section(section: str, key: str, path: str, location: str) -> UserError:
    near = nearest(section, SECTIONS if key else TOP)
    if near and f"{near}.{key}" in SYNONYMS:  # its section is misspelled
        near = f"{near}.{key}"
    else:
        near = option_elsewhere(key or section) or near
    known = f"sections: {', '.join(SECTIONS)}"
    return UserError(
        f"there is no section '{section}'" if key else f"'{path}' is not an option",
        location=location,
        remedy=f"did you mean '{near}'?" if near else f"write SECTION.KEY; {known}",
    )


def _writable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _writable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    return "none" if value is None else value
