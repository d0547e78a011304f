"""Registered names; the code behind a name is imported when the name is used."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Generic, TypeVar

from seqlab.errors import PluginError, unknown

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered name.

    Args:
        name: The name that a user types.
        kind: "layer", "model", "tokenizer", "task", "data" or "recipe".
        target: The class, or its location "package.module:Name". For a recipe, its file or the
            location of the file, "package:path/in/package.toml".
        summary: One line for listings.
        plugin: Name of the plugin that registered it.
    """

    name: str
    kind: str
    target: str | Path | type[T]
    summary: str
    plugin: str

    def load(self) -> type[T]:
        """The class behind the name; it is imported on first use.

        Raises:
            PluginError: The target cannot be imported or is not a class.
        """
        if isinstance(self.target, type):
            return self.target
        module, _, attribute = str(self.target).partition(":")
        try:
            loaded = getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self.kind} '{self.name}' cannot be loaded: {type(error).__name__}: {error}",
                location=f"plugin '{self.plugin}', {self.target}",
                remedy="fix or uninstall the plugin; `seqlab plugins` shows its state",
            ) from error
        if not isinstance(loaded, type):
            raise PluginError(
                f"{self.kind} '{self.name}' is not a class but {type(loaded).__name__}",
                location=f"plugin '{self.plugin}', {self.target}",
                remedy="register a class, or the location of one as 'package.module:Name'",
            )
        return loaded


class Registry(Generic[T]):
    """The registered names of one kind, in alphabetical order.

    Args:
        what: The kind in messages, such as "model".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[str, Entry[T]] = {}

    def add(self, entry: Entry[T]) -> None:
        """Register an entry under its name.

        Raises:
            PluginError: The name is already registered; the first entry is kept.
        """
        first = self._entries.get(entry.name)
        if first is not None:
            raise PluginError(
                f"{self.what} '{entry.name}' is already registered by plugin '{first.plugin}'",
                location=f"plugin '{entry.plugin}'",
                remedy=f"'{first.plugin}' keeps it; choose a different name",
            )
        self._entries[entry.name] = entry

    def get(self, name: str, *, location: str = "", note: str = "") -> Entry[T]:
        """The entry of a name.

        Args:
            name: The name.
            location: Where the name was used, for the message.
            note: Appended to the remedy, such as a note on plugins that failed to load.

        Raises:
            UserError: The name is not registered.
        """
        if name not in self._entries:
            hint = f"`seqlab list {self.what}s` shows all"
            if self.what == "data":
                hint = "`seqlab list data` shows all"
            raise unknown(self.what, name, self._entries, location=location, hint=hint + note)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def __len__(self) -> int:
        return len(self._entries)


def file_of(target: str | Path) -> Traversable:
    """The file at "package:path/in/package.toml", or at a path.

    Raises:
        ImportError: There is no such package.
    """
    if isinstance(target, Path):
        return target
    from importlib.resources import files

    package, _, name = target.partition(":")
    return files(package).joinpath(*name.split("/"))


def sibling(target: str | Path, name: str) -> str | Path:
    """The location of another file in the same folder."""
    if isinstance(target, Path):
        return target.absolute().parent / name
    package, _, path = target.partition(":")
    return f"{package}:{PurePosixPath(path).parent / name}"
