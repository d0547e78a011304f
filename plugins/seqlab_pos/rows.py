"""Words and tags out of the rows of a data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import Part, UserError


def read_lists(part: Part, column: str, role: str) -> Iterator[list[str]]:
    """Each row's words or tags.

    Args:
        part: The rows.
        column: Which column.
        role: What it holds, for messages: "words" or "tags".

    Raises:
        UserError: A row that holds something else.
    """
    for row, value in enumerate(part.column(column), 1):
        if not isinstance(value, str | list | tuple | np.ndarray) or any(
            entry is None for entry in value
        ):
            raise UserError(
                f"row {row}: the {role} are {value!r}, not a list of texts",
                place=f"{part.origin}, {part.name}, column '{column}'",
                remedy=f"mend the row, or name another column with -o data.columns.{role}=NAME",
            )
        yield symbols(value)


def read_tags(
    part: Part, columns: Mapping[str, str], lengths: NDArray[np.int64]
) -> Iterator[list[str]]:
    """Each row's tags, one a word.

    Args:
        part: The rows.
        columns: Which column fills each role.
        lengths: (R,) words of each row.

    Raises:
        UserError: A row with more or fewer tags than words.
    """
    for row, tags in enumerate(read_lists(part, columns["tags"], "tags"), 1):
        if len(tags) != lengths[row - 1]:
            raise UserError(
                f"row {row} has {lengths[row - 1]} words and {len(tags)} tags",
                place=f"{part.origin}, {part.name}, columns '{columns['words']}' and "
                f"'{columns['tags']}'",
                remedy="give a tag for each word",
            )
        yield tags


def symbols(value: Any) -> list[str]:
    """A list's entries; a text's pieces between white space."""
    return value.split() if isinstance(value, str) else [str(entry) for entry in value]
