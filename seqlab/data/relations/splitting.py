"""Creation of missing splits from the training split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.data.decisions import Decision
from seqlab.data.relations.series_splitting import draw_groups, size_option, split_in_order
from seqlab.data.split import Split
from seqlab.data.text_files.long_text import LongText
from seqlab.errors import UserError, unknown
from seqlab.types import Integers

_MIN_ROWS = 3
"""Training rows that are needed at least for each new split."""


def complete_splits(
    splits: Mapping[str, Split],
    *,
    stratify: str | None,
    fraction: float = 0.1,
    test_fraction: float | None = None,
    seed: int,
    need_test: bool = True,
    ordered: bool = False,
    groups: Integers | None = None,
    time: Sequence[str] = (),
) -> tuple[dict[str, Split], list[Decision]]:
    """Add a missing validation or test split, taken from the training rows.

    Args:
        splits: The existing splits, with "train" among them.
        stratify: The column whose distribution of values is preserved, if any.
        fraction: Size of a new split as a fraction of the training rows.
        test_fraction: Size of a new test split; `fraction` if None.
        seed: Seed of the random selection.
        need_test: Whether a missing test split is created, too.
        ordered: Whether the rows are steps of series: the last rows of each series are taken
            instead of random ones.
        groups: (N,) the group of each training row; no group is divided.
        time: The columns of time of ordered rows, whose values messages name.

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: There are too few rows, or the column `stratify` does not exist.
    """
    needed = ["validation", "test"] if need_test else ["validation"]
    missing = [name for name in needed if name not in splits]
    train = _training_split(splits)
    if not missing:
        return dict(splits), []
    sizes = {"validation": fraction, "test": fraction if test_fraction is None else test_fraction}
    fractions = [sizes[name] for name in missing]
    _check_sizes(train, missing, fractions)
    if ordered:
        smallest = _MIN_ROWS * len(missing)
        return split_in_order(splits, missing, fractions, smallest=smallest, time=time)
    selections = _draw_rows(train, missing, fractions, stratify, groups, seed)
    result = dict(splits)
    for name, rows in zip(missing, selections, strict=True):
        result[name] = train.select(rows, name)
    rest = np.setdiff1d(np.arange(len(train), dtype=np.int64), np.concatenate(selections))
    result["train"] = train.select(rest)
    decisions = [
        Decision(name, f"{_rows(result[name])} split off the training split", size_option(name))
        for name in missing
    ]
    return result, [*decisions, Decision("train", f"{len(rest)} of {len(train)} rows left")]


def _draw_rows(
    train: Split,
    missing: list[str],
    fractions: list[float],
    stratify: str | None,
    groups: Integers | None,
    seed: int,
) -> list[Integers]:
    """Draw the rows of each missing split at random, or whole groups of rows."""
    generator = np.random.default_rng(seed)
    if groups is None:
        selections = _draw(_strata(train, stratify), fractions, generator)
        reason = f", because almost every value of '{stratify}' occurs only once"
    else:
        selections = draw_groups(groups, fractions, generator)
        reason = f", because they are only {len(np.unique(groups))} groups"
    if not all(len(rows) for rows in selections):
        raise _too_few(train, missing, reason)
    return selections


def _rows(split: Split) -> str:
    return f"{len(split)} row" + ("s" if len(split) != 1 else "")


def take(splits: Mapping[str, Split], limit: int, *, seed: int = 0) -> dict[str, Split]:
    """Shuffle each split and keep its first `limit` rows, for a quick trial.

    Raises:
        UserError: `limit` is less than 1.
    """
    if limit < 1:
        raise UserError(
            f"a limit of {limit} rows leaves no data", location="limit", remedy="give 1 or more"
        )
    result: dict[str, Split] = {}
    for name, split in splits.items():
        order = np.random.default_rng(seed).permutation(len(split)).astype(np.int64)
        result[name] = split.select(order[:limit]) if len(split) > limit else split
    return result


def cut_text(
    splits: Mapping[str, Split],
    column: str,
    fraction: float = 0.1,
    test_fraction: float | None = None,
) -> tuple[dict[str, Split], list[Decision]]:
    """Add missing splits to a training split with a single text: the end of the text is cut off.

    Without `test_fraction`, the validation split also becomes the test split.

    Args:
        splits: The existing splits, with "train" among them. They are returned unchanged unless
            the training split is a single row.
        column: The column of the text.
        fraction: Size of the validation split as a fraction of the text.
        test_fraction: Size of a separate test split, which follows the validation split.

    Returns:
        The splits by name, and what was decided.
    """
    train = _training_split(splits)
    text = next(train.column(column, lazy=True)) if len(train) == 1 else None
    fractions = {"validation": fraction, "test": test_fraction}
    sizes = {name: size for name, size in fractions.items() if size and name not in splits}
    if not isinstance(text, str | LongText) or ("test" in splits and not sizes):
        return dict(splits), []
    # the fractions of this split and the splits after it
    tails = [sum(list(sizes.values())[index:]) for index in range(len(sizes))]
    edges = [int(len(text) * (1 - tail)) for tail in tails]
    result, decisions = dict(splits), list[Decision]()
    spans = zip(["train", *sizes], [0, *edges], [*edges, len(text)], strict=True)
    for name, start, end in spans:
        result[name] = Split(name, {column: [text[start:end]]}, train.origin)
        characters = f"characters {start + 1} to {end} of {len(text)}"
        decisions.append(Decision(name, characters, "" if name == "train" else size_option(name)))
    if "test" not in result:
        result["test"] = result["validation"].with_name("test")
        choice = (
            "the validation split, which also selects the best epoch; "
            "-o data.test_fraction=FRACTION creates a separate test split"
        )
        decisions.append(Decision("test", choice, size_option("test")))
    return result, decisions


def _training_split(splits: Mapping[str, Split]) -> Split:
    if "train" not in splits:
        raise UserError(
            "there is no training split", location=", ".join(splits), remedy="give a split 'train'"
        )
    return splits["train"]


def _check_sizes(train: Split, missing: list[str], fractions: list[float]) -> None:
    if not 0 < sum(fractions) < 1:
        raise UserError(
            f"a fraction of {fractions[0]:g} for each of {len(missing)} splits leaves no training "
            "rows",
            location="fraction",
            remedy="give a fraction between 0 and 0.5",
        )
    if len(train) < _MIN_ROWS * len(missing):
        raise _too_few(train, missing)


def _too_few(train: Split, missing: list[str], reason: str = "") -> UserError:
    names = " and ".join(missing)
    return UserError(
        f"{len(train)} training rows are too few to split off {names}{reason}",
        location=train.origin,
        remedy=f"give more rows ({_MIN_ROWS * len(missing)} at least), or the splits {names}",
    )


def _strata(train: Split, stratify: str | None) -> list[Integers]:
    """The rows of each value of the column; all rows are one stratum without a column."""
    if stratify is None:
        return [np.arange(len(train), dtype=np.int64)]
    if stratify not in train.column_names:
        raise unknown("column", stratify, train.column_names, location=train.origin)
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(train.column(stratify)):
        rows.setdefault(str(label), []).append(row)
    return [np.array(rows[label], dtype=np.int64) for label in sorted(rows)]


def _draw(
    strata: list[Integers], fractions: list[float], generator: np.random.Generator
) -> list[Integers]:
    """Select rows for each fraction in proportion from all strata; one row of each is left."""
    selections: list[list[Integers]] = [[] for _ in fractions]
    total = sum(len(stratum) for stratum in strata)
    seen, counts = 0, [0] * len(fractions)
    for stratum in strata:
        shuffled = generator.permutation(stratum)
        seen += len(stratum)
        start = 0
        for index, fraction in enumerate(fractions):
            # what rounding loses in one stratum is added in the next, within its proportion
            due = max(1, round(fraction * total)) if seen == total else round(fraction * seen)
            most = min(math.ceil(fraction * len(stratum)), len(stratum) - 1 - start)
            size = max(0, min(due - counts[index], most))
            selections[index].append(shuffled[start : start + size])
            counts[index] += size
            start += size
    return [np.sort(np.concatenate(rows)) for rows in selections]
