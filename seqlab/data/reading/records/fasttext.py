"""Lines of labelled texts as fastText reads them: `__label__good what a film`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from seqlab.data.text_files.opening import open_text
from seqlab.types import Row

PREFIX = "__label__"

_SAMPLE = 20
"""Lines by which the format is known."""


def is_fasttext(path: Path, encoding: str | None) -> bool:
    """Whether the first lines of a text all begin with a label."""
    with open_text(path, encoding, newline=None) as file:
        filled = (line for line in file if line.strip())
        lines = list(islice(filled, _SAMPLE))
    return bool(lines) and all(line.startswith(PREFIX) for line in lines)


def fasttext_rows(lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Yield a row per line: `text`, and `label`, a list where a line has several labels.

    Blank lines are left out. A line without a label has None.
    """
    for _, line in lines:
        words = line.split(" ")
        labels = _labels(words)
        text = " ".join(words[len(labels) :]).strip()
        if text or labels:
            names = [label.removeprefix(PREFIX) for label in labels]
            label = names if len(names) > 1 else next(iter(names), None)
            yield {"text": text, "label": label}


def _labels(words: Sequence[str]) -> list[str]:
    """The labels at the start of a line."""
    count = next((i for i, word in enumerate(words) if not word.startswith(PREFIX)), len(words))
    return list(words[:count])
