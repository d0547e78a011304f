"""Python files that are imported as modules, with exactly the content that was hashed."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from seqlab.errors import PluginError


@dataclass(frozen=True)
class PythonFile:
    """The content of a Python file, which is read once.

    Args:
        path: The file.
        source: Its bytes.
    """

    path: Path
    source: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> PythonFile:
        """Read the file.

        Raises:
            OSError: It cannot be read.
        """
        return cls(path, path.read_bytes())

    @property
    def sha256(self) -> str:
        """The SHA-256 of the source."""
        import hashlib  # imported here to keep listings fast

        return hashlib.sha256(self.source).hexdigest()

    @property
    def module_name(self) -> str:
        """The name of the module, which is unique for the file's name and content."""
        return f"seqlab_file_{self.path.stem}_{self.sha256[:8]}"

    def load(self) -> ModuleType:
        """Execute the source as a module.

        Raises:
            PluginError: It is not a Python file.
        """
        spec = importlib.util.spec_from_file_location(self.module_name, self.path)
        if spec is None or spec.loader is None:
            raise PluginError(
                "not a Python file", location=str(self.path), remedy="give a .py file"
            )
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.module_name] = module
        # the loader is not used: it would execute a compiled file in __pycache__ without checking
        # that it belongs to this source
        exec(compile(self.source, self.path, "exec", dont_inherit=True), module.__dict__)
        return module
