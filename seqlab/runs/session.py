"""One run, from a built model to its result."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from seqlab.config.expected import judge
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import BucketSampler, Sampler
from seqlab.data.sampling.tbptt import TruncatedBPTTSampler
from seqlab.device import choose, flushed_denormals
from seqlab.errors import UserError
from seqlab.evaluation.evaluator import Evaluator
from seqlab.evaluation.predictions import Presenter
from seqlab.nn import Objective, build_model
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.plugin.trainer_state import TrainerState
from seqlab.prepare.prepare import sizes
from seqlab.runs import folder as runfolder
from seqlab.runs.provenance import Provenance, provenance_of
from seqlab.runs.stopwatch import Stopwatch
from seqlab.task import Fitted
from seqlab.training.best import Best, monitored
from seqlab.training.callbacks import Callbacks
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.interrupts import Interrupts
from seqlab.training.randomness import seeded
from seqlab.training.trainer import Trainer
from seqlab.training.weights import fingerprint, prepare_weights
from seqlab.versions import versions


class Session:
    """A model, its data and its folder.

    Args:
        resolved: The configuration.
        plugins: Whose life-cycle hooks are called.
        fitted: The fitted task.
        examples: Each part, encoded.
        folder: The run's folder; training writes to it.
    """

    def __init__(
        self,
        resolved: Resolved,
        plugins: Plugins,
        fitted: Fitted,
        examples: dict[str, Examples],
        folder: Path,
    ) -> None:
        self.resolved, self.fitted, self.examples = resolved, fitted, examples
        self._check()
        config = resolved.config
        self.device = choose(config.device, config.precision, resolved.model.devices)
        with flushed_denormals(), seeded(config.seed):
            model = build_model(resolved.model, fitted.spec, resolved.options("model"))
        steps = Checkpoints(folder / "checkpoints").steps()
        self.reached = steps[-1] if steps else 0
        self.notices = prepare_weights(model, fitted, resolved.train, fresh=not steps)
        self.objective = Objective(model, fitted.criterion())
        self.scores = Evaluator(
            self.objective, fitted, resolved.evaluate, device=self.device, seed=config.seed
        )
        self.run = TrainerState(folder, config)
        self.run.facts = self.describe()
        self.lifecycle = Callbacks(plugins if self.device.is_main else Plugins(), self.run)
        monitor = monitored(fitted, resolved.train.monitor)
        self.best = Best(
            monitor.name if resolved.train.keep == "best" else "", higher=monitor.higher_is_better
        )
        self.interrupts = Interrupts()
        self.said: dict[str, list[Any]] = {"notices": [], "findings": []}
        self._columns: Mapping[str, str] = {}
        self._rows: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def origin(self) -> Provenance:
        """With what code, data and options it runs."""
        files = {each["name"]: each["sha256"] for each in self.resolved.config.plugins}
        return provenance_of(self.resolved, files, self.examples)

    def _check(self) -> None:
        """Refuse what these examples cannot give."""
        carried = all(split.stateful for name, split in self.examples.items() if name != "train")
        if self.resolved.evaluate.state == "carried" and not carried:
            raise UserError(
                "these examples do not follow each other: there is no state to carry",
                location="evaluate.state",
                remedy="-o evaluate.state=empty",
            )

        if self.resolved.train.max_tokens is not None and self.examples["train"].stateful:
            raise UserError(
                "pieces that follow each other are read side by side, all of one length",
                location="train.max_tokens",
                remedy="-o train.batch_size=N says how many",
            )

    def describe(self) -> dict[str, Any]:
        """What is known before the first step."""
        config = self.resolved.config
        recipe = config.recipe
        parameters = list(self.objective.model.parameters())
        return {
            "run": str(self.run.folder),
            "task": config["task"]["name"],
            "model": config["model"]["name"],
            "tokenizer": config["tokenizer"].get("name"),
            "device": str(self.device.torch_device),
            "precision": self.device.precision,
            "processes": self.device.world,
            "threads": torch.get_num_threads(),
            "seed": config.seed,
            "recipe": {key: recipe[key] for key in ("name", "overridden")} if recipe else None,
            "parameters": {
                "total": sum(p.numel() for p in parameters),
                "trainable": sum(p.numel() for p in parameters if p.requires_grad),
            },
            "data": sizes(self.examples),
        }

    def show(self, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Predict these rows before the first epoch and after each, in `run.shown`."""
        self._columns, self._rows = columns, rows

    def tell(self, notices: list[str], findings: list[dict[str, Any]]) -> None:
        """Keep what was said about the data for the result."""
        self.said = {"notices": notices, "findings": findings}
        self.run.facts["findings"] = findings

    def begin(self) -> None:
        """Make the folder, after `show` and `tell`.

        Raises:
            UserError: It cannot be written to, or another run has taken it meanwhile.
        """
        if self.device.is_main:
            config = self.resolved.config
            runfolder.begin(
                self.run.folder, config, self.fitted, self._columns, self.origin, self.said
            )

    def complete(self, watch: Stopwatch, *, resume: bool = False) -> dict[str, Any]:
        """Train, evaluate, and write the result.

        Args:
            watch: Has run since the start.
            resume: Go on from the newest checkpoint.

        Returns:
            The result.
        """
        self._say(self.notices)
        notices = [*self.said["notices"], *self.notices]
        try:
            loop = self._loop()
            if resume:
                said = loop.resume()
                notices = [*notices, *said]
                self._say(said)
            self.run.shown = self._shown()
            loop.fit()
            self.best.restore(self.objective.model)
            watch.lap("train")
            metrics = self.scores.of_splits(self.examples)
            baseline = self.scores.baseline(self.examples["test"])
            watch.lap("evaluate")
            self.run.result = self._result(metrics, baseline, watch, notices)
            if self.device.is_main:
                runfolder.finish(self.run.folder, self.objective.model, self.run.result)
                loop.checkpoints.clear()
            self.lifecycle.call("on_run_end")
        except BaseException as error:
            self.lifecycle.call("on_exception", error=error)
            raise
        return self.run.result

    def _say(self, notices: list[str]) -> None:
        if notices and self.device.is_main:
            print(*notices, sep="\n", file=sys.stderr)

    def _loop(self) -> Trainer:
        train, settings = self.examples["train"], self.resolved.train
        sampler = self._sampler()
        self.run.steps_per_epoch = len(sampler)
        self.run.total_epochs = settings.passes(len(sampler))
        self.run.total_steps = sampler.steps(self.run.total_epochs)
        if settings.max_steps is not None:
            self.run.total_steps = min(self.run.total_steps, settings.max_steps)
        return Trainer(
            self.objective,
            train,
            sampler,
            settings=settings,
            device=self.device,
            run=self.run,
            lifecycle=self.lifecycle,
            validate=self._validate,
            best=self.best,
            interrupts=self.interrupts,
        )

    def _validate(self) -> dict[str, float]:
        with seeded(self.resolved.config.seed):  # training's random numbers go on as without it
            self.run.shown = self._shown()
            return self.scores.over(self.examples["validation"]).values()

    def _shown(self) -> list[dict[str, Any]]:
        if not self._rows:
            return []
        presenter = Presenter(
            self.fitted,
            self._columns,
            self.objective,
            device=self.device,
            batch_size=self.resolved.evaluate.batch_size,
        )
        was_training = self.objective.training
        self.objective.eval()
        with seeded(self.resolved.config.seed):
            found = list(presenter.records(self._rows))
        self.objective.train(was_training)
        return found

    def _sampler(self) -> Sampler:
        train, settings = self.examples["train"], self.resolved.train
        shared: dict[str, Any] = {
            "gradient_accumulation_steps": settings.gradient_accumulation_steps,
            "seed": self.resolved.config.seed,
            "rank": self.device.rank,
            "world": self.device.world,
        }
        size = settings.batch_size
        if train.stateful:
            return TruncatedBPTTSampler(train, lanes=size, reset=settings.reset_state, **shared)
        return BucketSampler(
            train.lengths, train.weights, batch_size=size, max_tokens=settings.max_tokens, **shared
        )

    def _result(
        self, metrics: dict[str, Any], baseline: dict[str, Any], watch: Stopwatch, said: list[str]
    ) -> dict[str, Any]:
        found = {
            **self.run.facts,
            "smoke": self.resolved.config.smoke,
            "metrics": metrics,
            "baseline": baseline,
            "best_epoch": self.best.epoch,
            "epochs": self.run.epoch,
            "steps": self.run.step,
            "stopped": self.run.stopping or None,
            "resumed_from": self.run.resumed_from,
            "notices": said,
            "changed": self.origin.changed,
            "data_fingerprint": self.origin.data,
            "weights_sha256": fingerprint(self.objective.model),
            "code": self.origin.code,
            "versions": versions(),
            "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "seconds": watch.seconds(),
        }
        expected = (self.resolved.config.recipe or {}).get("expected", [])
        return {**found, "expected": judge(expected, found)}
