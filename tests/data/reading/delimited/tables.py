"""Small tables, and how the tests read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.config.run_config import assemble
from seqlab.data.reading.files import ReadFiles, read_files
from seqlab.data.reading.rows import read_rows
from seqlab.errors import UserError
from seqlab.options import options_of, validate


def read(folder: Path, content: str | bytes, name: str = "a.csv", **options: Any) -> ReadFiles:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    result = read_files(path, DataSettings(**options))
    (split,) = result.splits.values()
    rows = list(read_rows(path, DataSettings(**options)))
    assert rows == [split[row] for row in range(len(split))]  # prediction reads the same
    return result


def table(result: ReadFiles) -> list[tuple[object, ...]]:
    (split,) = result.splits.values()
    return [tuple(split[row].values()) for row in range(len(split))]


def names(result: ReadFiles) -> list[str]:
    return next(iter(result.splits.values())).column_names


def follow(folder: Path, error: UserError, content: str | bytes, name: str = "a.csv") -> list[Any]:
    """What is read with each option that the remedy names."""
    results: list[Any] = []
    for option in re.findall(r"-o (data\.\w+=\S+?)(?=[,;]|\s|$)", error.remedy):
        values = assemble(None, {}, [option])["data"]
        known = options_of(DataSettings)
        try:
            results.append(read(folder, content, name, **validate("data", values, known)))
        except UserError as other:
            results.append(other)
    return results


ROWS = [("good, so", "1"), ("bad", "0"), ("fine", "1")]


QUOTES = '"Come in, she said.\tcalm\n' + "".join(f"row {n}\tcalm\n" for n in range(20))
QUOTES += 'Stay out, he cried."\tangry\n' + "".join(f"row {n}\tangry\n" for n in range(20))


NO_HEADER = "".join(f"row {n},{'good' if n % 2 else 'bad'}\n" for n in range(40))


NUMBERS = "  0.5   1  -2\n 11.5  10   3\n  2.5   7  14 \n"


cells = st.text(
    # a carriage return alone, which the module does not quote, ends a line
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"),
    max_size=8,
)
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


fields = st.text(st.sampled_from('ab,"\n\r 1é'), max_size=5)
