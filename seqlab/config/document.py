"""Configurations in TOML files and documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from seqlab.config.plugin_file import PluginFile
from seqlab.config.run_config import SECTIONS, RecipeRecord, RunConfig
from seqlab.errors import UserError, nearest
from seqlab.files import untrusted
from seqlab.options.synonyms import TOP

NAMES = ("task.name", "model.name", "tokenizer.name", "data.source")

_FILE_NAME = re.compile(r"[^/\\\x00-\x1f]+\.py")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_config(path: Path) -> RunConfig:
    """The configuration in a file.

    Raises:
        UserError: The file does not exist or is not TOML, or a section or value is invalid.
    """
    try:
        document = untrusted.read_toml(path)
    except OSError as error:
        near = nearest(path.name, [p.name for p in path.parent.glob("*.toml")])
        raise UserError(
            f"cannot read the configuration '{path}': {error.strerror}",
            location=str(path),
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a TOML file",
        ) from None
    return config_of(document, str(path))


def config_of(document: Mapping[str, object], location: str) -> RunConfig:
    """The configuration in a TOML document.

    Args:
        document: The parsed document.
        location: Its file or name, for messages.

    Raises:
        UserError: There is no such section, or a value is invalid.
    """
    config = RunConfig(
        plugins=_plugins(document.get("plugins", []), location),
        recipe=_recipe(document.get("recipe"), location),
    )
    for name, value in document.items():
        if name in TOP:
            config.set(name, value, location)
        elif name in SECTIONS and isinstance(value, dict):
            _read_section(config, name, value, f"{location}, [{name}]")
        elif name not in ("plugins", "recipe"):
            raise _unknown_section(name, location)
    return config


def _read_section(
    config: RunConfig, section: str, values: Mapping[str, object], location: str
) -> None:
    for key, value in values.items():
        if f"{section}.{key}" in NAMES and not isinstance(value, str):
            raise UserError(
                f"'{section}.{key}' is not text", location=location, remedy="write it in quotes"
            )
        config.set(f"{section}.{key}", value, location)


def _plugins(records: object, location: str) -> list[PluginFile]:
    """The one-file plugins of a document: file names without folders, and hashes."""
    files = []
    for record in records if isinstance(records, list) else [records]:
        if not isinstance(record, dict) or not _is_plugin(record):
            raise UserError(
                "'plugins' is not a list of tables with name and sha256",
                location=location,
                remedy="leave it out, and name one-file plugins by --plugin PATH",
            )
        file = PluginFile(**record)
        if not _FILE_NAME.fullmatch(file.name) or not _SHA256.fullmatch(file.sha256):
            raise UserError(
                f"{file.name!r} with sha256 {file.sha256!r} is not the file of a plugin",
                location=location,
                remedy="write the name of a .py file without a folder, and 64 hexadecimal digits",
            )
        files.append(file)
    return files


def _is_plugin(record: Mapping[str, object]) -> bool:
    texts = all(isinstance(value, str) for value in record.values())
    return record.keys() == {"name", "sha256"} and texts


def _recipe(record: object, location: str) -> RecipeRecord | None:
    """The recipe of a run, in the format of `RunConfig.to_toml`."""
    if record is None:
        return None
    if not isinstance(record, dict) or not _is_recipe(record):
        raise UserError(
            "'recipe' is not a table with name, overridden and expected",
            location=location,
            remedy="leave it out",
        )
    return RecipeRecord(**record)


def _is_recipe(record: Mapping[str, object]) -> bool:
    if record.keys() != {"name", "overridden", "expected"}:
        return False
    overridden, expected = record["overridden"], record["expected"]
    return (
        isinstance(record["name"], str)
        and isinstance(overridden, list)
        and all(isinstance(path, str) for path in overridden)
        and isinstance(expected, list)
        and all(
            isinstance(each, dict) and each.keys() == {"name", "condition"} for each in expected
        )
    )


def _unknown_section(name: str, location: str) -> UserError:
    if name in SECTIONS:
        return UserError(
            f"'{name}' is a section, not a value", location=location, remedy=f"write [{name}]"
        )
    near = nearest(name, (*SECTIONS, *TOP))
    return UserError(
        f"unknown section or key '{name}'",
        location=location,
        remedy=f"did you mean '{near}'?" if near else f"sections: {', '.join(SECTIONS)}",
    )
