"""Recipes: named, complete configurations in plugins, with the result that they must reach.

A file of weights to start from, `train.init_from`, is looked for beside the recipe.

summary = "What it is, in one line"
source = "Where it comes from"
seed = 0

[task]
name = "sentiment"

[model]
name = "lstm"

[[expected]]
name = "test.accuracy"
asked = ">= 0.87"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.config.data_settings import DataSettings
from seqlab.config.expected import Expected
from seqlab.config.run_config import RunConfig, from_document
from seqlab.errors import PluginError, SeqlabError
from seqlab.options import options_of
from seqlab.registry import Entry, beside, file_of

OWN = ("summary", "source", "expected")
MACHINE = ("device", "smoke", "plugins", "recipe")
"""What a recipe leaves to whoever runs it."""


@dataclass(frozen=True)
class Recipe:
    """A configuration and what it must reach.

    Args:
        name: What a user types.
        summary: What it is, in one line.
        source: Where it comes from.
        config: What it sets.
        expected: What its result must reach.
    """

    name: str
    summary: str
    source: str
    config: RunConfig
    expected: tuple[Expected, ...]

    def beneath(self, asked: RunConfig) -> RunConfig:
        """What is asked for, and the recipe's own values where nothing is.

        Other data than the recipe's own leave behind what only these have: options of a built-in
        source, and names of columns.
        """
        made = deepcopy(self.config)
        own = made["data"].get("source")
        if asked["data"].get("source", own) != own:
            general = options_of(DataSettings).keys() - {"columns"}
            made.sections["data"] = {k: v for k, v in made["data"].items() if k in general}
        for path, place in asked.places.items():
            made.take(path, asked, place)
        return made

    def record(self, asked: RunConfig, final: RunConfig, own: RunConfig) -> dict[str, Any]:
        """What a run's configuration keeps of the recipe.

        Args:
            asked: What the user has asked for beside the recipe.
            final: What is done, complete.
            own: The recipe alone, complete.

        Returns:
            Its name, the full names of what the user has set otherwise, and what is expected.
        """
        set_otherwise = [
            path
            for path in asked.places
            if path != "device" and final.value(path) != own.value(path)
        ]
        expected = [{"name": each.name, "asked": each.asked} for each in self.expected]
        return {"name": self.name, "overridden": sorted(set_otherwise), "expected": expected}


def read_recipe(entry: Entry[Any]) -> Recipe:
    """The recipe behind a registered name.

    Raises:
        PluginError: It is not there, or not as a recipe must be.
    """
    place = f"plugin '{entry.plugin}', {entry.target}"
    try:
        if isinstance(entry.target, type):
            raise TypeError(f"a recipe is a file, not {entry.target!r}")
        document = tomllib.loads(file_of(entry.target).read_text(encoding="utf-8"))
        return _recipe(entry.name, document, place, entry.target)
    except SeqlabError as error:
        cause, remedy = error.cause, error.remedy
    except (OSError, ImportError, ValueError, KeyError, TypeError, RecursionError) as error:
        cause, remedy = f"{type(error).__name__}: {error}", "mend or uninstall the plugin"
    raise PluginError(
        f"recipe '{entry.name}' cannot be read: {cause}", location=place, remedy=remedy
    )


def describe(entries: Iterable[Entry[Any]]) -> tuple[list[dict[str, Any]], list[PluginError]]:
    """Name, summary, source, expectations and plugin of each recipe; and those that are broken."""
    found, broken = [], []
    for entry in entries:
        try:
            recipe = read_recipe(entry)
        except PluginError as error:
            broken.append(error)
            continue
        expected = [{"name": each.name, "asked": each.asked} for each in recipe.expected]
        found.append(
            {
                "name": entry.name,
                "kind": "recipe",
                "summary": recipe.summary,
                "source": recipe.source,
                "expected": expected,
                "plugin": entry.plugin,
            }
        )
    return found, broken


def _recipe(name: str, document: dict[str, Any], place: str, target: str | Path) -> Recipe:
    missing = [key for key in ("summary", "source", "task", "model") if key not in document]
    foreign = [key for key in MACHINE if key in document]
    if missing or foreign:
        said = "has no" if missing else "decides on"
        raise PluginError(f"it {said} {', '.join(missing or foreign)}", remedy="mend the file")
    own: Mapping[str, Any] = {key: document.pop(key, ()) for key in OWN}
    expected = tuple(Expected(**each) for each in own["expected"])
    config = from_document(document, place)
    if "init_from" in config["train"]:
        config["train"]["init_from"] = str(beside(target, config["train"]["init_from"]))
    return Recipe(name, own["summary"], own["source"], config, expected)
