"""Progress on the screen, a log of metrics and a learning curve, through the training hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqlab import hookimpl

if TYPE_CHECKING:
    from seqlab import TrainerState
    from seqlab_reporting.screen import Screen

_screens: dict[str, Screen] = {}  # of the active runs, by folder


@hookimpl
def on_run_start(run: TrainerState) -> None:
    """Describe the run; if it is resumed, restore its log."""
    from seqlab_reporting import log
    from seqlab_reporting.screen import screen_for

    log.start(run)
    _screens[str(run.folder)] = screen_for(run)


@hookimpl
def on_step_end(run: TrainerState) -> None:
    """Update the progress bar."""
    _screens[str(run.folder)].step(run)


@hookimpl
def on_epoch_end(run: TrainerState) -> None:
    """Write one line to the screen and one to `metrics.jsonl`."""
    from seqlab_reporting import log

    log.append(run)
    _screens[str(run.folder)].epoch(run)


@hookimpl
def on_run_end(run: TrainerState) -> None:
    """Draw the learning curve and print where the run is saved."""
    screen = _screens.pop(str(run.folder))
    screen.close()
    curve = "" if run.config.smoke else _draw(run, screen)
    screen.write(f"saved in {run.folder}{curve}")


def _draw(run: TrainerState, screen: Screen) -> str:
    """Draw the learning curve; an error must not make the run fail."""
    from seqlab_reporting import curves

    try:
        return f", learning curve in {curves.draw(run)}"
    except Exception as error:
        screen.write(f"the learning curve could not be drawn: {type(error).__name__}: {error}")
        return ""


@hookimpl
def on_exception(run: TrainerState) -> None:
    """Remove the progress bar from the terminal."""
    screen = _screens.pop(str(run.folder), None)
    if screen is not None:
        screen.close()
