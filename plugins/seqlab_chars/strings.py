"""Strings that tutorials of recurrent networks use to show that a network can learn at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from seqlab import DataSource, Split

String = Literal["hihell", "hello", "hello world"]

_ROWS: Mapping[String, Mapping[str, list[str]]] = {
    "hihell": {"text": ["hihell"], "target": ["ihello"]},
    "hello": {"text": ["hello"], "target": ["ohlol"]},
    "hello world": {"text": ["hello world"]},
}


class Strings(DataSource):
    """A string of a tutorial, to be memorised.

    "hihell" → "ihello" (each character's successor) and "hello" → "ohlol" (a permutation) have
    one target per character; "hello world" is a text without targets. All splits consist of the
    same row: a result shows that a model can learn, not that it generalises.

    Args:
        string: The string.
    """

    def __init__(self, string: String = "hihell") -> None:
        self.string: String = string

    def fingerprint(self) -> str:
        """Empty, because the options determine the rows."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """The same row as every split."""
        columns = _ROWS[self.string]
        return {name: Split(name, columns, "strings") for name in ("train", "validation", "test")}
