"""Metadata of plugins, and plugins that are a single Python file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from seqlab.config.plugin_file import PluginFile
from seqlab.errors import UserError, nearest
from seqlab.files.python_file import PythonFile


@dataclass
class PluginInfo:
    """Name, origin and state of a plugin.

    Args:
        name: Name of the entry point or of the file.
        origin: Distribution and version, or the path of the file.
        version: Version of the distribution.
        failures: Reasons why the plugin, or a registration of it, could not be used.
        sha256: SHA-256 of a one-file plugin.
        module: The module; None until it is imported.
    """

    name: str
    origin: str
    version: str = ""
    failures: list[str] = field(default_factory=list)
    sha256: str = ""
    module: ModuleType | None = None

    @property
    def state(self) -> str:
        """One of "loaded", "failed", and "partly" if only some registrations failed."""
        if self.module is None:
            return "failed"
        return "partly" if self.failures else "loaded"


def check_file(file: PluginFile, needed: Iterable[PluginFile]) -> None:
    """Refuse a one-file plugin that differs from that of a run.

    Args:
        file: The plugin.
        needed: The plugins of the run.

    Raises:
        UserError: The run needs a file with the same name and different content.
    """
    for other in needed:
        if other.name == file.name and other.sha256 != file.sha256:
            raise UserError(
                f"{file.name} is not the file that the run was made with "
                f"(sha256 {file.sha256[:12]}…, that of the run is {other.sha256[:12]}…)",
                location="--plugin",
                remedy="give the original file; --accept-changes lets --resume use a different one",
            )


def file_plugin(path: Path) -> tuple[PluginInfo, Callable[[], ModuleType]]:
    """The metadata of a one-file plugin, and a function that imports it.

    Raises:
        UserError: There is no such file.
    """
    if not path.is_file():
        names = [file.name for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
        near = nearest(path.name, names)
        raise UserError(
            f"there is no plugin file '{path}'",
            location="--plugin",
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a .py file",
        )
    file = PythonFile.read(path)
    return PluginInfo(path.name, str(path), sha256=file.sha256), file.load
