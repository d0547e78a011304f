"""The request of a run, from the command line or from Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.types import Options


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """The settings of a run, as requested by the user.

    Args:
        task: A registered name or a `Task` class.
        model: A registered name, or a `Layer` or `Model` class.
        tokenizer: A registered name; the default of the task if None.
        data: A built-in name, a Hub id, a file, a folder, rows (dicts), splits
            ({"train": rows, "test": rows}) or a `datasets.Dataset`. Rows may be any finite
            iterable, such as a `datasets.IterableDataset`. Unless it is a list, it is read once
            and stored on disk.
        recipe: The registered name of a recipe. All other arguments override its configuration.
        config: A TOML file with a configuration.
        options: Options by full name, `{"model.hidden_size": 64}`, or as strings,
            `["model.hidden_size=64"]`.
        plugins: Paths of one-file plugins.
        epochs: Short for `train.epochs`.
        init_from: Short for `train.init_from`, a file of initial weights.
        seed: The random seed; 0 if neither the recipe nor the configuration sets one.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        precision: "auto", "fp32" or "bf16".
        out: The folder of the run; `runs/<task>-<model>-<time>` if None.
        resume: The folder of an interrupted run to resume. It can be combined with `plugins` and
            `device`, and with `accept_changes` also with `options`, `epochs`, `precision` and
            `data`.
        accept_changes: Resume although code, data or options differ from those at the start; the
            result lists the differences as `changed`.
        smoke: Train for two steps on a few rows.
        dry_run: Prepare the data and return the configuration without training.
    """

    task: str | type | None = None
    model: str | type | None = None
    tokenizer: str | None = None
    data: object | None = None
    recipe: str | None = None
    config: str | Path | None = None
    options: Options | Iterable[str] = ()
    plugins: Iterable[str | Path] = ()
    epochs: int | None = None
    init_from: str | Path | None = None
    seed: int | None = None
    device: str | None = None
    precision: str | None = None
    out: str | Path | None = None
    resume: str | Path | None = None
    accept_changes: bool = False
    smoke: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        # iterables are read more than once, for example by several seeds
        if not isinstance(self.options, Mapping):
            object.__setattr__(self, "options", tuple(self.options))
        object.__setattr__(self, "plugins", tuple(self.plugins))

    def flags(self, names: Options) -> dict[str, Any]:
        """The fields that set an option, by the full name of the option.

        Args:
            names: The names of classes from Python, such as {"model.name": "python:MyLayer"}.
        """
        return {
            "task.name": self.task,
            "model.name": self.model,
            "tokenizer.name": self.tokenizer,
            "data.source": self.source,
            "train.epochs": self.epochs,
            "train.init_from": None if self.init_from is None else str(self.init_from),
            "seed": self.seed,
            "device": self.device,
            "precision": self.precision,
            **names,
        }

    @property
    def source(self) -> str | None:
        """The data as recorded in a configuration: a name or path, or "python" for rows."""
        if self.data is None:
            return None
        return str(self.data) if isinstance(self.data, str | Path) else "python"
