"""Life-cycle hooks, called plugin by plugin: one that raises is silenced, the run goes on."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState

HOOKS = ("on_run_start", "on_step_end", "on_epoch_end", "on_run_end", "on_exception")


class Callbacks:
    """Calls the hooks of a run.

    Args:
        plugins: Whose hooks.
        run: What they are given.
    """

    def __init__(self, plugins: Plugins, run: TrainerState) -> None:
        self.run = run
        self._callbacks = {hook: plugins.callbacks(hook) for hook in HOOKS}

    def call(self, hook: str, **more: Any) -> None:
        """Call one hook of every plugin."""
        for name, function in self._callbacks[hook]:
            try:
                _call(function, run=self.run, **more)
            except Exception as error:
                self._silence(name, hook, error)

    def _silence(self, name: str, hook: str, error: Exception) -> None:
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"plugin '{name}' raised in {hook} and is left out for the rest of the run: "
            f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})",
            file=sys.stderr,
        )
        for each in self._callbacks:
            self._callbacks[each] = [pair for pair in self._callbacks[each] if pair[0] != name]


def _call(function: Callable[..., Any], **given: Any) -> None:
    """As pluggy does: an implementation may take fewer arguments than its specification."""
    code = function.__code__
    wanted = code.co_varnames[: code.co_argcount]
    function(**{name: value for name, value in given.items() if name in wanted})
