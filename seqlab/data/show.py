"""What a data set holds, for a person who is about to train on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seqlab.config import assemble
from seqlab.data.columns import find_columns, kinds_of
from seqlab.data.part import Part
from seqlab.data.settings import DataSettings
from seqlab.data.sources import find_data
from seqlab.data.summary import summarise
from seqlab.errors import UserError
from seqlab.options import options_of, validate

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
    options: Mapping[str, Any] | Iterable[str] = (),
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
    settings, own = _settings(spec, chosen, options, plugins)
    opened = find_data(spec, plugins.data, own, whole=settings.whole)
    if not opened.parts:
        raise UserError("the data has no parts", place=opened.source, remedy="give rows")
    first = next(iter(opened.parts.values()))
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
        "parts": {name: _describe(part, kinds) for name, part in opened.parts.items()},
    }


def _spec(spec: object | None, task: type[Task] | None) -> object:
    own = spec if spec is not None else task.defaults.get("data.source") if task else None
    if own is None:
        remedy = (
            "give a built-in name, a file, a folder or a Hub id; `seqlab list data` shows names"
        )
        raise UserError("no data is named", place="SPEC", remedy=remedy)
    return own


def _settings(
    spec: object,
    task: type[Task] | None,
    options: Mapping[str, Any] | Iterable[str],
    plugins: Plugins,
) -> tuple[DataSettings, dict[str, Any]]:
    """Section `data`, and the options of a registered source."""
    asked = assemble(None, {}, options)
    for section, given in asked.sections.items():
        if section != "data" and given:
            place = asked.place(section, next(iter(given)))
            raise UserError(
                f"'{section}' says nothing of data", place=place, remedy="write -o data.KEY=VALUE"
            )
    known = options_of(DataSettings)
    settings, source = dict(known), {}
    if isinstance(spec, str) and spec in plugins.data:
        source = options_of(plugins.data.get(spec).load())
    known |= source
    defaults = {
        k.partition(".")[2]: v
        for k, v in (task.defaults if task else {}).items()
        if k.startswith("data.")
    }
    given = {k: v for k, v in defaults.items() if k in known} | asked["data"]
    complete = validate("data", given, known)
    return (
        DataSettings(**{k: v for k, v in complete.items() if k in settings}),
        {k: complete[k] for k in source},
    )


def _roles(
    part: Part, task: type[Task] | None, settings: DataSettings
) -> tuple[dict[str, str], list[str]]:
    """Column → role."""
    if task is None:
        return {}, []
    found, notices = find_columns(part, task.columns, settings.columns or {})
    return {name: role for role, name in found.items()}, notices


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
