"""`curves.svg`: how loss and metrics went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqlab import TrainerState

NAME = "curves.svg"


def draw(run: TrainerState) -> Path:
    """Draw the epochs of a run, those that `metrics.jsonl` holds, into its folder.

    Nothing of matplotlib's global state is used or changed: no current figure, no backend.

    Returns:
        Where the picture lies.
    """
    from matplotlib.figure import Figure

    records = run.records
    metrics = together(records)
    figure = Figure(figsize=(10 if metrics else 5, 4), layout="constrained")
    figure.suptitle(
        " · ".join(filter(None, (run.facts[n] for n in ("task", "model", "tokenizer"))))
    )
    axes = figure.subplots(1, 2 if metrics else 1, squeeze=False)[0]
    losses = {"train": [record["train_loss"] for record in records]}
    losses |= {"validation": of(records, "loss")} if "loss" in records[0]["validation"] else {}
    epochs = [record["epoch"] for record in records]
    best = run.result.get("best_epoch")
    _plot(axes[0], epochs, losses, "loss", best)
    if metrics:
        _plot(axes[1], epochs, {name: of(records, name) for name in metrics}, "validation", best)
    path, beside = run.folder / NAME, run.folder / f".writing-{NAME}"
    figure.savefig(beside, format="svg", metadata={"Date": None})
    return beside.replace(path)


def together(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The metrics beside the loss that one axis can show: all shares, or else the first one."""
    names = [name for name in records[0]["validation"] if name != "loss"]
    shares = [name for name in names if all(0 <= value <= 1 for value in of(records, name))]
    return shares or names[:1]


def of(records: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """A validation metric, epoch by epoch; not a number where it is missing."""
    return [record["validation"].get(name, float("nan")) for record in records]


def _plot(
    axes: Axes,
    epochs: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    title: str,
    best: int | None,
) -> None:
    from matplotlib.ticker import MaxNLocator

    few = len(epochs) <= 30
    for name, values in curves.items():
        axes.plot(epochs, values, marker="o" if few else "", markersize=3, label=name)
    if best:
        axes.axvline(best, color="grey", linestyle=":", label=f"best epoch, {best}")
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
