"""Whether the files of a split have the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqlab.errors import UserError


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
    differences = [f"lacks {_listed(lacks)}"] * bool(lacks) + [f"has {_listed(more)}"] * bool(more)
    raise UserError(
        f"the files do not fit together: {file.name} {' and '.join(differences)}, "
        f"compared with {first.name}",
        location=str(file),
        remedy=f"give it the columns of {first.name}, or move it out of the folder",
    )


def _listed(names: Sequence[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names[:5])
    return quoted + (f" and {len(names) - 5} more columns" if len(names) > 5 else "")
