"""What the shell proposes for a value: names from the registries, files and folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from click import Context, Parameter
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins

Completer: TypeAlias = Callable[[Context, Parameter, str], list[CompletionItem]]


def complete_names(registry: str) -> Completer:
    """Names of a registry, such as "models", with their summaries; nothing heavy is imported."""

    def complete(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
        return _names(ctx, registry, incomplete)

    return complete


def complete_data(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of data sets, files and folders."""
    return [*_names(ctx, "data", incomplete), CompletionItem(incomplete, type="file")]


def complete_folder(_ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Folders, such as those of finished runs."""
    return [CompletionItem(incomplete, type="dir")]


def complete_of_kind(registries: Mapping[str, str]) -> Completer:
    """Names of the kind that the argument before names: `show model <TAB>`.

    Args:
        registries: The registry of each kind.
    """

    def complete(ctx: Context, _param: Parameter, incomplete: str) -> list[CompletionItem]:
        registry = registries.get(ctx.params.get("kind") or "")
        return _names(ctx, registry, incomplete) if registry else []

    return complete


def _names(ctx: Context, registry: str, incomplete: str) -> list[CompletionItem]:
    entries: Iterable[Any] = getattr(_plugins(ctx), registry, ())
    return [
        CompletionItem(entry.name, help=entry.summary)
        for entry in entries
        if entry.name.startswith(incomplete)
    ]


def _plugins(ctx: Context) -> Plugins:
    """The plugins that the line names so far; a broken file costs its own names only."""
    from seqlab.errors import SeqlabError
    from seqlab.plugin.manager import installed

    try:
        return installed().with_files(ctx.params.get("plugins") or ())
    except SeqlabError:
        return installed()
