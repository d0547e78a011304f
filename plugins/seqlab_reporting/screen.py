"""What the user sees on standard error: a progress bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from seqlab import printable

if TYPE_CHECKING:
    from seqlab import TrainerState

MAX_CHARACTERS = 60
"""Characters of a predicted value."""

PLAIN_SECONDS = 20.0
"""Time between two lines of the same epoch without a terminal."""


def screen_for(run: TrainerState) -> Screen:
    """Create a screen with a progress bar on a terminal, with plain lines elsewhere."""
    return TerminalScreen(run) if sys.stderr.isatty() else Screen(run)


class Screen:
    """Plain lines.

    Args:
        run: The run to show.
    """

    def __init__(self, run: TrainerState) -> None:
        self._epoch_start = self._last_line = time.monotonic()
        self.write(describe(run))
        self._write_predictions(run)

    def write(self, line: str) -> None:
        """Write one line."""
        print(line, file=sys.stderr, flush=True)

    def step(self, run: TrainerState) -> None:
        """Show the progress after a training step."""
        if time.monotonic() - self._last_line > PLAIN_SECONDS:
            self._last_line = time.monotonic()
            self.write(f"step {run.step} of {run.total_steps}")

    def epoch(self, run: TrainerState) -> None:
        """Show the metrics of a finished epoch."""
        now = time.monotonic()
        self.write(f"{summarize(run)}  {now - self._epoch_start:.1f} s")
        self._write_predictions(run)
        self._epoch_start = self._last_line = now

    def close(self) -> None:
        """Release the screen; nothing more is shown."""

    def _write_predictions(self, run: TrainerState) -> None:
        for prediction in run.shown:
            fields = (f"{name} {_format(value)}" for name, value in prediction.items())
            self.write("  " + " · ".join(fields))


class TerminalScreen(Screen):
    """A progress bar with the lines above it.

    Args:
        run: The run to show.
    """

    def __init__(self, run: TrainerState) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        self._console = Console(stderr=True, highlight=False)
        super().__init__(run)
        self._bar = Progress(
            "training", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("steps", total=run.total_steps, completed=run.step)
        self._bar.start()

    def write(self, line: str) -> None:
        """Write one line above the bar."""
        self._console.print(line, markup=False)

    def step(self, run: TrainerState) -> None:
        """Advance the bar after a training step."""
        self._bar.update(self._task, completed=run.step)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()


def describe(run: TrainerState) -> str:
    """Describe the run in one line: task, model, device, parameters, data and steps."""
    facts = run.facts
    names = [facts["task"], facts["model"], facts["tokenizer"]]
    splits = ", ".join(f"{split['examples']:,} {name}" for name, split in facts["data"].items())
    total, trainable = (facts["parameters"][name] for name in ("total", "trainable"))
    frozen = f", {trainable:,} trainable" if trainable < total else ""
    resumed = f", from step {run.step}" if run.step else ""
    return (
        f"{' · '.join(filter(None, names))} · {facts['device']} {facts['precision']} · "
        f"{total:,} parameters{frozen} · {splits} · "
        f"{run.total_steps:,} steps{resumed}"
    )


def summarize(run: TrainerState) -> str:
    """The metrics of the last epoch in one line."""
    record = run.record
    metrics = "  ".join(f"{name} {value:.4f}" for name, value in record["validation"].items())
    epoch = f"{record['epoch']}/{run.total_epochs}"
    return f"epoch {epoch}  train loss {record['train_loss']:.4f}  validation {metrics}"


def _format(value: object) -> str:
    """Format a predicted value in few characters."""
    if isinstance(value, Mapping):
        text = " ".join(f"{name} {_format(inner)}" for name, inner in value.items())
    elif isinstance(value, list | tuple):
        text = " ".join(map(_format, value))
    else:
        text = f"{value:.4g}" if isinstance(value, float) else printable(str(value))
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
