"""What tells whether code has changed that decides how data is encoded."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path


def code_fingerprint(*classes: type) -> dict[str, str]:
    """A hash of the source of every package that the classes come from, and of seqlab's own.

    Args:
        classes: Such as a task and a tokenizer.

    Returns:
        Package → hash.

    Raises:
        LookupError: A class whose source is not in a file.
    """
    modules = {base.__module__ for each in classes for base in each.__mro__}
    packages = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
    return {package: _of_package(package) for package in sorted(packages | {"seqlab"})}


def environment() -> list[str]:
    """The version of Python, and every installed package with its version."""
    found = {
        each.name.removesuffix(".dist-info")
        for folder in map(Path, sys.path)
        if folder.is_dir()
        for each in folder.glob("*.dist-info")
    }
    return [sys.version, sys.byteorder, *sorted(found)]


@cache
def _of_package(name: str) -> str:
    module = sys.modules.get(name)
    if name == "__main__" or module is None or getattr(module, "__file__", None) is None:
        raise LookupError(name)
    file = Path(str(module.__file__))
    files = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
    seen = hashlib.sha256()
    for each in files:
        seen.update(f"\0{each.relative_to(file.parent)}\0".encode())
        seen.update(hashlib.sha256(each.read_bytes()).digest())
    return seen.hexdigest()
