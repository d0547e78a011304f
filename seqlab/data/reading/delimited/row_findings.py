"""Findings on the rows of a delimited text file, which are counted while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from seqlab.data.checking.findings import Finding
from seqlab.data.reading.delimited.header import Header, are_row_numbers
from seqlab.errors import listed_numbers, shorten

_SHOWN = 5
"""Most numbers of rows or lines in a finding."""


class RowFindings:
    """Counts of short rows, empty lines and other unusual rows of a file.

    Args:
        path: The file, for messages.
        header: Its columns.
    """

    def __init__(self, path: str, header: Header) -> None:
        self._path, self._header = path, header
        self._rows = 0
        self._short: list[int] = []
        self._short_lines: list[int] = []
        self._empty: list[tuple[int, int]] = []
        self._repeated: list[int] = []
        self._unnamed: Counter[int] = Counter()
        self._first: dict[int, str] = {}
        self._numbered: set[int] = set()

    def count(self, rows: int, unnamed: Mapping[int, Sequence[str]]) -> None:
        """Count rows that were read, and the values of columns without a name.

        Args:
            rows: Number of rows.
            unnamed: The cells of each column without a name, by its index.
        """
        for index, cells in unnamed.items():
            values = [cell for cell in cells if cell.strip()]
            self._unnamed[index] += len(values)
            if values and index not in self._first:
                self._first[index] = values[0]
                if are_row_numbers(cells):
                    self._numbered.add(index)
        self._rows += rows

    def add_short(self, index: int, line: int) -> None:
        """Add a row with fewer fields than the header, by its index after the rows counted."""
        self._short.append(self._rows + index)
        self._short_lines.append(line)

    def add_empty(self, index: int, line: int) -> None:
        """Add an empty line, by the index that its row would have after the rows counted."""
        self._empty.append((self._rows + index, line))

    def add_repeated(self, line: int) -> None:
        """Add a line that repeats the header."""
        self._repeated.append(line)

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns without a name and without a value."""
        names = self._header.names
        return tuple(names[index] for index in self._header.unnamed if not self._unnamed[index])

    def findings(self, split: str, before: int) -> list[Finding]:
        """The findings, after all rows were read.

        Args:
            split: Name of the split.
            before: Number of rows of the split before those of this file.
        """
        findings = [self._of_short(split, before)] if self._short else []
        findings += self._of_lines(split)
        return findings + [
            self._of_unnamed(index, split)
            for index, count in self._unnamed.items()
            if count and index not in self._numbered
        ]

    def _of_short(self, split: str, before: int) -> Finding:
        count = _count(self._short, "row has", "rows have")
        return Finding(
            "short rows",
            "kept",
            f"{count} fewer fields than the header; the last ones are missing: "
            + _listed("line", self._short_lines),
            self._path,
            "add the missing fields, unless they are meant to be empty; or, if a text was divided "
            "by a line end, put it in double quotes",
            split,
            len(self._short),
            tuple(before + index + 1 for index in self._short[:_SHOWN]),
        )

    def _of_lines(self, split: str) -> Iterator[Finding]:
        """Findings about lines that are no rows."""
        empty = [line for index, line in self._empty if index < self._rows]
        if empty and len(self._header.names) == 1:  # in a wider table, no value is missing
            cause = _count(empty, "line is empty and is", "lines are empty and are")
            remedy = 'leave them out; or write "" for a missing value'
            yield self._dropped("empty lines", cause, empty, split, remedy)
        if self._repeated:
            is_are = "line repeats the header and is", "lines repeat the header and are"
            cause = _count(self._repeated, *is_are)
            remedy = "leave them out of the file"
            yield self._dropped("repeated header", cause, self._repeated, split, remedy)

    def _dropped(
        self, kind: str, cause: str, lines: Sequence[int], split: str, remedy: str
    ) -> Finding:
        cause = f"{cause} left out: {_listed('line', lines)}"
        return Finding(kind, "dropped", cause, self._path, remedy, split, len(lines))

    def _of_unnamed(self, index: int, split: str) -> Finding:
        name, count = self._header.names[index], self._unnamed[index]
        return Finding(
            "column without a name",
            "kept",
            f"column {index + 1} has no name and is called '{name}'; "
            f"{count:,} row{'s have' if count > 1 else ' has'} a value there",
            self._path,
            "name it in the first line, unless it is not needed; or, if a text was divided, put "
            "it in double quotes",
            split,
            count,
            value=shorten(self._first[index]),
        )


def _count(rows: Sequence[object], one: str, several: str) -> str:
    return f"{len(rows):,} {one if len(rows) == 1 else several}"


def _listed(noun: str, numbers: Sequence[int]) -> str:
    shown = listed_numbers(numbers[:_SHOWN], len(numbers))
    return f"{noun}{'s' * (len(numbers) > 1)} {shown}"
