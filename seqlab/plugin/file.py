"""What is known of a plugin, and plugins that are one Python file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from seqlab.config.run_config import PluginFile
from seqlab.errors import UserError, nearest
from seqlab.files.python_file import PythonFile


@dataclass
class PluginInfo:
    """What is known of one plugin.

    Args:
        name: The name of its entry point, or of its file.
        origin: Distribution and version, or the path of the file.
        version: Of the distribution.
        failures: Why it, or a part of it, could not be used.
        sha256: Of a one-file plugin.
        module: Once it is imported.
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


def check_file(file: PluginFile, needed: Iterable[PluginFile]) -> None:
    """Refuse a one-file plugin that differs from the one that a run was made with.

    Args:
        file: The plugin.
        needed: The plugins of the run.

    Raises:
        UserError: The run needs a file of this name with other content.
    """
    for other in needed:
        if other.name == file.name and other.sha256 != file.sha256:
            raise UserError(
                f"{file.name} is not the file that the run was made with "
                f"(sha256 {file.sha256[:12]}…, that of the run is {other.sha256[:12]}…)",
                location="--plugin",
                remedy="give the original file; --resume takes another with --accept-changes",
            )


def file_plugin(path: Path) -> tuple[PluginInfo, Callable[[], ModuleType]]:
    """A plugin in one file, and how to import it.

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
