"""Types of columns that hold the values of several files of Arrow or parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.reading.same_columns import check_same_columns
from seqlab.errors import UserError

if TYPE_CHECKING:
    import pyarrow


def _plain(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The schema with the types of the values where columns hold numbers of a dictionary."""
    import pyarrow

    return pyarrow.schema(
        field.with_type(field.type.value_type) if pyarrow.types.is_dictionary(field.type) else field
        for field in schema
    )


def common_schema(files: Sequence[tuple[Path, pyarrow.Schema]]) -> pyarrow.Schema:
    """The columns that all files have, with types that hold the values of each.

    Args:
        files: The path and the schema of each file.

    Raises:
        UserError: A file has other columns than the first, or a type that does not fit.
    """
    import pyarrow

    first, common = files[0][0], _plain(files[0][1])
    for path, types in files[1:]:
        schema = _plain(types)
        check_same_columns(first, common.names, path, schema.names)
        try:
            common = pyarrow.unify_schemas([common, schema], promote_options="permissive")
        except pyarrow.ArrowException:
            name = next(n for n in common.names if not _unifies(common.field(n), schema.field(n)))
            raise UserError(
                f"the files do not fit together: column '{name}' holds {schema.field(name).type} "
                f"in {path.name}, {common.field(name).type} in {first.name}",
                location=str(path),
                remedy="write all files of a split with the same types",
            ) from None
    return common


def _unifies(first: pyarrow.Field, second: pyarrow.Field) -> bool:
    import pyarrow

    try:
        pyarrow.unify_schemas(
            [pyarrow.schema([first]), pyarrow.schema([second])], promote_options="permissive"
        )
    except pyarrow.ArrowException:
        return False
    return True
