"""Names and what they stand for; the code behind a name is imported when it is used."""

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
        name: What a user types.
        kind: What it is: "layer", "model", "tokenizer", "task", "data" or "recipe".
        target: The class itself, or where it stands as "package.module:Name"; of a recipe, its
            file, or where that stands as "package:path/in/package.toml".
        summary: One line for listings.
        plugin: Name of the plugin that registered it.
    """

    name: str
    kind: str
    target: str | Path | type[T]
    summary: str
    plugin: str

    def load(self) -> type[T]:
        """The class behind the name, imported now if it was not yet.

        Raises:
            PluginError: The target cannot be imported or is not a class.
        """
        if isinstance(self.target, type):
            return self.target
        module, _, attribute = str(self.target).partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self.kind} '{self.name}' cannot be loaded: {type(error).__name__}: {error}",
                location=f"plugin '{self.plugin}', {self.target}",
                remedy="mend or uninstall the plugin; `seqlab plugins` shows its state",
            ) from error
        if not isinstance(found, type):
            raise PluginError(
                f"{self.kind} '{self.name}' is not a class but {type(found).__name__}",
                location=f"plugin '{self.plugin}', {self.target}",
                remedy="register a class, or the location of one as 'package.module:Name'",
            )
        return found


class Registry(Generic[T]):
    """All names of one namespace, in alphabetical order.

    Args:
        what: What the names are called in messages, such as "model".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[str, Entry[T]] = {}

    def add(self, entry: Entry[T]) -> None:
        """Take a new name.

        Raises:
            PluginError: The name is taken; the first owner keeps it.
        """
        first = self._entries.get(entry.name)
        if first is not None:
            raise PluginError(
                f"{self.what} '{entry.name}' is already registered by plugin '{first.plugin}'",
                location=f"plugin '{entry.plugin}'",
                remedy=f"the one of '{first.plugin}' stays; choose another name",
            )
        self._entries[entry.name] = entry

    def get(self, name: str, *, location: str = "", note: str = "") -> Entry[T]:
        """The entry of a name.

        Args:
            name: The name.
            location: Where it was asked for, for the message.
            note: Said with the error, such as plugins that failed to load.

        Raises:
            UserError: Nobody registered the name.
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
    """The file of "package:path/in/package.toml", or of a path.

    Raises:
        ImportError: There is no such package.
    """
    if isinstance(target, Path):
        return target
    from importlib.resources import files

    package, _, name = target.partition(":")
    return files(package).joinpath(*name.split("/"))


def beside(target: str | Path, name: str) -> str | Path:
    """Another file in the folder of a target, as a target itself: it is found on any machine."""
    if isinstance(target, Path):
        return target.absolute().parent / name
    package, _, own = target.partition(":")
    return f"{package}:{PurePosixPath(own).parent / name}"
