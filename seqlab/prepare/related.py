"""Splits with what is known of the relations between their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.relations.columns import Relations
from seqlab.data.split import Split

Convert: TypeAlias = Callable[[Mapping[str, Split], Mapping[str, str]], dict[str, Split]]


@dataclass
class Related:
    """Splits whose rows are arranged as the table says.

    Args:
        splits: The splits by name.
        sources: The splits that they were selected from, as they were read and converted.
        columns: The column of each role of the task.
        relations: The columns that say how rows relate.
        ordered: Whether the rows are taken in their order, so that splits are divided by position.
        is_series: Whether they are steps of series.
        decisions: What was decided.
        findings: Errors and unusual values in columns of time.
    """

    splits: dict[str, Split]
    sources: dict[str, Split]
    columns: dict[str, str]
    relations: Relations
    ordered: bool = False
    is_series: bool = False
    decisions: list[Decision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def quoted(names: Sequence[str]) -> str:
    """The names of columns in a message."""
    columns = " and ".join(f"'{name}'" for name in names)
    return f"column{'s' * (len(names) > 1)} {columns}"
