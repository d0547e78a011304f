"""What a data set holds, for a person who is about to train on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seqlab.data.asked import Options, read_options
from seqlab.data.columns import find_columns, kinds_of
from seqlab.data.part import Part
from seqlab.data.settings import DataSettings
from seqlab.data.sources import find_data
from seqlab.data.summary import summarise
from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.interfaces import Task
    from seqlab.plugins import Plugins

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
        from seqlab.plugins import installed

        plugins = installed()
    chosen = plugins.tasks.get(task, place="--task", note=plugins.note).load() if task else None
    spec = _spec(spec, chosen)
    defaults = {
        name.removeprefix("data."): value
        for name, value in (chosen.defaults if chosen else {}).items()
        if name.startswith("data.")
    }
    settings, own = read_options(spec, options, plugins, defaults)
    opened = find_data(spec, plugins.data, own, whole=settings.whole)
    if not opened.parts:
        raise UserError("the data has no parts", place=opened.source, remedy="give rows")
    first = next(iter(opened.parts.values()))
    roles, notices = _roles(first, chosen, settings)
    sample = first.sample(_SAMPLE)
    kinds = {name: kinds_of(sample.get(name, ())) for name in first.column_names}
    read_as = {name: _read_as(own, roles.get(name), chosen) for name, own in kinds.items()}
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
        "parts": {name: _describe(part, read_as) for name, part in opened.parts.items()},
    }


def _spec(spec: object | None, task: type[Task] | None) -> object:
    own = spec if spec is not None else task.defaults.get("data.source") if task else None
    if own is None:
        remedy = (
            "give a built-in name, a file, a folder or a Hub id; `seqlab list data` shows names"
        )
        raise UserError("no data is named", place="SPEC", remedy=remedy)
    return own


def _roles(
    part: Part, task: type[Task] | None, settings: DataSettings
) -> tuple[dict[str, str], list[str]]:
    """Column → role."""
    if task is None:
        return {}, []
    found, notices = find_columns(part, task.columns, settings.columns or {})
    return {name: role for role, name in found.items()}, notices


def _read_as(kinds: list[str], role: str | None, task: type[Task] | None) -> list[str]:
    """What a column could be, without numbers if its role takes lists of labels only."""
    wanted = [column for column in task.columns if column.role == role] if task else []
    return [kind for kind in kinds if kind != "numbers" or all(kind in w.kinds for w in wanted)]


def _describe(part: Part, kinds: Mapping[str, list[str]]) -> dict[str, Any]:
    own = {name: kinds.get(name, []) for name in part.column_names}
    return {"rows": len(part), "columns": summarise(part.batches(), own)}


def _example(values: Iterable[Any]) -> str:
    """The first value that says something, in one line."""
    value = next((each for each in values if each is not None and each != ""), "")
    # a whole corpus may be one value: nothing beyond what is shown is written out
    text = value[: 2 * _SHOWN] if isinstance(value, str) else str(value)
    text = " ".join(text.split()) if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
