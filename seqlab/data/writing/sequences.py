"""Tagged sentences (.conll, .conllu) and series with a class (.ts, .arff)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from seqlab.data.split import Split
from seqlab.data.writing.cells import plain
from seqlab.errors import UserError

_CONLLU = {"words": 1, "lemmas": 2, "upos": 3, "xpos": 4}
"""Columns of CoNLL-U by the names that its reader gives them."""
_CONLLU_WIDTH = 10


def write_conll(split: Split, file: TextIO) -> None:
    """Write a word and its tags per line, and a blank line after each sentence."""
    names = split.column_names
    if "column2" in names:  # `tags` and `pos` are other names of such columns
        names = [name for name in names if name == "words" or name.startswith("column")]
    for sentence in _sentences(split, names):
        file.writelines("\t".join(fields) + "\n" for fields in sentence)
        file.write("\n")


def write_conllu(split: Split, file: TextIO) -> None:
    """Write CoNLL-U, with the columns words, lemmas, upos and xpos where the data have them."""
    names = [name for name in _CONLLU if name in split.column_names]
    others = [name for name in split.column_names if name not in names]
    if "words" not in names or others:
        raise UserError(
            "CoNLL-U holds the columns words, lemmas, upos and xpos; the data have "
            f"{', '.join(split.column_names[:10])}",
            location=split.location(),
            remedy="write a .conll file, which holds words and tags in any columns",
        )
    for sentence in _sentences(split, names, nothing="_"):
        for number, fields in enumerate(sentence, 1):
            line = ["_"] * _CONLLU_WIDTH
            line[0] = str(number)
            for name, field in zip(names, fields, strict=True):
                line[_CONLLU[name]] = field
            file.write("\t".join(line) + "\n")
        file.write("\n")


def write_ts(split: Split, file: TextIO) -> None:
    """Write series in the format of the UCR and UEA archives."""
    rows = _Series(split)
    file.write(f"@problemName data\n@univariate {str(rows.channels == 1).lower()}\n")
    file.write(f"@dimensions {rows.channels}\n")
    if spaced := [label for label in rows.labels if len(label.split()) != 1 or ":" in label]:
        raise UserError(
            f"a class of a .ts file has no white space and no colon: {spaced[0]!r}",
            location=split.location(),
            remedy="write an .arff or a .jsonl file",
        )
    labels = " ".join(rows.labels)
    file.write(f"@classLabel true {labels}\n@data\n" if labels else "@classLabel false\n@data\n")
    for series, label in rows:
        channels = [",".join(map(_number, channel)) for channel in series]
        file.write(":".join([*channels, *([label or "?"] if labels else [])]) + "\n")


def write_arff(split: Split, file: TextIO) -> None:
    """Write series as .arff files of the UCR and UEA archives: with a relation for channels.

    A shorter series of one channel is filled with missing values.
    """
    rows = _Series(split)
    if not rows.labels:
        raise UserError(
            "an .arff file of series needs a class for each",
            location=split.location(),
            remedy="write a .ts file, or a .jsonl file",
        )
    numbers = [f"@attribute att{number} numeric\n" for number in range(1, rows.length + 1)]
    if rows.channels > 1:
        numbers = ["@attribute channels relational\n", *numbers, "@end channels\n"]
    labels = ",".join(map(_quoted, rows.labels))
    file.write("@relation data\n" + "".join(numbers))
    file.write(f"@attribute target {{{labels}}}\n@data\n")
    for series, label in rows:
        lines = [
            ",".join([*map(_number, channel), *["?"] * (rows.length - len(channel))])
            for channel in series
        ]
        values = "'" + r"\n".join(lines) + "'" if rows.channels > 1 else lines[0]
        file.write(f"{values},{'?' if label is None else _quoted(label)}\n")


class _Series:
    """The series and labels of a split.

    Attributes:
        channels: The number of channels of each series.
        length: The length of the longest series.
        labels: The classes, in order of their first row.
    """

    def __init__(self, split: Split) -> None:
        self._split = split
        self._series, self._label = _columns(split)
        self.channels, self.length = 1, 0
        labels = dict[str, None]()
        for series, label in self:
            self.channels = len(series)
            self.length = max(self.length, *map(len, series))
            if label is not None:
                labels[label] = None
        self.labels = list(labels)

    def __iter__(self) -> Iterator[tuple[list[list[float]], str | None]]:
        names = [self._series] + [self._label] * bool(self._label)
        for batch in self._split.select_columns(names).batches():
            labels = batch[self._label] if self._label else [None] * len(batch[self._series])
            for series, label in zip(batch[self._series], labels, strict=True):
                yield _channels(series), None if label is None else str(plain(label))


def _columns(split: Split) -> tuple[str, str]:
    """The columns of the series and of the label, which is empty if there is none."""
    sample = split.sample(1)
    lists = [name for name, values in sample.items() if isinstance(values[0], list | tuple)]
    others = [name for name in split.column_names if name not in lists]
    if len(lists) != 1 or len(others) > 1 or not _is_series(sample[lists[0]][0]):
        raise UserError(
            "a file of series holds a column of lists of numbers, and a column of labels; the "
            f"data have {', '.join(split.column_names[:10])}",
            location=split.location(),
            remedy="write a .jsonl file",
        )
    return lists[0], others[0] if others else ""


def _is_series(value: Sequence[object]) -> bool:
    firsts = [item[0] if isinstance(item, list | tuple) and item else item for item in value]
    return all(first is None or isinstance(first, int | float) for first in firsts)


def _channels(series: Sequence[object]) -> list[list[float]]:
    """The channels of a series: (T,) or (T, F) → F lists of T numbers."""
    steps = [step if isinstance(step, list | tuple) else [step] for step in series]
    return [list(channel) for channel in zip(*steps, strict=True)] if steps else [[]]


def _number(value: float | None) -> str:
    return "?" if value is None or value != value else repr(value)


def _quoted(label: str) -> str:
    if label and all(character.isalnum() or character in "._-+" for character in label):
        return label
    escaped = label.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _sentences(
    split: Split, names: Sequence[str], nothing: str | None = None
) -> Iterator[list[tuple[str, ...]]]:
    """The fields of each line of each sentence; `nothing` stands for a missing tag."""
    row = 0
    for batch in split.select_columns(names).batches():
        for values in zip(*(batch[name] for name in names), strict=True):
            row += 1
            if not all(isinstance(value, list | tuple) for value in values) or len(names) < 1:
                raise _not_tagged(split, f"row {row} has a value that is not a list")
            if len(set(map(len, values))) > 1:
                counts = ", ".join(f"{len(v)} {n}" for v, n in zip(values, names, strict=True))
                raise _not_tagged(split, f"row {row} has {counts}")
            filled = [[nothing if field is None else field for field in v] for v in values]
            sentence = list(zip(*filled, strict=True))
            for fields in sentence:
                for field in fields:
                    if not isinstance(field, str) or not field.strip() or set(field) & set("\t\n"):
                        raise _not_tagged(split, f"row {row} has the word or tag {field!r}")
            yield sentence


def _not_tagged(split: Split, cause: str) -> UserError:
    return UserError(
        f"a file of tagged sentences holds lists of words and of tags; {cause}",
        location=split.location(),
        remedy="write a .jsonl file",
    )
