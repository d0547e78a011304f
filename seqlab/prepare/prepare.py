"""From a resolved configuration to all that training and evaluation read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from seqlab.data.checking.findings import Finding
from seqlab.data.encoding.examples import Examples
from seqlab.data.split import Split
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.cache.store import cache_slot
from seqlab.prepare.encoded import SPLITS, FittedColumns, cut, encode_again, learn
from seqlab.prepare.splits import (
    SplitIndex,
    Splits,
    open_source,
    open_splits,
    select_splits,
)
from seqlab.task import Fitted
from seqlab.types import Integers, JsonObject


@dataclass(frozen=True)
class Prepared:
    """Data, ready to be trained on and evaluated.

    Args:
        fitted: The fitted task.
        columns: Which column fills each role.
        examples: Each split, encoded and cut into what a model reads.
        source: What a configuration records as the source.
        notices: What was decided, for the user.
        findings: What is wrong or odd about the data.
        index: Which rows of the source each split has; None where they are not such rows.
        open: Gives the rows of each split; called once, when they are first needed.
    """

    fitted: Fitted
    columns: dict[str, str]
    examples: dict[str, Examples]
    source: str
    notices: list[str]
    findings: list[Finding]
    index: dict[str, SplitIndex] | None
    open: Callable[[], dict[str, Split]] = field(repr=False)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """The rows of each split; with data from the cache they are opened at the first use."""
        return self.open()

    def first_rows(self, name: str, count: int) -> list[JsonObject]:
        """The first rows of a split."""
        if count == 0:
            return []
        split = self.splits[name]
        return [split[row] for row in range(min(count, len(split)))]

    def locate(self, name: str, rows: Integers) -> tuple[str, list[int]]:
        """Where rows of a split were read, and their numbers there, from 1 on."""
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
) -> Prepared:
    """Open, check, split, fit, encode and cut data; or take them from the cache.

    Args:
        resolved: Names the data, and the task and tokenizer that encode them.
        plugins: Whose data sources count.
        data: Splits from Python, instead of the configured source.
        saved: What an earlier run was fitted on: nothing is fitted again.
        names: Which splits are needed.

    Raises:
        UserError: The data cannot be used.
    """
    fresh = saved is None
    with cache_slot(resolved, plugins, exclusive=fresh, from_python=data is not None) as slot:
        encoded = slot.load(saved)
        if encoded is None:
            opened = open_splits(resolved, plugins, data)
            if saved is None:
                encoded = slot.keep(learn(resolved, opened))
            else:
                encoded = encode_again(resolved, opened, saved, names)

    def reopen() -> dict[str, Split]:
        if encoded.splits is not None:
            return encoded.splits
        if encoded.index is not None:
            return select_splits(open_source(resolved, plugins).splits, encoded.index)
        return open_splits(resolved, plugins, data).splits

    fitted, columns = saved or (encoded.fitted, encoded.columns)
    return Prepared(
        fitted,
        columns,
        cut(fitted, {name: encoded.examples[name] for name in names}, smoke=resolved.smoke),
        encoded.source,
        encoded.notices,
        encoded.findings,
        encoded.index,
        reopen,
    )


def sizes(examples: Mapping[str, Examples]) -> JsonObject:
    """Examples and steps of each split."""
    return {
        name: {"examples": split.count, "steps": int(split.lengths.sum())}
        for name, split in examples.items()
    }
