"""`seqlab data cache`: the cache of encoded data."""

from __future__ import annotations

import click

from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option

EXAMPLES = """\b
seqlab data cache
seqlab data cache --clear
"""


@click.command("cache", epilog=EXAMPLES, short_help="Show or clear the cache of encoded data.")
@click.option("--clear", is_flag=True, help="Remove all entries.")
@json_option
def command(clear: bool, as_json: bool) -> None:
    """Show the cache of encoded data, which speeds up later runs with the same data.

    SEQLAB_CACHE sets its folder, or turns it off with "off"; -o data.cache=false disables it for
    one run.
    """
    from seqlab.files.cache_folder import cache_folder
    from seqlab.prepare.cache import content

    folder = cache_folder()
    freed = content.clear(folder) if clear and folder is not None else 0
    entries = [] if folder is None else list(content.entries(folder))
    total = sum(entry.size for entry in entries)
    if as_json:
        records = [
            {"key": entry.key, "bytes": entry.size, "used": entry.used, **entry.what}
            for entry in entries
        ]
        document = {"folder": folder and str(folder), "bytes": total, "entries": records}
        write_json({**document, "freed": freed} if clear else document)
        return
    if folder is None:
        click.echo("the cache is off: set SEQLAB_CACHE to a folder to use it")
        return
    if clear:
        click.echo(f"freed {_bytes(freed)}")
    click.echo(f"{folder}: {_bytes(total)} in {len(entries)} entries")
    if entries:
        click.echo()
        rows = [
            (
                _bytes(entry.size),
                _date(entry.used),
                entry.what.get("task", "(incomplete)"),
                entry.what.get("tokenizer", ""),
                entry.what.get("source", ""),
            )
            for entry in entries
        ]
        write_table(("size", "last used", "task", "tokenizer", "data"), rows)


def _bytes(count: int) -> str:
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.3g} {units[0]}" if size < 1000 else f"{size:.0f} {units[0]}"


def _date(seconds: float) -> str:
    import datetime  # imported here to keep listings fast

    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}" if seconds else ""
