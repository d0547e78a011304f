"""`seqlab data cache`: what is kept of data that was encoded."""

from __future__ import annotations

import click

from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option

EXAMPLES = """\b
seqlab data cache
seqlab data cache --clear
"""


@click.command("cache", epilog=EXAMPLES, short_help="Show or empty the cache of encoded data.")
@click.option("--clear", is_flag=True, help="Remove all that is kept.")
@json_option
def command(clear: bool, as_json: bool) -> None:
    """Show what is kept of encoded data, so that a run starts at once the next time.

    SEQLAB_CACHE names its folder, or is "off"; -o data.cache=false does without it for one run.
    """
    from seqlab.files.cache_folder import cache_folder
    from seqlab.prepare.cache.content import clear as empty
    from seqlab.prepare.cache.content import entries

    folder = cache_folder()
    freed = empty(folder) if clear and folder is not None else 0
    kept = [] if folder is None else list(entries(folder))
    total = sum(each.size for each in kept)
    if as_json:
        listed = [{"key": k.key, "bytes": k.size, "used": k.used, **k.what} for k in kept]
        document = {"folder": folder and str(folder), "bytes": total, "entries": listed}
        write_json({**document, "freed": freed} if clear else document)
        return
    if folder is None:
        click.echo("the cache is off: SEQLAB_CACHE names a folder for it")
        return
    if clear:
        click.echo(f"freed {_bytes(freed)}")
    click.echo(f"{folder}: {_bytes(total)} in {len(kept)} entries")
    if kept:
        click.echo()
        write_table(
            ("size", "last used", "task", "tokenizer", "data"),
            [
                (
                    _bytes(each.size),
                    _day(each.used),
                    each.what.get("task", "(half written)"),
                    each.what.get("tokenizer", ""),
                    each.what.get("source", ""),
                )
                for each in kept
            ],
        )


def _bytes(count: int) -> str:
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.3g} {units[0]}" if size < 1000 else f"{size:.0f} {units[0]}"


def _day(seconds: float) -> str:
    import datetime  # not before it is needed: listings start quickly

    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}" if seconds else ""
