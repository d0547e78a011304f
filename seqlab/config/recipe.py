"""Recipes: named, complete configurations in plugins, with the results that they must reach.

A file of initial weights, `train.init_from`, is in the folder of the recipe. An example:

summary = "What it is, in one line"
source = "Where it comes from"
seed = 0

[task]
name = "sentiment"

[model]
name = "lstm"

[[expected]]
name = "test.accuracy"
condition = ">= 0.87"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.config.data_settings import DataSettings
from seqlab.config.document import config_of
from seqlab.config.expected import Expected
from seqlab.config.run_config import RecipeRecord, RunConfig
from seqlab.errors import PluginError, SeqlabError
from seqlab.options import options_of
from seqlab.registry import Entry, file_of, sibling

if TYPE_CHECKING:
    from seqlab.types import JsonObject

BESIDE_CONFIG = ("summary", "source", "expected")
"""Keys of a recipe that are not part of a configuration."""

LEFT_TO_USER = ("device", "smoke", "plugins", "recipe")
"""Keys of a configuration that a recipe may not set."""


@dataclass(frozen=True)
class Recipe:
    """A configuration and the numbers that its result must reach.

    Args:
        name: The registered name.
        summary: A description in one line.
        source: Where the recipe comes from, such as a paper or a tutorial.
        config: The options that it sets.
        expected: The numbers that its result must reach.
    """

    name: str
    summary: str
    source: str
    config: RunConfig
    expected: tuple[Expected, ...]

    def overridden_by(self, config: RunConfig) -> RunConfig:
        """The configuration of the recipe, overridden by `config`.

        If `config` selects different data, the recipe's column names and options of a built-in
        data source are dropped.
        """
        merged = deepcopy(self.config)
        source = merged["data"].get("source")
        if config["data"].get("source", source) != source:
            general = options_of(DataSettings).keys() - {"columns"}
            merged.sections["data"] = {k: v for k, v in merged["data"].items() if k in general}
        for path in config.locations:
            merged.override(config, path)
        return merged

    def record(self, user: RunConfig, final: RunConfig, recipe_only: RunConfig) -> RecipeRecord:
        """The record of the recipe in the configuration of a run.

        Args:
            user: The options that the user set.
            final: The complete configuration of the run.
            recipe_only: The complete configuration of the recipe, without the user's options.
        """
        overridden = [
            path
            for path in user.locations
            if path != "device" and final.value(path) != recipe_only.value(path)
        ]
        return RecipeRecord(self.name, sorted(overridden), [asdict(each) for each in self.expected])


def read_recipe(entry: Entry[Any]) -> Recipe:
    """The recipe behind a registered name.

    Raises:
        PluginError: The file does not exist, or is not a valid recipe.
    """
    location = f"plugin '{entry.plugin}', {entry.target}"
    try:
        if isinstance(entry.target, type):
            raise TypeError(f"a recipe is a file, not {entry.target!r}")
        document = tomllib.loads(file_of(entry.target).read_text(encoding="utf-8"))
        return _recipe(entry.name, document, entry.target, location)
    except SeqlabError as error:
        cause, remedy = error.cause, error.remedy
    except (OSError, ImportError, ValueError, KeyError, TypeError, RecursionError) as error:
        cause, remedy = f"{type(error).__name__}: {error}", "fix or uninstall the plugin"
    raise PluginError(
        f"recipe '{entry.name}' cannot be read: {cause}", location=location, remedy=remedy
    )


def describe(entries: Iterable[Entry[Any]]) -> tuple[list[JsonObject], list[PluginError]]:
    """Records of all valid recipes, and the errors of the others."""
    records, broken = [], []
    for entry in entries:
        try:
            recipe = read_recipe(entry)
        except PluginError as error:
            broken.append(error)
            continue
        records.append(
            {
                "name": entry.name,
                "kind": "recipe",
                "summary": recipe.summary,
                "source": recipe.source,
                "expected": [asdict(each) for each in recipe.expected],
                "plugin": entry.plugin,
            }
        )
    return records, broken


def _recipe(name: str, document: JsonObject, target: str | Path, location: str) -> Recipe:
    missing = [key for key in ("summary", "source", "task", "model") if key not in document]
    foreign = [key for key in LEFT_TO_USER if key in document]
    if missing or foreign:
        problem = f"has no {', '.join(missing)}" if missing else f"sets {', '.join(foreign)}"
        raise PluginError(f"it {problem}", remedy="fix the file")
    summary, source, expected = (document.pop(key, ()) for key in BESIDE_CONFIG)
    config = config_of(document, location)
    if "init_from" in config["train"]:
        config["train"]["init_from"] = str(sibling(target, config["train"]["init_from"]))
    return Recipe(name, summary, source, config, tuple(Expected(**each) for each in expected))
