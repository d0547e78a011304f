"""The options of section `data`, checked and completed without a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqlab.config.data_settings import DataSettings
from seqlab.config.run_config import assemble
from seqlab.errors import UserError
from seqlab.options import options_of, validate
from seqlab.plugin.manager import Plugins
from seqlab.types import Options


def read_options(
    spec: object, options: Options | Iterable[str], plugins: Plugins, defaults: Options
) -> tuple[DataSettings, dict[str, Any]]:
    """Section `data`, and the options of a registered source.

    Args:
        spec: A built-in name, a file, a folder, a Hub id or rows from Python, as for a run.
        options: Options by full name, or strings `data.KEY=VALUE`.
        plugins: Provides the data sources.
        defaults: Values that replace the defaults of the options, by names without "data.". Those
            that the source does not have are ignored.

    Raises:
        UserError: An option belongs to another section, or is unknown to the source.
    """
    config = assemble(None, {}, options)
    for section, values in config.sections.items():
        if section != "data" and values:
            raise UserError(
                f"'{section}' has no effect on data",
                location=config.location(f"{section}.{next(iter(values))}"),
                remedy="write -o data.KEY=VALUE",
            )
    general = options_of(DataSettings)
    source = {}
    if isinstance(spec, str) and spec in plugins.data:
        source = options_of(plugins.data.get(spec).load())
    known = general | source
    values = {name: value for name, value in defaults.items() if name in known} | config["data"]
    complete = validate("data", values, known, locate=config.location)
    settings = DataSettings(**{name: complete[name] for name in general})
    return settings, {name: complete[name] for name in source}
