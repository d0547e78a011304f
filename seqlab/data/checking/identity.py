"""Whether the rows of a run are still the same, and which rows a model was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import Hashes, RowHashes, no_hashes
from seqlab.errors import UserError

RESTORE = "restore the data of the run, or name the rows to evaluate on with --data FILE"
"""The remedy where the data of a run have changed."""

_USED = {"train": "trained on", "validation": "validated on", "test": "tested on"}


@dataclass(frozen=True)
class KeptRows:
    """The rows of a run, which its folder keeps as hashes.

    Args:
        splits: The hashes of the rows of each split.
        earlier: (N,) hashes of the inputs of rows on which the weights were trained before: by the
            run that they come from, or before the data were changed on resume.
    """

    splits: dict[str, RowHashes]
    earlier: Hashes = field(default_factory=no_hashes)

    @property
    def trained(self) -> Hashes:
        """(N,) hashes of the inputs of all rows on which the weights were trained."""
        return np.concatenate([self.splits["train"].inputs, self.earlier])

    def followed_by(self, splits: dict[str, RowHashes]) -> KeptRows:
        """The rows of a run that continues with the weights of this one."""
        return KeptRows(splits, np.setdiff1d(self.trained, splits["train"].inputs))


class ChangedDataError(UserError):
    """The data of a run are no longer those that it was trained on."""


def is_same(
    before: Mapping[str, RowHashes], now: Mapping[str, RowHashes], names: Iterable[str]
) -> bool:
    """Whether splits have the same rows in the same order."""
    return all(
        name in before and name in now and np.array_equal(before[name].whole, now[name].whole)
        for name in names
    )


def changes(before: Mapping[str, RowHashes], now: Mapping[str, RowHashes], name: str) -> str:
    """What is different about the rows of a run.

    Args:
        before: The rows of each split in the run.
        now: The rows of each split now.
        name: The split that is described.

    Returns:
        Such as "180 rows instead of 120, 120 of them as before; of the 18 rows of the test split
        now, 7 were trained on, 3 validated on, 1 tested on and 7 are new".
    """
    if all(len(hashes) == 1 for hashes in now.values()):
        names = [split for split in now if not is_same(before, now, [split])]
        return f"the text of the {' and '.join(names)} split{'s' * (len(names) > 1)} differs"
    then_all, now_all = _all_rows(before), _all_rows(now)
    shared = _shared(then_all, now_all)
    if shared == len(then_all) == len(now_all):
        rows = f"the same {count_rows(shared)} in a different order or in other splits"
    elif len(then_all) == len(now_all):
        rows = f"{len(now_all) - shared:,} of {count_rows(len(now_all))} differ"
    else:
        rows = (
            f"{count_rows(len(now_all))} instead of {len(then_all):,}, {shared:,} of them as before"
        )
    return f"{rows}; {_split_changes(before, now[name], name)}"


def _split_changes(before: Mapping[str, RowHashes], now: RowHashes, name: str) -> str:
    is_new = np.ones(len(now), np.bool_)
    uses: list[str] = []
    for split, used in _USED.items():
        if split in before:
            is_known = is_new & np.isin(now.whole, before[split].whole)
            is_new &= ~is_known
            uses.append(f"{is_known.sum():,} {'were ' * (not uses)}{used}")
    return (
        f"of the {count_rows(len(now))} of the {name} split now, {', '.join(uses)} "
        f"and {is_new.sum():,} {'is' if is_new.sum() == 1 else 'are'} new"
    )


def find_changed(
    kept: KeptRows, now: Mapping[str, RowHashes], name: str, location: str
) -> Iterator[Finding]:
    """Find changes of splits that are not evaluated: the result is still that of the run."""
    names = [split for split in kept.splits if not is_same(kept.splits, now, [split])]
    if names:
        yield Finding(
            "changed data",
            "kept",
            f"the {' and '.join(names)} split{'s' * (len(names) > 1)} of the run "
            f"{'have' if len(names) > 1 else 'has'} changed since it was trained, the {name} split "
            f"has not: {changes(kept.splits, now, name)}",
            location,
            "train a new run with these data, if they are meant to count",
            name,
        )


def _all_rows(splits: Mapping[str, RowHashes]) -> Hashes:
    return np.concatenate([hashes.whole for hashes in splits.values()])


def _shared(first: Hashes, second: Hashes) -> int:
    """How many rows two splits share; a row that occurs twice in both counts twice."""
    values, counts = np.unique(first, return_counts=True)
    others, other_counts = np.unique(second, return_counts=True)
    _, here, there = np.intersect1d(values, others, return_indices=True)
    return int(np.minimum(counts[here], other_counts[there]).sum())


def count_rows(count: int) -> str:
    """Such as "1 row" or "1,200 rows"."""
    return f"{count:,} row" + "s" * (count != 1)
