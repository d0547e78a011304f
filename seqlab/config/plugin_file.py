"""One-file plugins as configurations record them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PluginFile:
    """A one-file plugin that a run needs.

    Args:
        name: File name, without its folder.
        sha256: SHA-256 of the content.
    """

    name: str
    sha256: str
