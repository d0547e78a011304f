"""What is asked of data outside a run: options of section `data`, checked and complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seqlab.config.data_settings import DataSettings
from seqlab.config.run_config import assemble
from seqlab.errors import UserError
from seqlab.options import options_of, validate

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins

Options = Mapping[str, Any] | Iterable[str]


def read_options(
    spec: object, options: Options, plugins: Plugins, defaults: Mapping[str, Any]
) -> tuple[DataSettings, dict[str, Any]]:
    """Section `data`, and the options of a registered source.

    Args:
        spec: As for a run: a built-in name, a file, a folder, a Hub id or rows from Python.
        options: By full name, or as `data.KEY=VALUE` each.
        plugins: Whose data sources count.
        defaults: Values instead of those that the options have of themselves, without "data.";
            those that the source does not know are left out.

    Raises:
        UserError: An option of another section, or that the source does not know.
    """
    asked = assemble(None, {}, options)
    for section, given in asked.sections.items():
        if section != "data" and given:
            place = asked.place(section, next(iter(given)))
            raise UserError(
                f"'{section}' says nothing of data",
                location=place,
                remedy="write -o data.KEY=VALUE",
            )
    settings = options_of(DataSettings)
    source = {}
    if isinstance(spec, str) and spec in plugins.data:
        source = options_of(plugins.data.get(spec).load())
    known = settings | source
    given = {k: v for k, v in defaults.items() if k in known} | asked["data"]
    complete = validate("data", given, known)
    return (
        DataSettings(**{k: v for k, v in complete.items() if k in settings}),
        {k: complete[k] for k in source},
    )
