"""Which software and which machine."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("seqlab", "torch", "datasets", "accelerate", "numpy", "safetensors", "pluggy", "click")
NUMBERS = ("torch", "numpy")
"""Packages whose versions decide which numbers come out."""


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that a result depends on."""
    found = {"python": platform.python_version(), "system": platform.platform(terse=True)}
    return found | {package: _version(package) for package in PACKAGES}


def code_of(classes: Iterable[type]) -> dict[str, str]:
    """What a run computes with: versions, and of our and plugins' packages a hash of the sources.

    A hash tells apart what a version does not: a package that is being written. One-file plugins
    are left out; they have a hash of their own.

    Args:
        classes: The run's task, model and tokenizer.
    """
    packages = {each.__module__.partition(".")[0] for each in classes}
    own = sorted(name for name in packages - {"seqlab"} if not name.startswith("seqlab_file_"))
    found = {"seqlab": f"{_version('seqlab')}, {_sources('seqlab')}"}
    found |= {name: _sources(name) for name in own}
    return found | {name: _version(name) for name in NUMBERS}


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


@cache
def source_hash(package: str) -> str:
    """The SHA-256 of all Python files of an imported package, or of a module that is one file.

    Raises:
        LookupError: Its source is not in a file.
    """
    module = sys.modules.get(package)
    if package == "__main__" or module is None or getattr(module, "__file__", None) is None:
        raise LookupError(package)
    file, seen = Path(str(module.__file__)), hashlib.sha256()
    for each in sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]:
        seen.update(f"\0{each.relative_to(file.parent)}\0".encode())
        seen.update(hashlib.sha256(each.read_bytes()).digest())
    return seen.hexdigest()
