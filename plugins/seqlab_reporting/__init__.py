"""Progress for people, and a log for programs, through the life-cycle hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqlab import hookimpl

if TYPE_CHECKING:
    from seqlab import TrainerState
    from seqlab_reporting.screen import Screen

_screens: dict[str, Screen] = {}  # of the runs under way, by folder


@hookimpl
def on_run_start(run: TrainerState) -> None:
    """Say what is trained; go on with the log where the run goes on."""
    from seqlab_reporting import log
    from seqlab_reporting.screen import screen_for

    log.begin(run)
    _screens[str(run.folder)] = screen_for(run)


@hookimpl
def on_step_end(run: TrainerState) -> None:
    """Move the progress bar."""
    _screens[str(run.folder)].step(run)


@hookimpl
def on_epoch_end(run: TrainerState) -> None:
    """A line on the screen and one in `metrics.jsonl`."""
    from seqlab_reporting import log

    log.append(run)
    _screens[str(run.folder)].epoch(run)


@hookimpl
def on_run_end(run: TrainerState) -> None:
    """Draw the learning curve; say where all lies."""
    screen = _screens.pop(str(run.folder))
    screen.close()
    curve = "" if run.config.smoke else _draw(run, screen)
    screen.say(f"saved in {run.folder}{curve}")


def _draw(run: TrainerState, screen: Screen) -> str:
    """Where the learning curve lies; a picture that fails does the run no harm."""
    from seqlab_reporting import curves

    try:
        return f", learning curve in {curves.draw(run)}"
    except Exception as error:
        screen.say(f"no learning curve could be drawn: {type(error).__name__}: {error}")
        return ""


@hookimpl
def on_exception(run: TrainerState) -> None:
    """Leave the terminal in order."""
    screen = _screens.pop(str(run.folder), None)
    if screen is not None:
        screen.close()
