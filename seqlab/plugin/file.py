"""What is known of a plugin, and plugins that are one Python file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from seqlab.errors import UserError, nearest
from seqlab.files.python_file import PythonFile


@dataclass
class PluginInfo:
    """What is known of one plugin.

    Args:
        name: Its entry point's name, or its file's.
        origin: Distribution and version, or the file.
        version: Of the distribution.
        failures: Why it, or part of it, could not be used.
        sha256: Of a one-file plugin.
    """

    name: str
    origin: str
    version: str = ""
    failures: list[str] = field(default_factory=list)
    sha256: str = ""
    module: ModuleType | None = None

    @property
    def state(self) -> str:
        """One of "loaded", "failed", and "partly" where only some names were refused."""
        if self.module is None:
            return "failed"
        return "partly" if self.failures else "loaded"


def check_file(name: str, digest: str, needed: Iterable[Mapping[str, str]]) -> None:
    """Refuse a one-file plugin that is not what a run was made with.

    Args:
        name: Of the file.
        digest: Its sha256.
        needed: What the run records: `name` and `sha256` each.

    Raises:
        UserError: The run needs another file of this name.
    """
    for own in (each["sha256"] for each in needed if each["name"] == name):
        if digest != own:
            raise UserError(
                f"{name} is not the file that the run was made with "
                f"(sha256 {digest[:12]}…, the run's is {own[:12]}…)",
                location="--plugin",
                remedy="give the file as it was; --resume takes another with --accept-changes",
            )


def file_plugin(path: Path) -> tuple[PluginInfo, Callable[[], ModuleType]]:
    """A plugin in one file, and how to import it.

    Raises:
        UserError: There is no such file.
    """
    if not path.is_file():
        names = [each.name for each in path.parent.glob("*.py")] if path.parent.is_dir() else []
        near = nearest(path.name, names)
        raise UserError(
            f"there is no plugin file '{path}'",
            location="--plugin",
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a .py file",
        )
    file = PythonFile.read(path)
    return PluginInfo(path.name, str(path), sha256=file.sha256), file.load
