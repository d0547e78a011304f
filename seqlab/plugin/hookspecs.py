"""Every hook of seqlab, on one screen.

A plugin is a module of the entry-point group `seqlab` (or one file given with `--plugin`) that
implements some of these functions under `@seqlab.hookimpl`. Registration gives a name, a class or
the place of one as "package.module:Name", and a one-line summary:

    @hookimpl
    def register_layers(register):
        register("lstm", "seqlab_recurrent.lstm:LSTM", summary="Long short-term memory")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pluggy

if TYPE_CHECKING:
    from pathlib import Path

    from seqlab.plugin.trainer_state import TrainerState

hookspec = pluggy.HookspecMarker("seqlab")
hookimpl = pluggy.HookimplMarker("seqlab")


class Register(Protocol):
    """What a registration hook is given."""

    def __call__(self, name: str, target: str | Path | type, *, summary: str = "") -> None:
        """Register a name.

        Args:
            name: What a user types.
            target: The class, or "package.module:Name", imported when it is used. Of a recipe its
                file: "package:path/in/package.toml", or a `Path`.
            summary: One line for listings.
        """


@hookspec
def register_layers(register: Register) -> None:
    """Give `seqlab.nn.Layer` classes, chosen with `--model`."""


@hookspec
def register_models(register: Register) -> None:
    """Give `seqlab.nn.Model` classes, for architectures that need the whole thing."""


@hookspec
def register_tokenizers(register: Register) -> None:
    """Give `seqlab.Tokenizer` classes, chosen with `--tokenizer`."""


@hookspec
def register_tasks(register: Register) -> None:
    """Give `seqlab.Task` classes, chosen with `--task`."""


@hookspec
def register_data(register: Register) -> None:
    """Give `seqlab.DataSource` classes, chosen with `--data`."""


@hookspec
def register_recipes(register: Register) -> None:
    """Give complete configurations with what they must reach, chosen with `--recipe`.

    A recipe is a TOML file, as `--config` takes it, with `summary`, `source` (where it comes from)
    and an `[[expected]]` table, such as {name = "test.accuracy", asked = ">= 0.87"}, for each
    number that its result must reach. It has a summary of its own: leave out the argument.
    """


@hookspec
def on_run_start(run: TrainerState) -> None:
    """All is built; the first step, or the first after a resume, comes next."""


@hookspec
def on_step_end(run: TrainerState) -> None:
    """The optimiser has made a step; `run.step` counts it. Called often: be quick."""


@hookspec
def on_epoch_end(run: TrainerState) -> None:
    """An epoch and its validation are over; `run.record` holds their numbers."""


@hookspec
def on_run_end(run: TrainerState) -> None:
    """Training is over and the test split is evaluated; `run.result` holds what was found."""


@hookspec
def on_exception(run: TrainerState, error: BaseException) -> None:
    """The run ends with an error, an interrupt included."""
