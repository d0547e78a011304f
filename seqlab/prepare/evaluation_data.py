"""The split on which a finished run is evaluated, of its own or of different data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.encoded import find_not_evaluated
from seqlab.data.checking.findings import refuse
from seqlab.data.columns import find_columns
from seqlab.data.encoding.workers import data_workers
from seqlab.data.reading.sources import OpenedData, find_data
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.data_options import read_options
from seqlab.prepare.encoded import SPLITS, FittedColumns
from seqlab.prepare.prepare import Prepared, prepare
from seqlab.types import Options


def evaluation_data(
    resolved: ResolvedData,
    plugins: Plugins,
    saved: FittedColumns,
    *,
    data: object | None,
    name: str,
    options: Options | Iterable[str] = (),
) -> Prepared:
    """Prepare one split of the data of a run, or of different data.

    The findings are those that affect the result: unseen labels, and rows that are left out.

    Args:
        resolved: The configuration of the run.
        plugins: Provides the data sources.
        saved: The fitted task of the run, and its columns.
        data: Different data; None for those of the run. If they are not divided into splits, all
            rows are used.
        name: Name of the split: "train", "validation" or "test".
        options: Options of the different data, by full name or as strings `data.KEY=VALUE`.

    Raises:
        UserError: The data cannot be read, have no such split or column, or share no label with
            the training split.
    """
    source = resolved.data.source
    options = options if isinstance(options, Mapping) else tuple(options)
    _check(data, source, options)
    is_source = isinstance(data, str) and data == source  # a table compares its cells
    if data is not None and (options or not is_source):
        settings, source_options = read_options(
            data, options, plugins, {"whole": resolved.data.whole}
        )
        opened = find_data(data, plugins.data, source_options, whole=settings.whole)
        # `data` may be the data of the run, under a different path
        if options or source == "python" or opened.source != source:
            return _encode(opened, resolved, saved, settings, name)
    _choose(SPLITS, name)
    prepared = prepare(resolved, plugins, saved=saved, names=(name,))
    findings = [f for f in prepared.findings if f.split == name and f.action != "kept"]
    return replace(prepared, findings=findings)


def _encode(
    opened: OpenedData,
    resolved: ResolvedData,
    saved: FittedColumns,
    settings: DataSettings,
    name: str,
) -> Prepared:
    """Prepare a split of different data; no missing split is split off."""
    splits = opened.splits
    split = next(iter(splits.values())) if len(splits) == 1 else splits[_choose(splits, name)]
    columns = _columns(split, resolved, saved.columns, settings.columns or {})
    with data_workers(settings.workers):
        encoded = saved.fitted.encode(split, columns)
    examples = saved.fitted.cut(encoded, training=False)
    task = resolved.task.build()
    column, ordered = columns.get(task.target or ""), task.ordered(columns)
    findings = list(find_not_evaluated(split, examples, column, ordered=ordered))
    refuse(findings)
    return Prepared(
        saved.fitted,
        columns,
        {name: examples},
        opened.source,
        opened.decisions,
        findings,
        None,
        lambda: {name: split},
    )


def _check(data: object | None, source: str, options: object) -> None:
    if data is not None:
        return
    if source == "python":
        raise UserError(
            "the run was trained on rows that were passed from Python",
            location="--data",
            remedy="give data to evaluate on",
        )
    if options:
        raise UserError(
            "options need --data: the data of the run are read as in training",
            location="-o",
            remedy="add --data SPEC, or leave out the options",
        )


def _choose(splits: Iterable[str], name: str) -> str:
    if name not in splits:
        known = f"splits: {', '.join(splits)}"
        raise UserError(f"there is no split '{name}'", location="--split", remedy=known)
    return name


def _columns(
    split: Split,
    resolved: ResolvedData,
    trained: Mapping[str, str],
    chosen: Mapping[str, str],
) -> dict[str, str]:
    """The column of each role of the run; the name used in training is preferred."""
    known = {role: column for role, column in trained.items() if column in split.column_names}
    columns, _ = find_columns(split, resolved.task.cls.columns, {**known, **chosen})
    missing = [role for role in trained if role not in columns]
    if missing:
        raise UserError(
            f"the run reads the {' and the '.join(missing)}, and no column is found for it",
            location=split.origin,
            remedy=f"choose one with -o data.columns.{missing[0]}=NAME; "
            f"there are {', '.join(split.column_names)}",
        )
    return columns
