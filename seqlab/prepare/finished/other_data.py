"""Different data, arranged as those of a finished run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import takewhile

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.columns.assignment import described
from seqlab.data.columns.roles import formats_of
from seqlab.data.reading.naming import ordered
from seqlab.data.reading.sources import OpenedData
from seqlab.data.relations.columns import NONE
from seqlab.data.relations.names import plain
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.related import Related
from seqlab.prepare.relations import relate
from seqlab.prepare.splits import convert
from seqlab.task import Task


def relate_again(
    opened: OpenedData,
    resolved: ResolvedData,
    saved: FittedColumns,
    settings: DataSettings,
    *,
    name: str,
    whole: bool = False,
) -> Related:
    """Arrange different data as those of a finished run; its names of columns are preferred.

    Args:
        opened: The data.
        resolved: The configuration of the run.
        saved: What the run keeps: the column of each role, and how numbers are written.
        settings: The options of the different data.
        name: The split that is wanted, if there are several.
        whole: Whether all rows are wanted, whatever a column of splits says.

    Raises:
        UserError: A column is missing, or there is no such split.
    """
    task = resolved.task.build()
    splits = _up_to(opened.splits, name, is_series=task.ordered(saved.columns))
    split = splits[next(reversed(splits))]
    known = _same_columns(split, saved.columns)
    chosen = {**_relations_of(resolved, task, split), **(settings.columns or {})}
    related = relate(
        splits,
        task,
        replace(settings, columns=chosen),
        known=known,
        whole=whole,
        convert=partial(convert, resolved=replace(resolved, data=settings), formats=saved.formats),
    )
    related.findings += _other_formats(next(iter(related.sources.values())), related, saved)
    missing = [role for role in saved.columns if role not in related.columns]
    if missing:
        raise UserError(
            f"the run reads the {' and the '.join(missing)}, and no column is found for it",
            location=split.origin,
            remedy=f"choose one with -o data.columns.{missing[0]}=NAME; "
            f"there are {described(split)}",
        )
    return related


def choose_split(splits: Iterable[str], name: str) -> str:
    """The name of a split.

    Raises:
        UserError: There is no such split.
    """
    if name not in splits:
        known = f"splits: {', '.join(splits)}"
        raise UserError(f"there is no split '{name}'", location="--split", remedy=known)
    return name


def _up_to(splits: dict[str, Split], name: str, *, is_series: bool) -> dict[str, Split]:
    """The split that is wanted; of a series, which may go on, also those before it.

    Raises:
        UserError: There are several splits, and none has this name.
    """
    if len(splits) == 1:
        return splits
    choose_split(splits, name)
    before = takewhile(name.__ne__, ordered(splits)) if is_series else ()
    return {each: splits[each] for each in [*before, name]}


def _same_columns(split: Split, trained: Mapping[str, str]) -> dict[str, str]:
    """Role → the column of the run, also if its name is typed in another way, as "Sold" is."""
    alike = {plain(name): name for name in reversed(split.column_names)}
    names = {name: name for name in split.column_names}
    found = {role: names.get(name, alike.get(plain(name))) for role, name in trained.items()}
    return {role: name for role, name in found.items() if name is not None}


def _relations_of(resolved: ResolvedData, task: Task, split: Split) -> dict[str, str]:
    """What the run has chosen as split, time and group, as far as the split has these columns."""
    own = {column.role for column in task.columns}
    return {
        role: column
        for role, column in (resolved.data.columns or {}).items()
        if role not in own and (column == NONE or {*column.split("+")} <= {*split.column_names})
    }


def _other_formats(split: Split, related: Related, saved: FittedColumns) -> Iterator[Finding]:
    """Findings about numbers that are written in another way than in training."""
    for key, form in formats_of(split, related.columns).items():
        if form != saved.formats.get(key, form):
            yield Finding(
                "other numbers",
                "kept",
                f"numbers are written in another way than in training: {form}, instead of "
                f"{saved.formats[key]}",
                split.location(related.columns.get(key, key)),
                "name the mark before decimals with -o data.decimal=MARK, if it is another",
                split.name,
            )
