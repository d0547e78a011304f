"""`curves.svg`: the loss and the metrics of each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from seqlab import atomic_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqlab import TrainerState

NAME = "curves.svg"


Records: TypeAlias = Sequence[Mapping[str, Any]]
"""The records of the epochs, as in `TrainerState.records`."""


def draw(run: TrainerState) -> Path:
    """Draw the learning curve of a run into its folder.

    Nothing of matplotlib's global state is used or changed: no current figure, no backend.

    Returns:
        The path of the picture.
    """
    from matplotlib.figure import Figure

    records = run.records
    metrics = metrics_to_plot(records)
    figure = Figure(figsize=(10 if metrics else 5, 4), layout="constrained")
    names = (run.facts[name] for name in ("task", "model", "tokenizer"))
    figure.suptitle(" · ".join(filter(None, names)))
    axes = figure.subplots(1, 2 if metrics else 1, squeeze=False)[0]
    losses = {"train": [record["train_loss"] for record in records]}
    if "loss" in records[0]["validation"]:
        losses["validation"] = values_of(records, "loss")
    epochs = [record["epoch"] for record in records]
    best = run.result.get("best_epoch")
    _plot(axes[0], epochs, losses, "loss", best)
    if metrics:
        curves = {name: values_of(records, name) for name in metrics}
        _plot(axes[1], epochs, curves, "validation", best)
    path = run.folder / NAME
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    return path


def metrics_to_plot(records: Records) -> list[str]:
    """The metrics that share one axis: all whose values are in [0, 1], else the first one."""
    names = [name for name in records[0]["validation"] if name != "loss"]
    proportions = [
        name for name in names if all(0 <= value <= 1 for value in values_of(records, name))
    ]
    return proportions or names[:1]


def values_of(records: Records, name: str) -> list[float]:
    """A validation metric of each epoch; NaN where it is missing."""
    return [record["validation"].get(name, float("nan")) for record in records]


def _plot(
    axes: Axes,
    epochs: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    title: str,
    best: int | None,
) -> None:
    from matplotlib.ticker import MaxNLocator

    marker = "o" if len(epochs) <= 30 else ""
    for name, values in curves.items():
        axes.plot(epochs, values, marker=marker, markersize=3, label=name)
    if best:
        axes.axvline(best, color="grey", linestyle=":", label=f"best epoch, {best}")
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
