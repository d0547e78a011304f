"""Rows of series and of texts, and how the tests of relations open them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import ResolvedData, resolve_data
from seqlab.prepare.splits import OpenedSplits, open_splits

Rows = list[dict[str, Any]]


def resolved(task: str, options: Mapping[str, object]) -> ResolvedData:
    flags = {"task.name": task, "data.source": "python"}
    return resolve_data(assemble(None, flags, options), installed())


def opened(rows: object, task: str = "regression", **options: object) -> OpenedSplits:
    names = {name.replace("__", "."): value for name, value in options.items()}
    return open_splits(resolved(task, names), installed(), from_python(rows))


def column(result: OpenedSplits, split: str, name: str) -> list[Any]:
    return list(result.splits[split].column(name))


def notices(result: OpenedSplits) -> list[str]:
    return [str(decision) for decision in result.decisions if decision.notable]


def days(count: int, form: Callable[[date], object] = date.isoformat) -> list[Any]:
    return [form(date(2024, 1, 5) + timedelta(days=day)) for day in range(count)]


def series(count: int = 60, form: Callable[[date], object] = date.isoformat) -> Rows:
    return [{"date": day, "value": float(at)} for at, day in enumerate(days(count, form))]


def shuffled(rows: Sequence[dict[str, Any]], seed: int = 0) -> Rows:
    return random.Random(seed).sample(rows, len(rows))


def long_form(lengths: Sequence[int] = (40, 30), name: str = "series") -> Rows:
    return [
        {name: f"s{number}", "date": day, "value": 1000.0 * number + at}
        for number, length in enumerate(lengths)
        for at, day in enumerate(days(length))
    ]


def refused(rows: object, **options: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        opened(rows, **options)
    return raised.value


def remedies(error: UserError) -> dict[str, str]:
    """Each option `-o NAME=VALUE` of a remedy."""
    words = error.remedy.replace(";", " ").replace(",", " ").split()
    options = [word for before, word in pairwise(words) if before == "-o"]
    return dict(option.split("=", 1) for option in options)


def labelled(**more: Callable[[int], object]) -> Rows:
    return [
        {"text": f"text {at}", "label": "ab"[at % 2]} | {name: of(at) for name, of in more.items()}
        for at in range(60)
    ]


def parts(at: int) -> str:
    return ("Train", "train", "dev", "test")[at % 4]
