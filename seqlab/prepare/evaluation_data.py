"""The part that a finished run is evaluated on: one of its own data, or of other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.data.columns import find_columns
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.workers import data_workers
from seqlab.data.reading.sources import find_data
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.data_options import Options, read_options
from seqlab.prepare.prepare import encode, open_splits
from seqlab.task import Fitted


@dataclass(frozen=True)
class EvaluationData:
    """One part, ready to be evaluated.

    Args:
        split: Its rows.
        columns: Which column fills each role.
        examples: The rows, encoded and cut.
    """

    split: Split
    columns: Mapping[str, str]
    examples: Examples


def open_split(
    run: Resolved,
    plugins: Plugins,
    fitted: Fitted,
    columns: Mapping[str, str],
    *,
    data: object | None,
    name: str,
    options: Options = (),
) -> EvaluationData:
    """One part of the run's own data, or of other data.

    Args:
        run: The run's configuration.
        plugins: Whose data sources count.
        fitted: What the run's training split taught.
        columns: Which column filled each role in training.
        data: Other data; None for the run's own. Where it is not divided into parts, all of it
            is taken.
        name: Of the split: "train", "validation" or "test".
        options: Of the other data, by full name or as `data.KEY=VALUE` each.

    Raises:
        UserError: The data cannot be read, or has no such split or column.
    """
    own, options = run.data.source, options if isinstance(options, Mapping) else tuple(options)
    _check(data, own, options)
    if data is not None and (options or data != own):
        settings, given = read_options(data, options, plugins, {"whole": run.data.whole})
        opened = find_data(data, plugins.data, given, whole=settings.whole)
        if options or own == "python" or opened.source != own:  # the same one by another path
            split = _choose(opened.splits, name, alone=True)
            found = _columns(split, run, columns, settings.columns or {})
            # nothing is split off, for nothing is trained on it
            with data_workers(settings.workers):
                encoded = fitted.encode(split, found)
            return EvaluationData(split, found, fitted.cut(encoded, training=False))
    splits, *_ = open_splits(run, plugins)
    split = _choose(splits, name)
    with data_workers(run.data.workers):
        examples = encode(fitted, {name: split}, columns, smoke=run.config.smoke)[name]
    return EvaluationData(split, columns, examples)


def _check(data: object | None, own: str, options: Options) -> None:
    if data is not None:
        return
    if own == "python":
        raise UserError(
            "the run was trained on rows given from Python",
            location="--data",
            remedy="give data to evaluate on",
        )
    if options:
        raise UserError(
            "the run's own data is read as in training",
            location="-o",
            remedy="add --data SPEC, or leave out the options",
        )


def _choose(splits: Mapping[str, Split], name: str, *, alone: bool = False) -> Split:
    if alone and len(splits) == 1:
        return next(iter(splits.values()))
    if name not in splits:
        raise UserError(
            f"there is no split '{name}'", location="--split", remedy=f"splits: {', '.join(splits)}"
        )
    return splits[name]


def _columns(
    split: Split, run: Resolved, columns: Mapping[str, str], chosen: Mapping[str, str]
) -> dict[str, str]:
    """The column of each role that the run has; under the same name as in training, at best."""
    known = {role: name for role, name in columns.items() if name in split.column_names}
    found, _ = find_columns(split, run.task.columns, {**known, **chosen})
    lacking = [role for role in columns if role not in found]
    if lacking:
        raise UserError(
            f"the run reads the {' and the '.join(lacking)}, and no column is found for it",
            location=split.origin,
            remedy=f"choose one with -o data.columns.{lacking[0]}=NAME; "
            f"there are {', '.join(split.column_names)}",
        )
    return found
