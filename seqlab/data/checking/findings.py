"""What is wrong or odd about data: where, what happens to it, and how to repair it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.data.split import Split

Action: TypeAlias = Literal["refused", "dropped", "counted wrong", "kept"]
"""What happens: no run, the rows are left out, no prediction of them can be right, or nothing."""

_NAMED = 5
"""Rows that a finding names; of more, the number."""
_SHOWN = 60
"""Characters of a value."""


@dataclass(frozen=True)
class Finding:
    """One kind of fault in one part of a data set.

    Args:
        kind: What it is, in two or three words.
        action: What happens to the rows.
        cause: What is wrong, in one sentence that names the first rows.
        location: The file, the part and the column.
        remedy: How to repair it.
        split: Name of the split; "" where the data could not be read.
        count: How many rows it is about; 0 where it is about none in particular.
        rows: The first of them, counted from 1 in their file.
        value: What the first of them holds, shortened.
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
        rows: Sequence[int] | NDArray[np.int64],
        *,
        remedy: str,
        column: str = "",
        value: object = None,
    ) -> Finding:
        """A finding about some rows of a part.

        Args:
            split: Where they are.
            kind: As in `Finding`.
            action: As in `Finding`.
            cause: What these rows do, after "3 rows " or "row 7 ": "are empty", with "{s}" where
                the singular has an s: "hold{s} no text".
            rows: Their places in the part, from 0 on; one at least.
            remedy: As in `Finding`.
            column: Where the fault is, if it is in one.
            value: What the first of them holds.
        """
        named = tuple(split.number(int(row)) for row in rows[:_NAMED])
        return cls(
            kind,
            action,
            _said(cause, named, len(rows)),
            f"{split.origin}, {split.name}" + (f", column '{column}'" if column else ""),
            remedy,
            split.name,
            len(rows),
            named,
            shown(value),
        )

    @classmethod
    def of_error(cls, error: UserError) -> Finding:
        """What an error said that ended the reading."""
        return cls("cannot be used", "refused", error.cause, error.location, error.remedy)

    def __str__(self) -> str:
        return f"{self.action}: {self.location}: {self.cause}"

    def to_json(self) -> dict[str, Any]:
        """As a record; `from_json` makes it a finding again."""
        return {**asdict(self), "rows": list(self.rows)}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Finding:
        """As `to_json` described it."""
        return cls(**{**record, "rows": tuple(record["rows"])})


class DataError(UserError):
    """Data that cannot be used as they are.

    Args:
        findings: All that was found; some of it refused.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        refused = [each for each in findings if each.action == "refused"]
        first, others = refused[0], refused[1:]
        more = "".join(f"; {each.cause} ({each.location})" for each in others)
        super().__init__(first.cause + more, location=first.location, remedy=first.remedy)
        self.findings = list(findings)


def refuse(findings: Sequence[Finding]) -> None:
    """Go no further with data that cannot be used.

    Raises:
        DataError: A finding is refused.
    """
    if any(each.action == "refused" for each in findings):
        raise DataError(findings)


def shown(value: object) -> str:
    """A value in one short line; "" for None."""
    if value is None:
        return ""
    # a whole corpus may be one value: nothing beyond what is shown is written out
    text = repr(value[:_SHOWN] if isinstance(value, str | list | tuple) else value)
    cut = isinstance(value, str | list | tuple) and len(value) > _SHOWN
    return text if len(text) <= _SHOWN and not cut else text[: _SHOWN - 1] + "…"


def _said(cause: str, named: Sequence[int], count: int) -> str:
    if count == 1:
        return f"row {named[0]} " + cause.replace("{s}", "s").replace("{are}", "is")
    rows = ", ".join(map(str, named)) + (", …" if count > len(named) else "")
    return f"{count:,} rows " + cause.replace("{s}", "").replace("{are}", "are") + f": rows {rows}"
