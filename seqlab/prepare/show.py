"""What a data set holds, for a person who is about to train on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seqlab.config.data_settings import DataSettings
from seqlab.data.columns import find_columns, kinds_of
from seqlab.data.reading.sources import find_data
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.prepare.data_options import Options, read_options
from seqlab.prepare.summary import summarise

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins
    from seqlab.task import Task

_SAMPLE = 100
_SHOWN = 120
"""Characters of an example."""


def show_data(
    spec: object | None = None,
    *,
    task: str | None = None,
    options: Options = (),
    plugins: Plugins | None = None,
) -> dict[str, Any]:
    """Columns, sizes, lengths and labels of a data set; each row is looked at once.

    Args:
        spec: As for a run: a built-in name, a file, a folder, a Hub id or rows from Python; the
            task's own data if None.
        task: Whose roles the columns shall fill.
        options: Options of section `data`, by full name or as `data.KEY=VALUE` each.
        plugins: Whose names count; all installed ones if None.

    Returns:
        `source`; `notices`; `task`; `columns`: name → kinds, example, role; `parts`: name → rows
        and, for each column, `missing`, `lengths`, `numbers` and `labels`.

    Raises:
        UserError: Data that cannot be found or read, or a role that no column fills.
    """
    if plugins is None:
        from seqlab.plugin.manager import installed

        plugins = installed()
    chosen = plugins.tasks.get(task, location="--task", note=plugins.note).load() if task else None
    spec = _spec(spec, chosen)
    defaults = {
        name.removeprefix("data."): value
        for name, value in (chosen.defaults if chosen else {}).items()
        if name.startswith("data.")
    }
    settings, own = read_options(spec, options, plugins, defaults)
    opened = find_data(spec, plugins.data, own, whole=settings.whole)
    if not opened.splits:
        raise UserError("the data has no splits", location=opened.source, remedy="give rows")
    first = next(iter(opened.splits.values()))
    roles, notices = _roles(first, chosen, settings)
    sample = first.sample(_SAMPLE)
    kinds = {name: kinds_of(sample.get(name, ())) for name in first.column_names}
    return {
        "source": opened.source,
        "notices": [*opened.notices, *notices],
        "task": task,
        "columns": {
            name: {
                "kinds": kinds[name],
                "example": _example(sample.get(name, ())),
                "role": roles.get(name),
            }
            for name in first.column_names
        },
        "splits": _describe(opened.splits, _read_as(kinds, roles, chosen)),
    }


def _spec(spec: object | None, task: type[Task] | None) -> object:
    own = spec if spec is not None else task.defaults.get("data.source") if task else None
    if own is None:
        remedy = (
            "give a built-in name, a file, a folder or a Hub id; `seqlab list data` shows names"
        )
        raise UserError("no data is named", location="SPEC", remedy=remedy)
    return own


def _roles(
    split: Split, task: type[Task] | None, settings: DataSettings
) -> tuple[dict[str, str], list[str]]:
    """Column → role."""
    if task is None:
        return {}, []
    found, notices = find_columns(split, task.columns, settings.columns or {})
    return {name: role for role, name in found.items()}, notices


def _read_as(
    kinds: Mapping[str, list[str]], roles: Mapping[str, str], task: type[Task] | None
) -> dict[str, list[str]]:
    """What each column could be; a list that fills a role for labels holds no numbers."""
    wanted = {column.role: column.kinds for column in task.columns} if task else {}
    return {
        name: [
            each
            for each in own
            if each != "numbers" or each in wanted.get(roles.get(name, ""), own)
        ]
        for name, own in kinds.items()
    }


def _describe(splits: Mapping[str, Split], kinds: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: {
            "rows": len(split),
            "columns": summarise(
                split.batches(), {column: kinds.get(column, []) for column in split.column_names}
            ),
        }
        for name, split in splits.items()
    }


def _example(values: Iterable[Any]) -> str:
    """The first value that says something, in one line."""
    value = next((each for each in values if each is not None and each != ""), "")
    # a whole corpus may be one value: nothing beyond what is shown is written out
    text = value[: 2 * _SHOWN] if isinstance(value, str) else str(value)
    text = " ".join(text.split()) if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
