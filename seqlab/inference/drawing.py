"""Pictures of what was found in several runs, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.errors import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".svg", ".png", ".pdf")
COLUMNS = 3


def draw_gradients(found: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Each run's ‖∂loss/∂h_t‖ against t, on the same axes, with the memory horizon marked.

    Nothing of matplotlib's global state is used or changed: no current figure, no backend.

    Args:
        found: Of each run what `Predictor.gradients` gives, and its `run` and `model`.
        path: Where the picture goes; its ending says which format it has.

    Returns:
        The path.

    Raises:
        UserError: No format has this ending, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_format(path)
    columns = min(len(found), COLUMNS)
    rows = math.ceil(len(found) / columns)
    figure = Figure(figsize=(4.5 * columns, 3.5 * rows), layout="constrained")
    every = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
    for axes, each in zip(every, found, strict=False):
        _plot_gradients(axes, each)
    for axes in list(every)[len(found) :]:
        axes.remove()
    figure.supxlabel("t, counted from the last step")
    figure.supylabel("‖∂loss/∂h_t‖")
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise UserError(
            f"the picture cannot be written: {error}",
            location=str(path),
            remedy="choose another file",
        ) from None
    return path


def check_format(path: Path) -> None:
    """Refuse an ending that no format has.

    Raises:
        UserError: There is no such format.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(
            f"no picture has the ending '{path.suffix}'",
            location=str(path),
            remedy="known: " + ", ".join(FORMATS),
        )


def _plot_gradients(axes: Axes, found: Mapping[str, Any]) -> None:
    from matplotlib.ticker import MaxNLocator

    norms: Mapping[str, Sequence[float]] = found["norms"]
    for name, values in norms.items():
        whole = name == "state"
        times = [-k for k in range(len(values))]
        shown = [value if value > 0 else math.nan for value in values]  # 0 has no logarithm
        style = {"linewidth": 1.8} if whole else {"linewidth": 0.9, "linestyle": "--"}
        axes.semilogy(times, shown, label=name if len(norms) > 1 else None, **style)
    horizon = found["horizon"]
    if horizon is not None:
        said = f"horizon {'≥ ' if horizon['beyond'] else ''}{horizon['steps']}"
        axes.axvline(-horizon["steps"], color="grey", linestyle=":", label=said)
    direction = ", forward direction" if found["bidirectional"] else ""
    axes.set_title(f"{found['model']}{direction}\n{Path(found['run']).name}", fontsize="medium")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
