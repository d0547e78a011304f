"""All hooks of seqlab.

A plugin is a module in the entry-point group `seqlab`, or one file that is given with `--plugin`.
It implements some of these functions and decorates them with `@seqlab.hookimpl`. A registration
hook registers names, each with a class or its location "package.module:Name", and a summary in one
line:

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
    """The function that a registration hook receives."""

    def __call__(self, name: str, target: str | Path | type, *, summary: str = "") -> None:
        """Register a name.

        Args:
            name: The name that a user types.
            target: The class, or its location "package.module:Name", which is imported when it is
                used. For a recipe its file: "package:path/in/package.toml", or a `Path`.
            summary: One line for listings.
        """


@hookspec
def register_layers(register: Register) -> None:
    """Register `seqlab.nn.Layer` classes, selected with `--model`."""


@hookspec
def register_models(register: Register) -> None:
    """Register `seqlab.nn.Model` classes, for architectures that are not a stack of layers."""


@hookspec
def register_tokenizers(register: Register) -> None:
    """Register `seqlab.Tokenizer` classes, selected with `--tokenizer`."""


@hookspec
def register_tasks(register: Register) -> None:
    """Register `seqlab.Task` classes, selected with `--task`."""


@hookspec
def register_data(register: Register) -> None:
    """Register `seqlab.DataSource` classes, selected with `--data`."""


@hookspec
def register_recipes(register: Register) -> None:
    """Register recipes: complete configurations with expected results, selected with `--recipe`.

    A recipe is a TOML file as for `--config`, with `summary`, `source` (where it comes from) and
    one table `[[expected]]` for each number that its result must reach, for example
    {name = "test.accuracy", condition = ">= 0.87"}. Its summary is in the file: leave out the
    argument.
    """


@hookspec
def on_run_start(run: TrainerState) -> None:
    """Called before the first step, also after a resume."""


@hookspec
def on_step_end(run: TrainerState) -> None:
    """Called after each optimizer step, which `run.step` counts. It should return quickly."""


@hookspec
def on_epoch_end(run: TrainerState) -> None:
    """Called after each epoch and its validation; `run.record` has their numbers."""


@hookspec
def on_run_end(run: TrainerState) -> None:
    """Called after the training and the evaluation of the test split; `run.result` is complete."""


@hookspec
def on_exception(run: TrainerState, error: BaseException) -> None:
    """Called if the run ends with an error, or with an interrupt."""
