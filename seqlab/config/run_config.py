"""What is asked of a run: defaults < task < file < command line; TOML in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from seqlab.errors import UserError, nearest
from seqlab.files import untrusted as safefiles
from seqlab.options import Option, Range

SECTIONS = ("task", "data", "tokenizer", "model", "train", "evaluate")
TOP = ("seed", "device", "precision", "smoke")
NAMES = ("task.name", "model.name", "tokenizer.name", "data.source")
SMOKE = {"smoke": True, "train.max_steps": 2, "evaluate.train_rows": 64}
FLAGS = {  # the command's short forms
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

_FILE, _DIGEST = re.compile(r"[^/\\\x00-\x1f]+\.py"), re.compile(r"[0-9a-f]{64}")
"""Of a one-file plugin."""


@dataclass
class RunConfig:
    """A run's configuration, section by section.

    `task`, `tokenizer` and `model` hold a `name` beside their options, `data` a `source`.

    Args:
        sections: The options of each section.
        seed: Of everything random.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        precision: "auto", "fp32" or "bf16".
        smoke: Two steps on few rows, to see whether all fits together.
        plugins: One-file plugins that the run needs: name and sha256 each.
        places: Where a value came from, by full name, for messages.
        recipe: What it was made from: name, what was set otherwise, what is expected.
    """

    sections: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: {} for name in SECTIONS}
    )
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    smoke: bool = False
    plugins: list[dict[str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    recipe: dict[str, Any] | None = None

    def __getitem__(self, section: str) -> dict[str, Any]:
        return self.sections[section]

    def place(self, section: str, key: str) -> str:
        """Where a value was given, for a message."""
        return self.places.get(f"{section}.{key}", f"{section}.{key}")

    def value(self, path: str) -> Any:
        """A value by its full name, `section.key` or `seed`; None where there is none."""
        section, _, key = path.partition(".")
        return self.sections[section].get(key) if key else getattr(self, section)

    def take(self, path: str, other: RunConfig, place: str) -> None:
        """Another configuration's value; of tables, the entries that it has."""
        section, _, key = path.partition(".")
        value = other.value(path)
        if not key:
            setattr(self, section, value)
        elif isinstance(value, Mapping):
            self.sections[section][key] = {**(self.value(path) or {}), **value}
        else:
            self.sections[section][key] = value
        self.places[path] = place

    def set(self, path: str, value: Any, place: str) -> None:
        """Set one value by its full name, `section.key` or `section.key.subkey`.

        Raises:
            UserError: There is no such section.
        """
        section, _, key = path.partition(".")
        if path in TOP:
            setattr(self, path, _top_value(path, value, place))
            self.places[path] = place
            return
        if section not in SECTIONS or not key:
            near = nearest(section, SECTIONS if key else TOP)
            listed = f"sections: {', '.join(SECTIONS)}"
            raise UserError(
                f"there is no section '{section}'" if key else f"'{path}' is not an option",
                location=place,
                remedy=f"did you mean '{near}'?" if near else f"write SECTION.KEY; {listed}",
            )
        target = self.sections[section]
        *outer, last = key.split(".")
        for name in outer:
            inner = target.setdefault(name, {})
            if not isinstance(inner, dict):
                raise UserError(
                    f"'{section}.{name}' holds one value, not several",
                    location=place,
                    remedy=f"write {section}.{name}=VALUE",
                )
            target = inner
        target[last] = value
        self.places[f"{section}.{key.split('.')[0]}"] = place

    def to_toml(self) -> str:
        """The configuration as TOML; None is written as "none"."""
        document = {name: getattr(self, name) for name in TOP}
        document |= {name: _writable(self.sections[name]) for name in SECTIONS}
        if self.plugins:
            document["plugins"] = self.plugins
        if self.recipe:
            document["recipe"] = self.recipe
        return tomli_w.dumps(document)


def read_toml(path: Path) -> RunConfig:
    """The configuration in a file.

    Raises:
        UserError: No such file, not TOML, or a section that does not exist.
    """
    try:
        document = safefiles.read_toml(path)
    except OSError as error:
        near = nearest(path.name, [p.name for p in path.parent.glob("*.toml")])
        raise UserError(
            f"cannot read the configuration '{path}': {error.strerror}",
            location=str(path),
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a TOML file",
        ) from None
    return from_document(document, str(path))


def from_document(document: Mapping[str, Any], place: str) -> RunConfig:
    """The configuration in a TOML document.

    Args:
        document: As it was read.
        place: Where, for messages.

    Raises:
        UserError: A section that does not exist, or a value that does not fit.
    """
    plugins, recipe = _plugins(document.get("plugins", []), place), document.get("recipe")
    if not isinstance(recipe, dict | None):
        raise UserError("'recipe' is no table", location=place, remedy="leave it out")
    config = RunConfig(plugins=plugins, recipe=recipe)
    for name, value in document.items():
        if name in TOP:
            config.set(name, value, place)
        elif name in SECTIONS and isinstance(value, dict):
            for key, inner in value.items():
                if f"{name}.{key}" in NAMES and not isinstance(inner, str):
                    cause, remedy = f"'{name}.{key}' is no text", "write it in quotes"
                    raise UserError(cause, location=f"{place}, [{name}]", remedy=remedy)
                config.set(f"{name}.{key}", inner, f"{place}, [{name}]")
        elif name not in ("plugins", "recipe"):
            _refuse_section(name, place)
    return config


def _plugins(records: Any, place: str) -> list[dict[str, str]]:
    """The one-file plugins of a document: names of files, never paths, and their hashes."""
    for record in records if isinstance(records, list) else [records]:
        known = isinstance(record, dict) and record.keys() == {"name", "sha256"}
        if not known or not all(isinstance(value, str) for value in record.values()):
            raise UserError(
                "'plugins' is no list of tables with name and sha256",
                location=place,
                remedy="leave it out, and name one-file plugins by --plugin PATH",
            )
        if not _FILE.fullmatch(record["name"]) or not _DIGEST.fullmatch(record["sha256"]):
            raise UserError(
                f"{record['name']!r} with sha256 {record['sha256']!r} is no plugin's file",
                location=place,
                remedy="write the name of a .py file without a folder, and 64 hexadecimal digits",
            )
    return list(records)


def assemble(
    base: RunConfig | None,
    flags: Mapping[str, Any],
    options: Mapping[str, Any] | Iterable[str] = (),
    *,
    smoke: bool = False,
) -> RunConfig:
    """A configuration with further values: file < options < flags.

    Args:
        base: From a file; None for an empty one.
        flags: By full name; None is not given.
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


def _top_value(name: str, value: Any, place: str) -> Any:
    annotation: Any = {"seed": int, "smoke": bool}.get(name, str)
    bounds = Range(0, 2**63 - 1) if name == "seed" else None
    option = Option(name, annotation, getattr(RunConfig(), name), range=bounds)
    return option.convert(value, name=name, location=place)


def _refuse_section(name: str, place: str) -> None:
    if name in SECTIONS:
        raise UserError(
            f"'{name}' is a section, not a value", location=place, remedy=f"write [{name}]"
        )
    near = nearest(name, (*SECTIONS, *TOP))
    raise UserError(
        f"unknown section or key '{name}'",
        location=place,
        remedy=f"did you mean '{near}'?" if near else f"sections: {', '.join(SECTIONS)}",
    )


def _writable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _writable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    return "none" if value is None else value
