"""What a person sees: a progress bar on a terminal, plain lines elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqlab import TrainerState

MOST_SHOWN = 60
"""Characters of a predicted value."""

PLAIN_SECONDS = 20.0
"""Between two lines within an epoch, where there is no terminal."""


def screen_for(run: TrainerState) -> Screen:
    """A bar on a terminal, plain lines elsewhere."""
    return TerminalScreen(run) if sys.stderr.isatty() else Screen(run)


class Screen:
    """Plain lines.

    Args:
        run: What is shown.
    """

    def __init__(self, run: TrainerState) -> None:
        self._epoch_began = self._said = time.monotonic()
        self.say(describe(run))
        self._shown(run)

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=sys.stderr, flush=True)

    def step(self, run: TrainerState) -> None:
        """A step was made."""
        if time.monotonic() - self._said > PLAIN_SECONDS:
            self._said = time.monotonic()
            self.say(f"step {run.step} of {run.total_steps}")

    def epoch(self, run: TrainerState) -> None:
        """An epoch is over."""
        now = time.monotonic()
        self.say(f"{summary(run)}  {now - self._epoch_began:.1f} s")
        self._shown(run)
        self._epoch_began = self._said = now

    def close(self) -> None:
        """Nothing more will be shown."""

    def _shown(self, run: TrainerState) -> None:
        for record in run.shown:
            self.say("  " + " · ".join(f"{name} {_plain(own)}" for name, own in record.items()))


class TerminalScreen(Screen):
    """A progress bar, with the epochs' lines above it.

    Args:
        run: What is shown.
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

    def say(self, text: str) -> None:
        """One line above the bar."""
        self._console.print(text, markup=False)

    def step(self, run: TrainerState) -> None:
        """A step was made."""
        self._bar.update(self._task, completed=run.step)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()


def describe(run: TrainerState) -> str:
    """What is trained, in one line."""
    facts = run.facts
    names = [facts["task"], facts["model"], facts["tokenizer"]]
    rows = ", ".join(f"{split['examples']:,} {name}" for name, split in facts["data"].items())
    total, trainable = (facts["parameters"][name] for name in ("total", "trainable"))
    some = f", {trainable:,} trainable" * (trainable < total)
    begin = f", from step {run.step}" if run.step else ""
    return (
        f"{' · '.join(filter(None, names))} · {facts['device']} {facts['precision']} · "
        f"{total:,} parameters{some} · {rows} · "
        f"{run.total_steps:,} steps{begin}"
    )


def summary(run: TrainerState) -> str:
    """The last epoch's numbers, in one line."""
    record: dict[str, Any] = run.record
    numbers = "  ".join(f"{name} {value:.4f}" for name, value in record["validation"].items())
    of = f"{record['epoch']}/{run.total_epochs}"
    return f"epoch {of}  train loss {record['train_loss']:.4f}  validation {numbers}"


def _plain(value: object) -> str:
    """A predicted value in few characters."""
    if isinstance(value, Mapping):
        text = " ".join(f"{name} {_plain(own)}" for name, own in value.items())
    elif isinstance(value, list | tuple):
        text = " ".join(map(_plain, value))
    else:
        text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
