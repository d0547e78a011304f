"""From a resolved configuration to the data for training and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import RowHashes
from seqlab.data.checking.identity import (
    RESTORE,
    ChangedDataError,
    KeptRows,
    changes,
    is_same,
)
from seqlab.data.columns.numerals import NumberFormat
from seqlab.data.decisions import Decision, notices_of
from seqlab.data.encoding.examples import Examples
from seqlab.data.split import Split
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.cache.store import cache_slot
from seqlab.prepare.encoded import SPLITS, Encoded, FittedColumns, cut, encode_again, learn
from seqlab.prepare.splits import (
    OpenedSplits,
    SplitIndex,
    Splits,
    convert,
    open_source,
    open_splits,
    select_splits,
)
from seqlab.task import Fitted
from seqlab.types import Integers, JsonObject


@dataclass(frozen=True)
class Prepared:
    """Data that are ready for training and evaluation.

    Args:
        fitted: The fitted task.
        columns: The column of each role.
        formats: How the numbers are written, as `formats_of` returns it.
        examples: The examples of each split, which a model reads.
        source: The source as recorded in a configuration.
        decisions: What was decided about the data.
        findings: Errors and unusual values in the data.
        index: The rows of the source in each split; None if a split has other rows.
        hashes: The hashes of the rows of each split.
        open: Returns the rows of each split. It is called once, when they are first needed.
        loaded: Whether the rows are at hand, and `open` reads no file.
    """

    fitted: Fitted
    columns: dict[str, str]
    formats: Mapping[str, NumberFormat]
    examples: dict[str, Examples]
    source: str
    decisions: list[Decision]
    findings: list[Finding]
    index: dict[str, SplitIndex] | None
    hashes: dict[str, RowHashes]
    open: Callable[[], dict[str, Split]] = field(repr=False)
    loaded: bool = False

    @property
    def notices(self) -> list[str]:
        """The lines about the data that a run shows to the user."""
        return notices_of(self.decisions)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """The rows of each split; those of cached data are opened on first use."""
        return self.open()

    def first_rows(self, name: str, count: int) -> list[JsonObject]:
        """The first rows of a split."""
        if count == 0:
            return []
        split = self.splits[name]
        return [split[row] for row in range(min(count, len(split)))]

    def locate(self, name: str, rows: Integers) -> tuple[str, list[int]]:
        """The origin of rows of a split, and their numbers there, from 1 on."""
        if self.index is not None:
            return self.index[name].origin, self.index[name].numbers(rows)
        split = self.splits[name]
        return split.origin, [split.number(int(row)) for row in rows]


def prepare(
    resolved: ResolvedData,
    plugins: Plugins,
    data: Splits | None = None,
    *,
    saved: FittedColumns | None = None,
    names: Sequence[str] = SPLITS,
    kept: KeptRows | None = None,
) -> Prepared:
    """Open, check, split, fit, encode and cut data, or read them from the cache.

    Args:
        resolved: The configuration: the data, and the task and tokenizer that encode them.
        plugins: Provides the data sources.
        data: Splits from Python, which replace the configured source.
        saved: The fitted task of an earlier run, and its columns. The task is not fitted again.
        names: The splits to prepare.
        kept: The rows of an earlier run, which these splits must have; None for any rows.

    Raises:
        UserError: The data cannot be used.
        ChangedDataError: The data do not have the rows or the columns of the earlier run.
    """
    fresh = saved is None
    with cache_slot(resolved, plugins, exclusive=fresh, from_python=data is not None) as slot:
        encoded = slot.load(saved)
        if encoded is not None:
            _compare(resolved, encoded, kept, names)
        else:
            columns, formats = (saved.columns, saved.formats) if saved else (None, {})
            opened = open_splits(resolved, plugins, data, saved=columns, formats=formats)
            _compare(resolved, opened, kept, names)
            if saved is None:
                encoded = slot.keep(learn(resolved, opened))
            else:
                encoded = encode_again(resolved, opened, saved, names)
    saved = saved or FittedColumns(encoded.fitted, encoded.columns, encoded.formats)
    return Prepared(
        saved.fitted,
        saved.columns,
        saved.formats,
        cut(saved.fitted, {name: encoded.examples[name] for name in names}, smoke=resolved.smoke),
        encoded.source,
        encoded.decisions,
        encoded.findings,
        encoded.index,
        encoded.hashes,
        partial(_reopen, resolved, plugins, data, encoded),
        loaded=encoded.splits is not None,
    )


def _reopen(
    resolved: ResolvedData, plugins: Plugins, data: Splits | None, encoded: Encoded
) -> dict[str, Split]:
    """The rows of each split, which are read again if the encoded data come from the cache."""
    if encoded.splits is not None:
        return encoded.splits
    if encoded.index is not None:
        sources = convert(
            open_source(resolved, plugins).splits, encoded.columns, resolved, encoded.formats
        )
        return select_splits(sources, encoded.index)
    return open_splits(resolved, plugins, data).splits


def _compare(
    resolved: ResolvedData,
    data: OpenedSplits | Encoded,
    kept: KeptRows | None,
    names: Sequence[str],
) -> None:
    """Refuse splits whose rows differ from those of the run."""
    # the windows of a series begin in the split before
    compared = SPLITS if resolved.task.build().ordered(data.columns) else names
    if kept is not None and not is_same(kept.splits, data.hashes, compared):
        raise ChangedDataError(
            "the data have changed since the run was trained: "
            + changes(kept.splits, data.hashes, names[0]),
            location=data.source,
            remedy=RESTORE,
        )


def sizes(examples: Mapping[str, Examples]) -> JsonObject:
    """The number of examples and of steps of each split."""
    return {
        name: {"examples": split.count, "steps": int(split.lengths.sum())}
        for name, split in examples.items()
    }
