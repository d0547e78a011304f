"""Which rows the weights of a run were trained on, and whether its data have changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import RowHashes
from seqlab.data.checking.identity import KeptRows, changes, is_same
from seqlab.data.checking.trained import find_trained
from seqlab.prepare.encoded import SPLITS
from seqlab.prepare.prepare import Prepared
from seqlab.runs.kept_rows import read_rows


def find_trained_before(prepared: Prepared, weights: str | None, *, ordered: bool) -> list[Finding]:
    """Find validation and test rows that the run of the initial weights was trained on.

    Args:
        prepared: The data of the new run.
        weights: The file of its initial weights, if it has one.
        ordered: Whether the rows are a series.
    """
    folder = _run_of(weights)
    if folder is None:
        return []
    kept, by = read_rows(folder), f"the run '{folder}', whose weights are the initial ones"
    return [
        finding
        for name in SPLITS[1:]
        for finding in find_trained(
            name,
            prepared.hashes[name],
            kept,
            partial(prepared.locate, name),
            ordered=ordered,
            by=by,
        )
    ]


def rows_of_new(prepared: Prepared, weights: str | None) -> KeptRows:
    """The rows of a new run, and those of the run of its initial weights."""
    folder = _run_of(weights)
    before = None if folder is None else read_rows(folder)
    rows = KeptRows(prepared.hashes)
    return rows if before is None else before.followed_by(rows.splits)


def rows_of_resumed(
    before: KeptRows | None, prepared: Prepared, *, data_changed: bool
) -> KeptRows | None:
    """The rows of a resumed run; None if it is not known which ones it was trained on.

    Args:
        before: The rows that the folder keeps.
        prepared: The data now.
        data_changed: Whether the encoded data have changed.
    """
    if before is not None:
        is_changed = changed_splits(before, prepared.hashes)
        return before.followed_by(prepared.hashes) if is_changed else before
    return None if data_changed else KeptRows(prepared.hashes)


def changed_splits(before: KeptRows | None, now: Mapping[str, RowHashes]) -> dict[str, str]:
    """Split → what has changed, for the splits whose rows differ."""
    if before is None:
        return {}
    names = [name for name in SPLITS if not is_same(before.splits, now, [name])]
    return {name: changes(before.splits, now, name) for name in names}


def _run_of(weights: str | None) -> Path | None:
    """The folder of the run that wrote a file of weights, if a run did."""
    if weights is None:
        return None
    folder = Path(weights).expanduser().parent
    return folder if (folder / "config.toml").is_file() else None
