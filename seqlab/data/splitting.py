"""Parts that a data set lacks, split off its training split."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seqlab.data.long_text import LongText
from seqlab.data.split import Split
from seqlab.errors import UserError, unknown

_FEWEST = 3
"""Rows of training that each split to be split off needs at least."""


def complete(
    splits: Mapping[str, Split],
    *,
    stratify: str | None,
    fraction: float = 0.1,
    test_fraction: float | None = None,
    seed: int,
    need_test: bool = True,
    ordered: bool = False,
) -> tuple[dict[str, Split], list[str]]:
    """All parts; a missing validation or test split is taken from the training rows.

    Args:
        splits: The splits that there are, "train" among them.
        stratify: The column whose values are kept in proportion, if any.
        fraction: Size of a new part, as a share of the training rows.
        test_fraction: The same of the test split; `fraction` if None.
        seed: The same seed draws the same rows.
        need_test: Whether a missing test split is taken, too.
        ordered: The rows are one series: the last ones are cut off, none is drawn.

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: There are too few rows, or no column `stratify`.
    """
    needed = ["validation", "test"] if need_test else ["validation"]
    missing = [name for name in needed if name not in splits]
    train = _training(splits)
    if not missing:
        return dict(splits), []
    shares = {"validation": fraction, "test": fraction if test_fraction is None else test_fraction}
    fractions = [shares[name] for name in missing]
    _check(train, missing, fractions)
    if ordered:
        return _cut_off(splits, missing, fractions)
    groups = _groups(train, stratify)
    drawn = _draw(groups, fractions, np.random.default_rng(seed))
    if not all(len(rows) for rows in drawn):
        raise _too_few(train, missing, f", as almost every '{stratify}' is there only once")
    result = dict(splits)
    for name, rows in zip(missing, drawn, strict=True):
        result[name] = train.select(rows, name)
    left = np.setdiff1d(np.arange(len(train), dtype=np.int64), np.concatenate(drawn))
    result["train"] = train.select(left)
    notices = [f"{name}: {len(result[name])} rows split off the training split" for name in missing]
    return result, [*notices, f"train: {len(left)} of {len(train)} rows left"]


def take(splits: Mapping[str, Split], limit: int, *, seed: int = 0) -> dict[str, Split]:
    """The first `limit` rows of each split after a shuffle, for a quick trial.

    Raises:
        UserError: `limit` is less than 1.
    """
    if limit < 1:
        raise UserError(
            f"a limit of {limit} rows leaves no data", location="limit", remedy="give 1 or more"
        )
    taken: dict[str, Split] = {}
    for name, split in splits.items():
        order = np.random.default_rng(seed).permutation(len(split)).astype(np.int64)
        taken[name] = split.select(order[:limit]) if len(split) > limit else split
    return taken


def cut_text(
    splits: Mapping[str, Split],
    column: str,
    fraction: float = 0.1,
    test_fraction: float | None = None,
) -> tuple[dict[str, Split], list[str]]:
    """The missing splits of a single text: its end, cut off by position.

    Without a share of its own, the test split is the validation split.

    Args:
        splits: The splits that there are, "train" among them; left as they are unless this one is
            a single row.
        column: Where the text is.
        fraction: Share of the text for validation.
        test_fraction: Share of the text, after that, for a test split of its own.

    Returns:
        The splits by name, and notices for the user.
    """
    train = _training(splits)
    text = next(train.texts(column)) if len(train) == 1 else None
    shares = {"validation": fraction, "test": test_fraction}
    sizes = {name: share for name, share in shares.items() if share and name not in splits}
    if not isinstance(text, str | LongText) or ("test" in splits and not sizes):
        return dict(splits), []
    edges = [
        int(len(text) * (1 - sum(list(sizes.values())[place:]))) for place in range(len(sizes))
    ]
    result, notices = dict(splits), []
    spans = zip(["train", *sizes], [0, *edges], [*edges, len(text)], strict=True)
    for name, start, end in spans:
        result[name] = Split(name, {column: [text[start:end]]}, train.origin)
        notices.append(f"{name}: characters {start + 1} to {end} of {len(text)}")
    if "test" not in result:
        result["test"] = result["validation"].renamed("test")
        notices.append(
            "test: the validation split, which also chooses the best epoch; "
            "-o data.test_fraction=SHARE cuts off another"
        )
    return result, notices


def _training(splits: Mapping[str, Split]) -> Split:
    if "train" not in splits:
        raise UserError(
            "there is no training split", location=", ".join(splits), remedy="give a split 'train'"
        )
    return splits["train"]


def _cut_off(
    splits: Mapping[str, Split], missing: list[str], fractions: list[float]
) -> tuple[dict[str, Split], list[str]]:
    """The missing splits as the last rows of the training split, each with the one before it."""
    train = _training(splits)
    sizes = [max(1, round(fraction * len(train))) for fraction in fractions]
    edges = len(train) - np.cumsum([0, *sizes[::-1]])[::-1]
    result, notices = dict(splits), []
    result["train"] = before = train.select(np.arange(edges[0]), "train")
    for name, start, end in zip(missing, edges[:-1], edges[1:], strict=True):
        result[name] = before = train.select(np.arange(start, end), name, before)
        notices.append(f"{name}: rows {start + 1} to {end} of {len(train)}, in order")
    return result, [*notices, f"train: the {edges[0]} rows before"]


def _check(train: Split, missing: list[str], fractions: list[float]) -> None:
    if not 0 < sum(fractions) < 1:
        raise UserError(
            f"a share of {fractions[0]:g} for each of {len(missing)} parts leaves no training rows",
            location="fraction",
            remedy="give a share between 0 and 0.5",
        )
    if len(train) < _FEWEST * len(missing):
        raise _too_few(train, missing)


def _too_few(train: Split, missing: list[str], why: str = "") -> UserError:
    return UserError(
        f"{len(train)} training rows are too few to split off {' and '.join(missing)}{why}",
        location=train.origin,
        remedy=f"give more rows ({_FEWEST * len(missing)} at least), or these splits themselves",
    )


def _groups(train: Split, stratify: str | None) -> list[NDArray[np.int64]]:
    """The rows of each label; all rows are one group where nothing is stratified."""
    if stratify is None:
        return [np.arange(len(train), dtype=np.int64)]
    if stratify not in train.column_names:
        raise unknown("column", stratify, train.column_names, location=train.origin)
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(train.column(stratify)):
        rows.setdefault(str(label), []).append(row)
    return [np.array(rows[label], dtype=np.int64) for label in sorted(rows)]


def _draw(
    groups: list[NDArray[np.int64]], fractions: list[float], generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Rows for new parts, in proportion from each group, of which one row stays."""
    drawn: list[list[NDArray[np.int64]]] = [[] for _ in fractions]
    total = sum(len(group) for group in groups)
    seen, shares = 0, [0] * len(fractions)
    for group in groups:
        shuffled = generator.permutation(group)
        seen += len(group)
        start = 0
        for split, fraction in enumerate(fractions):
            # what is rounded away in one group is made up for in the next, within its own share
            due = max(1, round(fraction * total)) if seen == total else round(fraction * seen)
            most = min(math.ceil(fraction * len(group)), len(group) - 1 - start)
            size = max(0, min(due - shares[split], most))
            drawn[split].append(shuffled[start : start + size])
            shares[split] += size
            start += size
    return [np.sort(np.concatenate(rows)) for rows in drawn]
