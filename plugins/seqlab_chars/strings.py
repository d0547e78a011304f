"""The strings on which tutorials of recurrent networks show that a network can learn at all."""

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
    """A tutorial's string, to be learned by heart.

    "hihell" → "ihello" (each symbol's successor) and "hello" → "ohlol" (an order to be learned)
    have a target for each symbol; "hello world" is a text alone. All parts are the same one row:
    a result says that a model can learn, not that it generalises.

    Args:
        string: Which one.
    """

    def __init__(self, string: String = "hihell") -> None:
        self.string: String = string

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """The one row, as every split."""
        row = _ROWS[self.string]
        return {name: Split(name, row, "strings") for name in ("train", "validation", "test")}
