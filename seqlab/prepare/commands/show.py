"""A summary of a data set before training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seqlab.config.data_settings import DataSettings
from seqlab.data.columns.assignment import UnclearColumnError
from seqlab.data.columns.kinds import kinds_of
from seqlab.data.columns.roles import LabelReader, NumberReader, number_reader
from seqlab.data.decisions import Decision, notices_of
from seqlab.data.reading.sources import find_data
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins, installed
from seqlab.prepare.commands.summary import summarise
from seqlab.prepare.data_options import read_options
from seqlab.prepare.relations import shown_roles
from seqlab.task import Task
from seqlab.types import JsonObject, Options

_SAMPLE = 100
"""Number of rows from which the possible kinds of a column are determined."""

_SHOWN = 120
"""Maximum length of the example of a column, in characters."""


def show_data(
    spec: object | None = None,
    *,
    task: str | None = None,
    options: Options | Iterable[str] = (),
    plugins: Plugins | None = None,
) -> JsonObject:
    """Summarize the columns, sizes, lengths and labels of a data set. Each row is read once.

    Args:
        spec: A built-in name, a file, a folder, a Hub id or rows from Python, as for a run; the
            default data of the task if None.
        task: The registered name of the task that defines the roles of the columns.
        options: Options of section `data`, by full name or as strings `data.KEY=VALUE`.
        plugins: Provides the registered names; all installed plugins if None.

    Returns:
        `source`; `notices`; `task`; `columns`: name → kinds, example, role; `splits`: name → rows
        and, for each column, `missing`, `lengths`, `numbers` and `labels`; `unclear`: the cause,
        location and remedy if it is not clear which column fills a role, else None.

    Raises:
        UserError: The data cannot be found or read.
    """
    plugins = installed() if plugins is None else plugins
    cls = plugins.tasks.get(task, location="--task", note=plugins.note).load() if task else None
    spec = _spec(spec, cls)
    settings, source_options = read_options(spec, options, plugins, _defaults(cls))
    opened = find_data(spec, plugins.data, source_options, settings)
    if not opened.splits:
        raise UserError("the data have no splits", location=opened.source, remedy="give rows")
    first = next(iter(opened.splits.values()))
    unclear: UserError | None = None
    try:
        roles, decisions = _roles(first, cls, settings)
    except UnclearColumnError as error:  # the columns are shown to choose from
        roles, decisions, unclear = {}, [], error
    sample = first.sample(_SAMPLE)
    possible = {name: kinds_of(sample.get(name, ())) for name in first.column_names}
    kinds = _kinds_as_used(possible, roles, cls)
    return {
        "source": opened.source,
        "notices": notices_of([*opened.decisions, *decisions]),
        "task": task,
        "columns": {
            name: {
                "kinds": kinds[name],
                "example": _example(sample.get(name, ())),
                "role": roles.get(name),
            }
            for name in first.column_names
        },
        "splits": _describe(opened.splits, kinds, settings),
        "unclear": unclear and _record(unclear),
    }


def _record(error: UserError) -> JsonObject:
    return {"cause": error.cause, "location": error.location, "remedy": error.remedy}


def _defaults(task: type[Task] | None) -> Options:
    """The defaults of a task for section `data`."""
    defaults = task.defaults if task else {}
    prefix = "data."
    return {k.removeprefix(prefix): v for k, v in defaults.items() if k.startswith(prefix)}


def _spec(spec: object | None, task: type[Task] | None) -> object:
    if spec is None and task is not None:
        spec = task.defaults.get("data.source")
    if spec is None:
        remedy = (
            "give a built-in name, a file, a folder or a Hub id; `seqlab list data` shows names"
        )
        raise UserError("no data was given", location="SPEC", remedy=remedy)
    return spec


def _roles(
    split: Split, task: type[Task] | None, settings: DataSettings
) -> tuple[dict[str, str], list[Decision]]:
    """Column → role, and what was decided."""
    if task is None:
        return {}, []
    return shown_roles(split, task, settings)


def _kinds_as_used(
    possible: Mapping[str, list[str]], roles: Mapping[str, str], task: type[Task] | None
) -> dict[str, list[str]]:
    """The kinds of each column: those of its role, or else those that are possible."""
    wanted = {column.role: column.kinds for column in task.columns} if task else {}

    def used(name: str) -> list[str]:
        kinds = wanted.get(roles.get(name, ""), ())
        return [kind for kind in possible[name] if kind in kinds] or list(kinds[:1])

    return {name: used(name) or possible[name] for name in possible}


def _describe(
    splits: Mapping[str, Split], kinds: Mapping[str, list[str]], settings: DataSettings
) -> JsonObject:
    first = next(iter(splits.values()))
    labels = {name: LabelReader() for name, possible in kinds.items() if possible == ["label"]}
    readers = {
        name: _number_reader(first, name, settings)
        for name, possible in kinds.items()
        if "number" in possible
    }
    return {
        name: {
            "rows": len(split),
            "columns": summarise(
                split.converted(labels).batches(),
                {column: kinds.get(column, []) for column in split.column_names},
                readers,
            ),
        }
        for name, split in splits.items()
    }


def _number_reader(split: Split, column: str, settings: DataSettings) -> NumberReader:
    try:
        return number_reader(split, column, settings)
    except UserError:  # ambiguous numbers are refused where they are used
        return NumberReader()


def _example(values: Iterable[object]) -> str:
    """The first value that is not empty, in one line."""
    value = next((value for value in values if value is not None and value != ""), "")
    # a value may be a whole corpus: format no more than is shown
    text = value[: 2 * _SHOWN] if isinstance(value, str) else str(value)
    text = " ".join(text.split()) if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
