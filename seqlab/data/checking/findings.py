"""Findings about data: what is wrong, where, what happens to the rows, and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from seqlab.errors import UserError, listed_numbers, shorten
from seqlab.types import Integers, JsonObject

if TYPE_CHECKING:
    from seqlab.data.split import Split

Action: TypeAlias = Literal["refused", "dropped", "counted wrong", "kept"]
"""What happens: the run is refused, the rows are left out, no prediction of them can be right, or
nothing."""

_MAX_ROWS = 5
"""How many row numbers a finding lists."""


@dataclass(frozen=True)
class Finding:
    """One kind of fault in one split of a data set.

    Args:
        kind: Name of the fault, in two or three words.
        action: What happens to the rows.
        cause: What is wrong, in one sentence that lists the first rows.
        location: The file, the split and the column.
        remedy: How to fix it.
        split: Name of the split; "" if the data could not be read.
        count: How many rows are affected; 0 if the finding is not about single rows.
        rows: Numbers of the first of these rows, counted from 1 in their file.
        value: The value in the first of these rows, shortened.
    """

    kind: str
    action: Action
    cause: str
    location: str
    remedy: str
    split: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()
    value: str = ""

    @classmethod
    def of_rows(
        cls,
        split: Split,
        kind: str,
        action: Action,
        cause: str,
        rows: Sequence[int] | Integers,
        *,
        remedy: str,
        column: str = "",
        value: object = None,
    ) -> Finding:
        """Create a finding about some rows of a split.

        Args:
            split: The split.
            kind: As in `Finding`.
            action: As in `Finding`.
            cause: The predicate of a sentence that starts with "row 7" or "3 rows". "{are}"
                becomes "is" or "are", and "{s}" the "s" of a verb in the singular: "hold{s} NaN".
            rows: Indices of the rows in the split, from 0 on; at least one.
            remedy: As in `Finding`.
            column: The column with the fault, if there is one.
            value: The value in the first of the rows.
        """
        numbers = tuple(split.number(int(row)) for row in rows[:_MAX_ROWS])
        return cls(
            kind,
            action,
            _sentence(cause, numbers, len(rows)),
            split.location(column),
            remedy,
            split.name,
            len(rows),
            numbers,
            "" if value is None else shorten(value),
        )

    @classmethod
    def of_error(cls, error: UserError) -> Finding:
        """Convert an error that ended the reading of the data."""
        return cls("cannot be used", "refused", error.cause, error.location, error.remedy)

    def __str__(self) -> str:
        return f"{self.action}: {self.location}: {self.cause}"

    def to_json(self) -> JsonObject:
        """The fields as JSON; `from_json` restores the finding."""
        return {**asdict(self), "rows": list(self.rows)}

    @classmethod
    def from_json(cls, record: JsonObject) -> Finding:
        """Restore the finding from the result of `to_json`."""
        return cls(**{**record, "rows": tuple(record["rows"])})


class DataError(UserError):
    """Data that cannot be used as they are.

    Args:
        findings: All findings, at least one of them with the action "refused".
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        first, *others = (finding for finding in findings if finding.action == "refused")
        more = "".join(f"; {finding.cause} ({finding.location})" for finding in others)
        super().__init__(first.cause + more, location=first.location, remedy=first.remedy)
        self.findings = list(findings)


def refuse(findings: Sequence[Finding]) -> None:
    """Stop if data cannot be used.

    Raises:
        DataError: A finding has the action "refused".
    """
    if any(finding.action == "refused" for finding in findings):
        raise DataError(findings)


def _sentence(cause: str, numbers: Sequence[int], count: int) -> str:
    if count == 1:
        return f"row {numbers[0]} " + cause.replace("{s}", "s").replace("{are}", "is")
    rows = listed_numbers(numbers, count)
    return f"{count:,} rows " + cause.replace("{s}", "").replace("{are}", "are") + f": rows {rows}"
