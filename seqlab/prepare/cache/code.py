"""Fingerprints of the code that encodes data."""

from __future__ import annotations

import sys
from pathlib import Path

from seqlab.versions import source_hash


def code_fingerprint(*classes: type) -> dict[str, str]:
    """A hash of the source of every package that the classes come from, and of seqlab itself.

    Args:
        classes: Classes such as a task and a tokenizer.

    Returns:
        Package → hash.

    Raises:
        LookupError: The source of a class is not in a file.
    """
    modules = {base.__module__ for cls in classes for base in cls.__mro__}
    packages = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
    return {package: source_hash(package) for package in sorted(packages | {"seqlab"})}


def environment() -> list[str]:
    """The version of Python, and every installed package with its version."""
    distributions = {
        entry.name.removesuffix(".dist-info")
        for folder in map(Path, sys.path)
        if folder.is_dir()
        for entry in folder.glob("*.dist-info")
    }
    return [sys.version, sys.byteorder, *sorted(distributions)]
