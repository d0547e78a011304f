"""Whether the files of a split have the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqlab.errors import UserError, listed

_MAX_LISTED = 5
"""Most columns that a message names."""


def check_same_columns(
    first: Path, expected: Sequence[str], file: Path, names: Sequence[str]
) -> None:
    """Check that a file has the columns of the first file of its split, in any order.

    Raises:
        UserError: A column is missing or was not expected.
    """
    lacks = [name for name in expected if name not in names]
    more = [name for name in names if name not in expected]
    if not lacks and not more:
        return
    differences = [
        f"{verb} {listed(map(repr, columns), _MAX_LISTED)}"
        for verb, columns in (("lacks", lacks), ("has", more))
        if columns
    ]
    raise UserError(
        f"the files do not fit together: {file.name} {' and '.join(differences)}, "
        f"compared with {first.name}",
        location=str(file),
        remedy=f"give it the columns of {first.name}, or move it out of the folder",
    )
