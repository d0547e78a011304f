"""Open data, find the columns, check every row, and split off missing splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.copies import find_copies
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.checking.hashing import RowHashes, combine
from seqlab.data.checking.identity import RESTORE, ChangedDataError
from seqlab.data.checking.pieces import with_pieces
from seqlab.data.checking.survey import Faulty, Survey, by_root, hash_rows, survey, survey_numbers
from seqlab.data.checking.usable import usable_splits
from seqlab.data.columns.numerals import NumberFormat
from seqlab.data.columns.roles import as_read, conversions_of
from seqlab.data.decisions import Decision
from seqlab.data.reading.sources import OpenedData, open_data
from seqlab.data.relations.splitting import complete_splits, cut_text, take
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.related import Related
from seqlab.prepare.relations import find_related, groups_of, link, relate
from seqlab.task import Task
from seqlab.types import Integers

SMOKE_ROWS = 64
"""Number of rows per split in a smoke run."""

Splits = Mapping[str, Split]


@dataclass(frozen=True)
class OpenedSplits:
    """Splits before the task is fitted.

    Args:
        splits: "train", "validation" and "test".
        columns: The column of each role.
        source: The source as recorded in a configuration.
        decisions: What was decided about the data.
        findings: Errors and unusual values in the rows.
        index: The rows of the source in each split; None if a split has other rows.
        hashes: The hashes of the rows of each split.
    """

    splits: dict[str, Split]
    columns: dict[str, str]
    source: str
    decisions: list[Decision]
    findings: list[Finding]
    index: dict[str, SplitIndex] | None
    hashes: dict[str, RowHashes]


@dataclass(frozen=True)
class SplitIndex:
    """The rows of the source in a split, by which they are selected without another search.

    Args:
        origin: Where the rows come from, for messages.
        source: Name of the split of the source.
        rows: (N,) row numbers there, from 0 on; None for all rows.
        before: Name of the split whose last row directly precedes the first row of this split.
    """

    origin: str
    source: str
    rows: Integers | None = field(repr=False)
    before: str | None

    def numbers(self, rows: Integers) -> list[int]:
        """The numbers of rows for messages: their positions in the source, from 1 on."""
        return [int(row) + 1 for row in (rows if self.rows is None else self.rows[rows])]


def open_source(resolved: ResolvedData, plugins: Plugins, data: Splits | None = None) -> OpenedData:
    """Open the splits of the source, unchanged.

    Args:
        resolved: The configuration of the data.
        plugins: Provides the data sources.
        data: Splits from Python, which replace the configured source.

    Raises:
        UserError: The data cannot be found, or must be passed from Python again.
    """
    if data is None and resolved.data.source == "python":
        raise UserError(
            "the run was trained on rows that were passed from Python",
            location="data.source",
            remedy="in Python, pass the same rows as data=ROWS",
        )
    spec = resolved.data.source if data is None else data
    return open_data(spec, plugins.data, resolved.source_options, resolved.data)


def open_splits(
    resolved: ResolvedData,
    plugins: Plugins,
    data: Splits | None = None,
    findings: list[Finding] | None = None,
    decisions: list[Decision] | None = None,
    saved: Mapping[str, str] | None = None,
    formats: Mapping[str, NumberFormat] = {},
) -> OpenedSplits:
    """Open all three splits, find their columns and check their rows.

    Args:
        resolved: The configuration of the data and the task.
        plugins: Provides the data sources.
        data: Splits from Python, which replace the configured source.
        findings: A list to which findings are added, also if an error is raised.
        decisions: A list to which decisions are added, also if an error is raised.
        saved: The column of each role in an earlier run; None to find the columns.
        formats: How numbers were written in that run, as `formats_of` returns it.

    Raises:
        UserError: The data cannot be found, read or used.
        ChangedDataError: The data lack a column of the earlier run.
    """
    findings = [] if findings is None else findings
    decisions = [] if decisions is None else decisions
    opened = open_source(resolved, plugins, data)
    decisions += opened.decisions
    task = resolved.task.build()
    conversion = partial(convert, resolved=resolved, formats=formats, decisions=decisions)
    if saved is not None:
        _check_columns(opened.splits["train"], saved)
    related = relate(opened.splits, task, resolved.data, known=saved or {}, convert=conversion)
    columns = related.columns
    decisions += related.decisions
    findings += related.findings
    usable, unlabelled = usable_splits(related.splits, columns, columns.get(task.target or ""))
    findings += [*opened.findings, *unlabelled]
    clean, surveys = _survey(usable, columns, task, resolved.data.faulty, findings)
    splits, completed = _complete(clean, related, task, resolved.data, resolved.seed)
    decisions += completed
    findings += find_related(related, splits, resolved.data)
    if not task.ordered(columns):
        findings += find_copies(splits, surveys, _shown_column(columns, task))
        if resolved.smoke:  # a series keeps its rows; fewer windows are cut from it
            splits = take(splits, SMOKE_ROWS)
    return OpenedSplits(
        splits,
        columns,
        opened.source,
        decisions,
        findings,
        index_of(splits, related.sources),
        _hashes(splits, surveys, columns, task),
    )


def _check_columns(train: Split, saved: Mapping[str, str]) -> None:
    missing = [column for column in saved.values() if column not in train.column_names]
    if missing:
        raise ChangedDataError(
            f"the data have changed since the run was trained: they lack the column '{missing[0]}'",
            location=train.origin,
            remedy=RESTORE,
        )


def _hashes(
    splits: Splits, surveys: Mapping[Split, Survey], columns: Mapping[str, str], task: Task
) -> dict[str, RowHashes]:
    """The hashes of the rows of each split, from the surveys if they are rows of these."""
    hashes: dict[str, RowHashes] = {}
    for name, split in splits.items():
        if split.root not in surveys:  # such as a text that is cut by position
            hashes[name] = hash_rows(split, columns, task.columns, task.target)
        elif split.is_same(split.root):
            hashes[name] = surveys[split.root].hashes
        else:
            hashes[name] = surveys[split.root].hashes.select(split.rows)
        hashes[name] = with_pieces(hashes[name], split, columns.get(task.cut_within or ""))
        if task.ordered(columns):
            hashes[name] = _with_positions(hashes[name], split)
    return hashes


def _with_positions(hashes: RowHashes, split: Split) -> RowHashes:
    """The hashes of rows of a series, with the distance of each row from the one before it."""
    previous = np.full(1, -1) if split.before is None else split.before.positions[-1:]
    distances = np.diff(split.positions, prepend=previous).astype(np.uint64)
    return replace(hashes, whole=combine([hashes.whole, distances]))


def convert(
    splits: Splits,
    columns: Mapping[str, str],
    resolved: ResolvedData,
    formats: Mapping[str, NumberFormat] = {},
    decisions: list[Decision] | None = None,
) -> dict[str, Split]:
    """The splits with values as the task needs them: numbers where it reads numbers.

    Args:
        splits: The splits of `open_source`.
        columns: The column of each role.
        resolved: The configuration of the data and the task.
        formats: How numbers are written in an earlier run, as `formats_of` returns it.
        decisions: A list to which decisions about the values are added.

    Raises:
        UserError: The numbers of a column can be read in two ways.
    """
    task = resolved.task.build()
    split = splits.get("train") or next(iter(splits.values()))
    conversions = conversions_of(
        task.columns,
        columns,
        resolved.data,
        split,
        numbers=task.number_columns(),
        known=formats,
        decisions=decisions,
    )
    return {name: split.converted(conversions) for name, split in splits.items()}


def _shown_column(columns: Mapping[str, str], task: Task) -> str:
    """The column of the first input, which stands for the row in messages."""
    inputs = [column for role, column in columns.items() if role != task.target]
    return next(iter(inputs or columns.values()))


def _survey(
    splits: Splits,
    columns: Mapping[str, str],
    task: Task,
    faulty: Faulty,
    findings: list[Finding],
) -> tuple[dict[str, Split], dict[Split, Survey]]:
    """The splits without dropped rows, and a survey of each. Findings are added to the list."""
    surveys: dict[Split, Survey] = {}
    for split in splits.values():
        read = as_read(task.columns, columns, split)
        surveys[split] = survey(split, columns, read, task.target, faulty)
        odd, mask = survey_numbers(split, task.number_columns(), faulty)
        surveys[split].faulty |= mask
        findings += [*surveys[split].findings, *odd, *task.check(split, columns)]
    refuse(findings)
    clean = {}
    for name, split in splits.items():
        wrong = surveys[split].faulty
        clean[name] = split.select(np.flatnonzero(~wrong)) if wrong.any() else split
    return clean, by_root(surveys)


def _complete(
    splits: Splits, related: Related, task: Task, settings: DataSettings, seed: int
) -> tuple[dict[str, Split], list[Decision]]:
    """All three splits, and what was decided about those that were missing."""
    decisions: list[Decision] = []
    columns = related.columns
    if task.cut_within is not None and set(columns) == {task.cut_within}:
        fractions = (settings.validation_fraction, settings.test_fraction)
        splits, decisions = cut_text(splits, columns[task.cut_within], *fractions)
    completed, taken = complete_splits(
        splits,
        stratify=columns[task.stratify] if task.stratify else None,
        fraction=settings.validation_fraction,
        test_fraction=settings.test_fraction,
        seed=seed,
        ordered=related.ordered,
        groups=None if related.ordered else groups_of(related, splits["train"]),
        time=related.relations.time,
    )
    return link(completed) if related.is_series else completed, [*decisions, *taken]


def index_of(splits: Splits, sources: Splits) -> dict[str, SplitIndex] | None:
    """The rows of the source in each split.

    Args:
        splits: The splits of `open_splits`.
        sources: The splits of `open_source`.

    Returns:
        The rows by split, or None if a split does not consist of rows of the source, such as a
        text that is cut by position.
    """
    names = {split: name for name, split in sources.items()}
    known = {split: name for name, split in splits.items()}
    index = {}
    for name, split in splits.items():
        if split.root not in names:
            return None
        rows = None if split.is_same(split.root) else split.rows
        before = None if split.before is None else known.get(split.before)
        index[name] = SplitIndex(split.origin, names[split.root], rows, before)
    return index


def select_splits(sources: Splits, index: Mapping[str, SplitIndex]) -> dict[str, Split]:
    """Select the splits that an index describes, without checking them again."""
    splits: dict[str, Split] = {}
    for name, each in index.items():
        source = sources[each.source]
        before = None if each.before is None else splits[each.before]
        if each.rows is None:
            splits[name] = source.with_name(name)
        else:
            splits[name] = source.select(each.rows, name, before)
    return splits
