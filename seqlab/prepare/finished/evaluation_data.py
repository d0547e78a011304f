"""The split on which a finished run is evaluated, of its own or of different data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.encoded import find_not_evaluated
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.checking.identity import ChangedDataError
from seqlab.data.checking.pieces import with_pieces
from seqlab.data.checking.survey import hash_rows
from seqlab.data.checking.tokens import find_unknown
from seqlab.data.checking.trained import find_trained
from seqlab.data.encoding.workers import data_workers
from seqlab.data.reading.sources import OpenedData, find_data
from seqlab.errors import UserError
from seqlab.prepare.data_options import read_options
from seqlab.prepare.encoded import SPLITS
from seqlab.prepare.finished.other_data import choose_split, relate_again
from seqlab.prepare.finished.own_data import FinishedRun, own_data, read_anyway
from seqlab.prepare.prepare import Prepared
from seqlab.prepare.relations import link
from seqlab.types import Options


def evaluation_data(
    run: FinishedRun, *, data: object | None, name: str, options: Options | Iterable[str] = ()
) -> Prepared:
    """Prepare one split of the data of a run, or of different data.

    The findings are those that affect the result: unseen labels, unknown tokens, rows that are left
    out, and rows that the model was trained on.

    Args:
        run: The run.
        data: Different data; None for those of the run. If they are not divided into splits, all
            rows are used.
        name: Name of the split: "train", "validation" or "test".
        options: Options of the different data, by full name or as strings `data.KEY=VALUE`.

    Raises:
        ChangedDataError: The data of the run are to be read, and they have changed.
        UserError: The data cannot be read, have no such split or column, or share no label with
            the training split.
    """
    source = run.resolved.data.source
    options = options if isinstance(options, Mapping) else tuple(options)
    _check(data, source, options)
    if data is None:
        return own_data(run, choose_split(SPLITS, name))
    settings, source_options = read_options(
        data, options, run.plugins, run.resolved.data.format_options()
    )
    opened = find_data(data, run.plugins.data, source_options, settings)
    changed: list[Finding] = []
    # `data` may be the data of the run, under the same or a different path
    if not options and opened.source == source != "python":
        try:
            return own_data(run, choose_split(SPLITS, name))
        except ChangedDataError as error:
            changed = [read_anyway(error, name)]
    prepared = _encode(opened, run, settings, name)
    return replace(prepared, findings=[*changed, *prepared.findings])


def _encode(opened: OpenedData, run: FinishedRun, settings: DataSettings, name: str) -> Prepared:
    """Prepare a split of different data; no missing split is split off."""
    fitted = run.saved.fitted
    related = relate_again(opened, run.resolved, run.saved, settings, name=name)
    refuse(related.findings)
    splits, columns = related.splits, related.columns
    splits = link(splits) if related.is_series else splits
    split = next(iter(splits.values())) if len(splits) == 1 else splits[choose_split(splits, name)]
    with data_workers(settings.workers):
        encoded = fitted.encode(split, columns)
    examples = fitted.cut(encoded, training=False)
    task = run.resolved.task.build()
    column, is_series = columns.get(task.target or ""), task.ordered(columns)
    findings = [*opened.findings, *related.findings]
    findings += find_not_evaluated(
        split, examples, column, ordered=is_series, labels=fitted.presenter.labels
    )
    inputs, tokenizers = fitted.spec.inputs, fitted.tokenizers
    findings += find_unknown({"": split}, {"": encoded}, inputs, tokenizers, columns)
    refuse(findings)
    hashes = hash_rows(
        split, {role: columns[role] for role in run.saved.columns}, task.columns, task.target
    )
    hashes = with_pieces(hashes, split, columns.get(task.cut_within or ""))
    findings += find_trained(name, hashes, run.kept, split.locate, ordered=is_series)
    return Prepared(
        fitted,
        columns,
        run.saved.formats,
        {name: examples},
        opened.source,
        [*opened.decisions, *related.decisions],
        findings,
        None,
        {name: hashes},
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
