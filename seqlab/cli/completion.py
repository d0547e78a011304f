"""Shell completion of values: names from the registries, files and folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from click import Context, Parameter
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins
    from seqlab.registry import Entry

Completer: TypeAlias = Callable[[Context, Parameter, str], list[CompletionItem]]


def complete_names(registry: str) -> Completer:
    """Completes names of a registry, such as "models", with their summaries.

    Nothing behind a name is imported.
    """

    def complete(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
        return _names(ctx, registry, incomplete)

    return complete


def complete_data(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes names of data sets, files and folders."""
    return [*_names(ctx, "data", incomplete), CompletionItem(incomplete, type="file")]


def complete_folder(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes folders, such as those of finished runs."""
    return [CompletionItem(incomplete, type="dir")]


def complete_of_kind(registries: Mapping[str, str]) -> Completer:
    """Completes names of the kind in the argument before: `show model <TAB>`.

    Args:
        registries: Kind → name of its registry.
    """

    def complete(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
        registry = registries.get(ctx.params.get("kind") or "")
        return _names(ctx, registry, incomplete) if registry else []

    return complete


def _names(ctx: Context, registry: str, incomplete: str) -> list[CompletionItem]:
    entries: Iterable[Entry[object]] = getattr(_plugins(ctx), registry, ())
    return [
        CompletionItem(entry.name, help=entry.summary)
        for entry in entries
        if entry.name.startswith(incomplete)
    ]


def _plugins(ctx: Context) -> Plugins:
    """The installed plugins and those in the files of the command line, if these load."""
    from seqlab.errors import SeqlabError
    from seqlab.plugin.manager import installed

    try:
        return installed().with_files(ctx.params.get("plugins") or ())
    except SeqlabError:
        return installed()
