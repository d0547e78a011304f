"""What a run is asked for, by the command, from Python, or with several seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.types import Options


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What a run is asked for.

    Args:
        task: A registered name or a `Task` class.
        model: A registered name, or a `Layer` or `Model` class.
        tokenizer: A registered name; the default of the task if None.
        data: A built-in name, a Hub id, a file, a folder, rows (dicts), splits
            ({"train": rows, "test": rows}) or a `datasets.Dataset`. Rows may be any iterable, also
            a `datasets.IterableDataset`: what is not a list is read once, to the disk, and must
            end.
        recipe: A registered name: a complete configuration, which all other arguments override.
        config: A TOML file.
        options: `{"model.hidden_size": 64}`, or `"model.hidden_size=64"` each.
        plugins: One-file plugins.
        epochs: Short for `train.epochs`.
        init_from: Short for `train.init_from`: weights to start from.
        seed: Of everything random.
        device: "auto", "cpu", "cuda", …
        precision: "auto", "fp32" or "bf16".
        out: The folder of the run; `runs/<task>-<model>-<time>` if None.
        resume: A run to continue; it can be combined with `plugins` and `device`, and with
            `accept_changes` also with `options`, `epochs`, `precision` and `data`.
        accept_changes: Continue although code, data or options differ from those at the start;
            the result lists them as `changed`.
        smoke: Two steps on few rows.
        dry_run: Prepare everything, train nothing, leave no folder.
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
        """The values that stand for an option, by its full name.

        Args:
            names: Names of what was given as a class, such as {"model.name": "python:MyLayer"}.
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
        """What a configuration records as the data: a name or path, or "python" for rows."""
        if self.data is None:
            return None
        return str(self.data) if isinstance(self.data, str | Path) else "python"
