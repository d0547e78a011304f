"""Versions of the software and of the machine."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("seqlab", "torch", "datasets", "accelerate", "numpy", "safetensors", "pluggy", "click")
"""Packages whose versions `seqlab doctor` shows and a run records."""

NUMERIC_PACKAGES = ("torch", "numpy")
"""Packages whose versions determine the numbers of a run."""


def versions() -> dict[str, str]:
    """The versions of Python, the system and the packages that a result depends on."""
    machine = {"python": platform.python_version(), "system": platform.platform(terse=True)}
    return machine | {package: _version(package) for package in PACKAGES}


def code_versions(classes: Iterable[type]) -> dict[str, str]:
    """The code that a run executes: package → version, or a hash of its sources.

    The hash distinguishes states of a package under development, whose version stays the same.
    One-file plugins are left out; a run records their hashes separately.

    Args:
        classes: The run's task, model and tokenizer.
    """
    packages = {cls.__module__.partition(".")[0] for cls in classes} - {"seqlab"}
    plugins = sorted(name for name in packages if not name.startswith("seqlab_file_"))
    records = {"seqlab": f"{_version('seqlab')}, {_sources('seqlab')}"}
    records |= {name: _sources(name) for name in plugins}
    return records | {name: _version(name) for name in NUMERIC_PACKAGES}


@cache
def source_hash(package: str) -> str:
    """The SHA-256 of all Python files of an imported package, or of a module that is one file.

    Raises:
        LookupError: The source is not in a file.
    """
    module = sys.modules.get(package)
    if package == "__main__" or module is None or getattr(module, "__file__", None) is None:
        raise LookupError(package)
    file, digest = Path(str(module.__file__)), hashlib.sha256()
    for path in sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]:
        digest.update(f"\0{path.relative_to(file.parent)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(package: str) -> str:
    try:
        return f"sources {source_hash(package)[:12]}"
    except LookupError:
        return "sources unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
