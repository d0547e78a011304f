"""The configuration of a run, section by section: defaults < task < file < options < flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tomli_w

from seqlab.errors import UserError, nearest
from seqlab.options import Option, Range

if TYPE_CHECKING:
    from seqlab.types import JsonObject, Options

SECTIONS = ("task", "data", "tokenizer", "model", "train", "evaluate")
TOP = ("seed", "device", "precision", "smoke")
SMOKE: Options = {"smoke": True, "train.max_steps": 2, "evaluate.train_rows": 64}
FLAGS = {  # the flags of the command that stand for an option
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
class PluginFile:
    """A one-file plugin that a run needs.

    Args:
        name: Name of the file, without a folder.
        sha256: Of its content.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class RecipeRecord:
    """The recipe that a run was made from.

    Args:
        name: As a user types it.
        overridden: Full names of the options that the user set to something else.
        expected: `{name, condition}` of each number that the result must reach.
    """

    name: str
    overridden: list[str]
    expected: list[dict[str, str]]


@dataclass
class RunConfig:
    """A configuration; complete once it is resolved.

    `task`, `tokenizer` and `model` hold a `name` beside their options, `data` a `source`.

    Args:
        sections: The options of each section.
        seed: Of everything random.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        precision: "auto", "fp32" or "bf16".
        smoke: Two steps on few rows, to see whether everything works together.
        plugins: One-file plugins that the run needs.
        recipe: The recipe that it was made from, if any.
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
        """A value by its full name, `section.key` or `seed`; None where it is not set."""
        section, _, key = path.partition(".")
        return self.sections[section].get(key) if key else getattr(self, section)

    def override(self, other: RunConfig, path: str) -> None:
        """Take one value from another configuration; of a table, the entries that it has."""
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
            value: As it was read; it is converted when the configuration is resolved.
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
    """A configuration with further values: base < options < flags.

    Args:
        base: From a file; None for an empty one.
        flags: By full name; None means that the flag is not set.
        options: By full name, or `SECTION.KEY=VALUE` each, as on the command line.
        smoke: Make it a smoke run.

    Raises:
        UserError: A text without `=`, or a section that does not exist.
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
