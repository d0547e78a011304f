"""A summary of a column, from one pass over its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite

from seqlab.data.columns.roles import NumberReader
from seqlab.data.words import count_words
from seqlab.types import JsonObject

_MOST_LABELS = 100
"""Maximum number of distinct labels that are counted."""

_LONGEST_LABEL = 100
"""Maximum length of a label that is counted, in characters."""

_READ_NUMBER = NumberReader()
"""Makes numbers of texts as programming languages write them."""


class Lengths:
    """The distribution of the lengths of values, stored as one count per distinct length."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, lengths: Iterable[int]) -> None:
        """Add lengths."""
        self._counts.update(lengths)

    def quantile(self, share: float) -> int:
        """The smallest length that is not exceeded by this fraction of the values."""
        needed, seen = share * self._counts.total(), 0
        for length in sorted(self._counts):
            seen += self._counts[length]
            if seen >= needed:
                return length
        return 0

    def to_json(self) -> JsonObject:
        """Minimum, median, 95 % quantile, maximum, and counts between powers of two."""
        if not self._counts:
            return {}
        return {
            "min": min(self._counts),
            "median": self.quantile(0.5),
            "p95": self.quantile(0.95),
            "max": max(self._counts),
            "histogram": list(self._bins()),
        }

    def _bins(self) -> Iterator[dict[str, int]]:
        bins: Counter[int] = Counter()
        for length, count in self._counts.items():
            bins[length.bit_length()] += count
        for bits in range(min(bins), max(bins) + 1):
            first = 2 ** (bits - 1) if bits else 0
            yield {"from": first, "to": max(2**bits - 1, 0), "count": bins[bits]}


class ColumnSummary:
    """A summary of one column of one split.

    Args:
        kinds: The possible kinds of the column.
        read_number: Makes numbers of texts.
    """

    def __init__(
        self, kinds: Sequence[str], read_number: Callable[[object], object] = _READ_NUMBER
    ) -> None:
        self.kinds, self._read_number = list(kinds), read_number
        units = (
            ("characters", "words") if "text" in kinds else ("items",) if "list" in kinds else ()
        )
        self._lengths = {unit: Lengths() for unit in units}
        self._labels: Counter[str | int | bool] | None = Counter()
        self._low, self._high, self._sum, self._count, self._missing = 0.0, 0.0, 0.0, 0, 0

    def add(self, values: Sequence[object]) -> None:
        """Add values."""
        present = [value for value in values if value is not None]
        self._missing += len(values) - len(present)
        if "text" in self.kinds:
            texts = [value for value in present if isinstance(value, str)]
            self._lengths["characters"].add(map(len, texts))
            self._lengths["words"].add(map(count_words, texts))
            present = list[object](texts)
        if "list" in self.kinds:
            lists = [value for value in present if isinstance(value, list | tuple)]
            self._lengths["items"].add(map(len, lists))
            present = [item for value in lists for item in value]
        if "number" in self.kinds or "numbers" in self.kinds:
            self._add_numbers(
                value
                for value in map(self._read_number, present)
                if isinstance(value, int | float) and isfinite(value)
            )
        self._count_labels(present)

    def to_json(self) -> JsonObject:
        """A record with missing values and, if the column has them, lengths, numbers and labels."""
        record: JsonObject = {"missing": self._missing}
        record["lengths"] = {unit: lengths.to_json() for unit, lengths in self._lengths.items()}
        if self._count:
            mean = self._sum / self._count
            record["numbers"] = {"min": self._low, "mean": mean, "max": self._high}
        # a list of numbers has lengths and a mean; its numbers are not labels
        named = "label" in self.kinds or ("list" in self.kinds and "numbers" not in self.kinds)
        if named and self._labels:
            record["labels"] = {str(label): n for label, n in self._labels.most_common()}
        return record

    def _add_numbers(self, values: Iterable[float]) -> None:
        numbers = list(values)
        if not numbers:
            return
        low, high = float(min(numbers)), float(max(numbers))
        self._low = min(self._low, low) if self._count else low
        self._high = max(self._high, high) if self._count else high
        self._sum, self._count = self._sum + float(sum(numbers)), self._count + len(numbers)

    def _count_labels(self, values: Iterable[object]) -> None:
        if self._labels is None:
            return
        self._labels.update(value for value in values if isinstance(value, str | int | bool))
        if len(self._labels) > _MOST_LABELS or any(_is_long(label) for label in self._labels):
            self._labels = None


def _is_long(label: object) -> bool:
    return isinstance(label, str) and len(label) > _LONGEST_LABEL


def summarise(
    batches: Iterable[Mapping[str, Sequence[object]]],
    kinds: Mapping[str, Sequence[str]],
    readers: Mapping[str, Callable[[object], object]] = {},
) -> JsonObject:
    """Summarize each column of a split.

    Args:
        batches: The rows of the split, in batches of columns.
        kinds: The possible kinds of each column.
        readers: Functions that make numbers of the texts of a column.
    """
    columns = {
        name: ColumnSummary(possible, readers.get(name, _READ_NUMBER))
        for name, possible in kinds.items()
    }
    for batch in batches:
        for name, values in batch.items():
            columns[name].add(values)
    return {name: column.to_json() for name, column in columns.items()}
