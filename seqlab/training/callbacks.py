"""The life-cycle hooks of a run, called plugin by plugin."""

from __future__ import annotations

import sys
import traceback

from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState

HOOKS = ("on_run_start", "on_step_end", "on_epoch_end", "on_run_end", "on_exception")


class Callbacks:
    """Calls the life-cycle hooks of all plugins.

    A hook that raises does not end the run: the error is printed, and no hook of its plugin is
    called again in this run. The other plugins are not affected.

    Args:
        plugins: The plugins that implement the hooks.
        run: The state of the training, which every hook receives.
    """

    def __init__(self, plugins: Plugins, run: TrainerState) -> None:
        self.run = run
        self._callbacks = {hook: plugins.callbacks(hook) for hook in HOOKS}

    def call(self, hook: str, **arguments: object) -> None:
        """Call one hook of every plugin.

        Args:
            hook: The name of the hook.
            arguments: The arguments of the hook except `run`.
        """
        for plugin, callback in self._callbacks[hook]:
            try:
                callback(run=self.run, **arguments)
            except Exception as error:
                self._disable(plugin, hook, error)

    def _disable(self, plugin: str, hook: str, error: Exception) -> None:
        """Report the error of a plugin and remove all of its callbacks."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"plugin '{plugin}' raised in {hook} and is disabled for the rest of the run: "
            f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})",
            file=sys.stderr,
        )
        for name, callbacks in self._callbacks.items():
            self._callbacks[name] = [pair for pair in callbacks if pair[0] != plugin]
