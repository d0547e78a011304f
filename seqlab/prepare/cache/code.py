"""What tells whether code has changed that decides how data is encoded."""

from __future__ import annotations

import sys
from pathlib import Path

from seqlab.versions import source_hash


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
    return {package: source_hash(package) for package in sorted(packages | {"seqlab"})}


def environment() -> list[str]:
    """The version of Python, and every installed package with its version."""
    found = {
        each.name.removesuffix(".dist-info")
        for folder in map(Path, sys.path)
        if folder.is_dir()
        for each in folder.glob("*.dist-info")
    }
    return [sys.version, sys.byteorder, *sorted(found)]
