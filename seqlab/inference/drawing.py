"""Plots that compare several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.errors import UserError
from seqlab.types import JsonObject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".svg", ".png", ".pdf")
COLUMNS = 3


def draw_gradients(results: Sequence[JsonObject], path: Path) -> Path:
    """Plot ‖∂loss/∂h_t‖ of each run against t, on the same axes, and mark the memory horizon.

    The global state of matplotlib is neither used nor changed: no current figure, no backend.

    Args:
        results: The result of `Predictor.gradients` of each run, with its `run` and `model`.
        path: The file of the plot; its suffix determines the format.

    Returns:
        The path.

    Raises:
        UserError: The format is unknown, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_format(path)
    columns = min(len(results), COLUMNS)
    rows = math.ceil(len(results) / columns)
    figure = Figure(figsize=(4.5 * columns, 3.5 * rows), layout="constrained")
    grid = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for axes, result in zip(grid, results, strict=False):
        _plot_gradients(axes, result)
    for axes in grid[len(results) :]:
        axes.remove()
    figure.supxlabel("t, counted from the last step")
    figure.supylabel("‖∂loss/∂h_t‖")
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise UserError(
            f"the plot cannot be written: {error}",
            location=str(path),
            remedy="choose another file",
        ) from None
    return path


def check_format(path: Path) -> None:
    """Check that the suffix of a path is a known format.

    Raises:
        UserError: The format is unknown.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(
            f"unknown plot format '{path.suffix}'",
            location=str(path),
            remedy="known: " + ", ".join(FORMATS),
        )


def _plot_gradients(axes: Axes, result: JsonObject) -> None:
    from matplotlib.ticker import MaxNLocator

    norms: dict[str, list[float]] = result["norms"]
    for name, values in norms.items():
        times = [-k for k in range(len(values))]
        positive = [value if value > 0 else math.nan for value in values]  # for the logarithm
        is_whole = name == "state"
        style = {"linewidth": 1.8} if is_whole else {"linewidth": 0.9, "linestyle": "--"}
        axes.semilogy(times, positive, label=name if len(norms) > 1 else None, **style)
    horizon = result["horizon"]
    if horizon is not None:
        label = f"horizon {'≥ ' if horizon['beyond'] else ''}{horizon['steps']}"
        axes.axvline(-horizon["steps"], color="grey", linestyle=":", label=label)
    direction = ", forward direction" if result["bidirectional"] else ""
    axes.set_title(f"{result['model']}{direction}\n{Path(result['run']).name}", fontsize="medium")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
