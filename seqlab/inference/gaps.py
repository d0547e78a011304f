"""Rows to predict without a value that the model reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seqlab.data.checking.findings import Finding
from seqlab.data.missing import is_missing
from seqlab.errors import UserError
from seqlab.types import JsonObject

_SHOWN = 5


class Gaps:
    """Refuses rows with a gap, or leaves them out and counts them.

    Args:
        source: Where the rows are from, for messages.
        columns: The columns that the model reads.
        drop: Whether to leave such rows out.
    """

    def __init__(self, source: str, columns: Sequence[str], *, drop: bool) -> None:
        self._source = "standard input" if source == "-" else source
        self._columns, self._drop = columns, drop
        self._dropped: list[int] = []
        self._is_empty = True

    def without(self, numbered: Iterable[tuple[JsonObject, int]]) -> Iterator[JsonObject]:
        """The rows that have no gap.

        Raises:
            UserError: A row has a gap, and such rows are not left out.
        """
        for row, number in numbered:
            self._is_empty = False
            gap = next((name for name in self._columns if is_missing(row.get(name, ""))), None)
            if gap is None:
                yield row
            elif self._drop:
                self._dropped.append(number)
            else:
                raise UserError(
                    f"row {number} has no value in column '{gap}', which the model reads",
                    location=self._source,
                    remedy="fill the gap, or leave such rows out with -o data.faulty=drop",
                )

    def nothing(self) -> list[str]:
        """A line that says that there are no rows."""
        return [f"{self._source} has no rows to predict"] if self._is_empty else []

    def findings(self) -> list[Finding]:
        """How many rows were left out."""
        if not self._dropped:
            return []
        more = ", …" if len(self._dropped) > _SHOWN else ""
        rows = ", ".join(map(str, self._dropped[:_SHOWN])) + more
        noun = "row has" if len(self._dropped) == 1 else "rows have"
        return [
            Finding(
                "missing value",
                "dropped",
                f"{len(self._dropped):,} {noun} no value that the model reads: {rows}",
                self._source,
                "fill the gaps to predict them, too",
                "predict",
            )
        ]
