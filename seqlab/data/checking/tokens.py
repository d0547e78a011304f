"""Findings about tokens: unknown ones, words without spaces, and letters spelled in two ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from unicodedata import is_normalized

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.contracts import Tokenizer
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.mapped import release
from seqlab.data.split import Split
from seqlab.data.words import unspaced_script
from seqlab.spec import Field, Ids
from seqlab.types import Array

MAX_UNKNOWN = 0.5
"""Share of unknown tokens of a split from which there is a finding."""

_MAX_UNSPACED = 0.1
"""Share of texts in scripts without spaces from which there is a finding."""

_SAMPLE = 500
"""Texts whose characters are looked at, spread over the split."""

_BLOCK = 1 << 22
"""Ids that are in memory at a time."""


def find_unknown(
    splits: Mapping[str, Split],
    examples: Mapping[str, Examples],
    inputs: Mapping[str, Field],
    tokenizers: Mapping[str, Tokenizer],
    columns: Mapping[str, str],
) -> Iterator[Finding]:
    """Find splits most of whose tokens are unknown; without any known token, training is refused.

    Args:
        splits: The rows; without the training split if a finished run is evaluated.
        examples: The same rows, encoded.
        inputs: The input streams.
        tokenizers: The fitted tokenizer of each stream that has one.
        columns: The column of each role.
    """
    for stream, tokenizer in tokenizers.items():
        field = inputs.get(stream)
        if not isinstance(field, Ids):
            continue
        column = _column(stream, columns)
        for name, split in splits.items():
            ids = examples[name].inputs[stream]
            assert isinstance(ids, np.ndarray)  # the values of `Ids`
            unknown = 0 if field.unknown is None else _count(ids, field.unknown)
            is_empty = field.size == 0  # the tokenizer drops what is unknown
            if is_empty or unknown > MAX_UNKNOWN * len(ids):
                yield _unknown(split, column, tokenizer, unknown, len(ids), splits.get("train"))


def find_unspaced(
    train: Split, tokenizers: Mapping[str, Tokenizer], columns: Mapping[str, str], name: str
) -> Iterator[Finding]:
    """Find texts in scripts without spaces between words, if the tokenizer reads words.

    Args:
        train: The training split.
        tokenizers: The tokenizer of each stream that has one.
        columns: The column of each role.
        name: The registered name of the tokenizer.
    """
    for stream, tokenizer in tokenizers.items():
        if not getattr(tokenizer, "needs_spaces", False):
            continue
        column = _column(stream, columns)
        texts = _texts(train, column)
        scripts = Counter(filter(None, map(unspaced_script, texts)))
        if scripts.total() > _MAX_UNSPACED * len(texts):
            listed = ", ".join(script for script, _ in scripts.most_common(3))
            of_all = "" if len(texts) == len(train) else " that were looked at"
            yield Finding(
                "no spaces between words",
                "kept",
                f"{scripts.total():,} of {len(texts):,} training texts{of_all} are in a script "
                f"without spaces between words ({listed}): tokenizer '{name}' cannot find the "
                "words, and takes single characters or runs of them",
                train.location(column),
                "--tokenizer char, which reads all characters; or separate the words by spaces",
                train.name,
            )


def find_mixed_spellings(
    splits: Mapping[str, Split], tokenizers: Mapping[str, Tokenizer], columns: Mapping[str, str]
) -> Iterator[Finding]:
    """Find accented letters that are one character in some texts, and two in others.

    Args:
        splits: The rows.
        tokenizers: The tokenizer of each stream that has one.
        columns: The column of each role.
    """
    for stream, tokenizer in tokenizers.items():
        if getattr(tokenizer, "normalize", None) != "none":
            continue
        column = _column(stream, columns)
        texts = {name: _texts(split, column) for name, split in splits.items()}
        whole = [text for values in texts.values() for text in values if not text.isascii()]
        decomposed = sum(not is_normalized("NFC", text) for text in whole)
        composed = sum(not is_normalized("NFD", text) for text in whole)
        if decomposed and composed:
            yield Finding(
                "mixed spellings",
                "kept",
                f"{decomposed:,} of {sum(map(len, texts.values())):,} texts have letters with "
                "accents that are two characters, and in other texts are one",
                splits["train"].location(column),
                "-o tokenizer.normalize=NFC, which makes them one",
                "train",
            )


def _unknown(
    split: Split, column: str, tokenizer: Tokenizer, unknown: int, total: int, train: Split | None
) -> Finding:
    known = tokenizer.size - (tokenizer.unknown is not None)
    share = (
        f"all {total:,} tokens" if unknown == total else f"{unknown:,} of {total:,} tokens"
    ) + f" of the {split.name} split"
    nothing_known = known == 0 and train is split
    return Finding(
        "unknown tokens",
        "refused" if nothing_known else "kept",
        f"{share} are unknown to the tokenizer, which knows {known:,}",
        split.location(column),
        _remedy(split, column, tokenizer, train),
        split.name,
    )


def _remedy(split: Split, column: str, tokenizer: Tokenizer, train: Split | None) -> str:
    """What makes most tokens known; words may be unknown although their characters are not."""
    if train is None:
        return "give texts like those of the training split"
    known = set("".join(_texts(train, column)))
    texts = _texts(split, column)
    counts = Counter(character for text in texts for character in text if not character.isspace())
    if sum(n for character, n in counts.items() if character in known) <= counts.total() / 2:
        return "train on texts like these: even their characters do not occur in the training split"
    if hasattr(tokenizer, "needs_spaces"):
        return f"--tokenizer char: it knows the {len(known):,} characters of the training texts"
    return "-o tokenizer.min_count=1 -o tokenizer.max_size=none, or train on texts like these"


def _count(ids: Array, unknown: int) -> int:
    """How often an id occurs."""
    total = 0
    for start in range(0, len(ids), _BLOCK):
        block = ids[start : start + _BLOCK]
        total += int(np.count_nonzero(block == unknown))
        release(block)
    return total


def _column(stream: str, columns: Mapping[str, str]) -> str:
    return columns.get(stream) or next(iter(columns.values()))


def _texts(split: Split, column: str) -> list[str]:
    """Some texts from the whole of a split."""
    rows = np.unique(np.linspace(0, len(split) - 1, min(len(split), _SAMPLE)).astype(np.int64))
    sample = split.select_columns([column]).select(rows).sample(_SAMPLE)[column]
    return [text for text in sample if isinstance(text, str)]
