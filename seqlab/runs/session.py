"""A run, from encoded data to its result."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from shlex import quote
from typing import Any

import torch

from seqlab.config.expected import judge
from seqlab.data.checking.identity import KeptRows
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import BucketSampler, Sampler
from seqlab.data.sampling.tbptt import TruncatedBPTTSampler
from seqlab.device import Device, flushed_denormals
from seqlab.errors import RunError, UserError
from seqlab.evaluation.evaluator import Evaluator
from seqlab.evaluation.predictions import RowPredictor
from seqlab.nn import Objective, build_model
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.plugin.trainer_state import TrainerState
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.prepare import Prepared, sizes
from seqlab.processes import is_connection_loss
from seqlab.runs.folder import RunFolder
from seqlab.runs.notices import Notices
from seqlab.runs.provenance import continued, provenance_of
from seqlab.runs.rehearsal import check_sizes, rehearse
from seqlab.runs.stopwatch import Stopwatch
from seqlab.runs.trained_rows import changed_splits, rows_of_new, rows_of_resumed
from seqlab.training.best import Best, monitored
from seqlab.training.callbacks import Callbacks
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.divergence import DivergenceError
from seqlab.training.interrupts import Interrupted, Interrupts
from seqlab.training.randomness import seeded
from seqlab.training.trainer import Trainer
from seqlab.training.weights import fingerprint, prepare_weights
from seqlab.types import JsonObject
from seqlab.versions import versions


class Session:
    """A model, its data and its folder; `fit` trains and evaluates.

    Args:
        resolved: The resolved configuration, with the recorded name of the data.
        plugins: Provides the life-cycle hooks.
        prepared: The data.
        folder: The folder of the run.
        device: The device and the precision.
        stopwatch: A stopwatch that was started with the run.
        resumed: Whether to resume the run in `folder` from its newest checkpoint; if False, the
            folder does not exist yet.
        accept_changes: Resume although code, data or options differ.

    Raises:
        UserError: The data or the weights do not fit the configuration, or code, data or options
            of a resumed run differ.
    """

    def __init__(
        self,
        resolved: Resolved,
        plugins: Plugins,
        prepared: Prepared,
        folder: RunFolder,
        device: Device,
        stopwatch: Stopwatch,
        *,
        resumed: bool = False,
        accept_changes: bool = False,
    ) -> None:
        _check(resolved, prepared.examples)
        self.resolved, self.prepared, self.folder = resolved, prepared, folder
        self.device, self.stopwatch, self.resumed = device, stopwatch, resumed
        with flushed_denormals(), seeded(resolved.seed):
            model = build_model(resolved.model.cls, prepared.fitted.spec, resolved.model.options)
        check_sizes(model, resolved.model.name)
        self.checkpoints = Checkpoints(folder.checkpoints)
        steps = self.checkpoints.steps()
        notices = prepare_weights(model, prepared.fitted, resolved.train, fresh=not steps)
        self.notices = Notices(folder, prepared, notices, resumed=resumed)
        self.objective = Objective(model, prepared.fitted.criterion())
        self.provenance = provenance_of(resolved, prepared.examples)
        self.rows: KeptRows | None
        if resumed:
            step = steps[-1] if steps else 0
            self._continue(step=step, accept_changes=accept_changes)
        else:
            self.rows = rows_of_new(prepared, resolved.train.init_from)
        self.shown_rows = prepared.first_rows("validation", resolved.evaluate.show)
        self.evaluator = Evaluator(
            self.objective, prepared.fitted, resolved.evaluate, device=device, seed=resolved.seed
        )
        self.run = TrainerState(folder.path, resolved.config(), self.facts())
        self.callbacks = Callbacks(plugins if device.is_main else Plugins(), self.run)
        self.interrupts = Interrupts()
        monitor = monitored(prepared.fitted, resolved.train.monitor)
        name = monitor.name if resolved.train.keep == "best" else ""
        self.best = Best(name, higher_is_better=monitor.higher_is_better)

    def _continue(self, *, step: int, accept_changes: bool) -> None:
        """Compare code, data and options with those at the start of the run."""
        before, now = self.folder.read_provenance(), self.provenance
        rows = self.folder.read_rows()
        changed = changed_splits(rows, self.prepared.hashes)
        self.saved_provenance, self.saved_rows = before, rows
        self.provenance = continued(before, now, step=step, accept=accept_changes, rows=changed)
        self.rows = rows_of_resumed(rows, self.prepared, data_changed=before.data != now.data)

    def facts(self) -> JsonObject:
        """The entries of the result that are known before training."""
        resolved, recipe = self.resolved, self.resolved.recipe
        parameters = list(self.objective.model.parameters())
        return {
            "run": str(self.folder),
            "task": resolved.task.name,
            "model": resolved.model.name,
            "tokenizer": resolved.tokenizer.name if resolved.tokenizer else None,
            "device": str(self.device.torch_device),
            "precision": self.device.precision,
            "processes": self.device.world,
            "threads": torch.get_num_threads(),
            "seed": resolved.seed,
            "recipe": {"name": recipe.name, "overridden": recipe.overridden} if recipe else None,
            "parameters": {
                "total": sum(p.numel() for p in parameters),
                "trainable": sum(p.numel() for p in parameters if p.requires_grad),
            },
            "data": sizes(self.prepared.examples),
            "findings": self.notices.findings,
        }

    def fit(self) -> JsonObject:
        """Train, evaluate, and write the result.

        Returns:
            The result, with the content of `result.json`.

        Raises:
            UserError: The folder cannot be written to.
            RunError: Training failed. The notes of the exception name the command that resumes it.
            Interrupted: The process received a signal. The notes name the same command.
        """
        found = rehearse(self.resolved, self.prepared, self.objective, self.device)
        self.notices.add(found, self.device)
        if not self.resumed:
            self._create_folder()
        self.notices.print_weights(self.device)
        with self._running():
            trainer = self._trainer()
            if self.resumed:
                self.notices.add(trainer.resume(), self.device)
                self._update_folder()
            self.run.shown = self._predict_rows()
            trainer.fit()
            self.best.restore(self.objective.model)
            self.stopwatch.lap("train")
            metrics = self.evaluator.of_splits(self.prepared.examples)
            baseline = self.evaluator.baseline(self.prepared.examples["test"])
            self.stopwatch.lap("evaluate")
            self.run.result = self._result(metrics, baseline)
            if self.device.is_main:
                self.folder.finish(self.objective.model, self.run.result)
                self.checkpoints.clear()
            self.callbacks.call("on_run_end")
        return self.run.result

    @contextmanager
    def _running(self) -> Iterator[None]:
        """A context that seeds random numbers, handles signals, and completes error messages."""
        seed = self.resolved.seed + self.device.rank * 1_000_003  # a dropout mask per process
        try:
            with flushed_denormals(), seeded(seed), self.interrupts.watched():
                try:
                    yield
                except BaseException as error:
                    self.callbacks.call("on_exception", error=error)
                    raise
        except BaseException as error:
            started = self.resumed or self.run.step > 0
            if isinstance(error, Exception) and not started and self.device.is_main:
                self.folder.discard()  # it has no checkpoint to resume from
            explained = self._explained(error)
            if explained is error:
                raise
            raise explained from error

    def _create_folder(self) -> None:
        if self.device.is_main:
            saved = FittedColumns(
                self.prepared.fitted, self.prepared.columns, self.prepared.formats
            )
            assert self.rows is not None
            self.folder.create(
                self.run.config, saved, self.provenance, self.notices.to_json(), self.rows
            )

    def _update_folder(self) -> None:
        """Record accepted changes and moved data, once the run has been resumed with them."""
        if not self.device.is_main:
            return
        source = self.folder.read_config().sections["data"].get("source")
        changed = self.provenance != self.saved_provenance or self.rows is not self.saved_rows
        if changed or source != self.resolved.data.source:
            self.folder.update(self.run.config, self.provenance, self.rows)

    def _trainer(self) -> Trainer:
        settings, sampler = self.resolved.train, self._sampler()
        self.run.steps_per_epoch = len(sampler)
        self.run.total_epochs = settings.passes(len(sampler))
        self.run.total_steps = sampler.steps(self.run.total_epochs)
        if settings.max_steps is not None:
            self.run.total_steps = min(self.run.total_steps, settings.max_steps)
        return Trainer(
            self.objective,
            self.prepared.examples["train"],
            sampler,
            settings=settings,
            device=self.device,
            run=self.run,
            callbacks=self.callbacks,
            checkpoints=self.checkpoints,
            validate=self._validate,
            best=self.best,
            interrupts=self.interrupts,
        )

    def _sampler(self) -> Sampler:
        train, settings = self.prepared.examples["train"], self.resolved.train
        shared: dict[str, Any] = {
            "gradient_accumulation_steps": settings.gradient_accumulation_steps,
            "seed": self.resolved.seed,
            "rank": self.device.rank,
            "world": self.device.world,
        }
        size = settings.batch_size
        if train.stateful:
            return TruncatedBPTTSampler(train, streams=size, reset=settings.reset_state, **shared)
        return BucketSampler(
            train.lengths, train.weights, batch_size=size, max_tokens=settings.max_tokens, **shared
        )

    def _validate(self) -> dict[str, float]:
        with seeded(self.resolved.seed):  # training is not affected
            self.run.shown = self._predict_rows()
            return self.evaluator.over(self.prepared.examples["validation"]).values()

    def _predict_rows(self) -> list[JsonObject]:
        """Predictions of the validation rows that are shown during training, without targets."""
        if not self.shown_rows:
            return []
        predictor = RowPredictor(
            self.prepared.fitted,
            self.prepared.columns,
            self.objective,
            device=self.device,
            batch_size=self.resolved.evaluate.batch_size,
        )
        was_training = self.objective.training
        self.objective.eval()
        with seeded(self.resolved.seed):
            records = list(predictor.records(self.shown_rows))
        self.objective.train(was_training)
        target = self.prepared.columns.get(self.resolved.task.cls.target or "")
        return [{k: v for k, v in record.items() if k != target} for record in records]

    def _result(self, metrics: JsonObject, baseline: JsonObject) -> JsonObject:
        result: JsonObject = {
            **self.run.facts,
            "smoke": self.resolved.smoke,
            "metrics": metrics,
            "baseline": baseline,
            "best_epoch": self.best.epoch,
            "epochs": self.run.epoch,
            "steps": self.run.step,
            "stopped": self.run.stopping or None,
            "resumed_from": self.run.resumed_from,
            "notices": self.notices.lines,
            "changed": self.provenance.changed,
            "data_fingerprint": self.provenance.data,
            "weights_sha256": fingerprint(self.objective.model),
            "code": self.provenance.code,
            "versions": versions(),
            "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "seconds": self.stopwatch.seconds(),
        }
        recipe = self.resolved.recipe
        return {**result, "expected": judge(recipe.expected if recipe else [], result)}

    def _explained(self, error: BaseException) -> BaseException:
        """The error with the affected rows and the command that resumes the run."""
        command = f"seqlab run --resume {quote(str(self.folder))}"
        if isinstance(error, RuntimeError) and self.device.world > 1 and is_connection_loss(error):
            return RunError(
                "another process of this run has ended",
                location=f"process {self.device.rank} of {self.device.world}, "
                f"after step {self.run.step}",
                remedy="its own message gives the reason; resume with any number of processes: "
                f"{command}",
            )
        if isinstance(error, DivergenceError):
            with suppress(UserError):  # if the data are gone, rows keep their numbers in the split
                error.locate(*self.prepared.locate("train", error.rows))
        if isinstance(error, Interrupted | RunError):
            saved = self.run.step and self.checkpoints.folder.exists()
            if saved or isinstance(error, Interrupted):
                error.add_note(f"continue with: {command}")
        return error


def _check(resolved: Resolved, examples: Mapping[str, Examples]) -> None:
    """Refuse options that do not apply to these examples."""
    stateful = all(split.stateful for name, split in examples.items() if name != "train")
    if resolved.evaluate.state == "carried" and not stateful:
        raise UserError(
            "these examples do not follow each other: there is no state to carry",
            location="evaluate.state",
            remedy="-o evaluate.state=empty",
        )
    if resolved.train.max_tokens is not None and examples["train"].stateful:
        raise UserError(
            "chunks of parallel streams all have the same length",
            location="train.max_tokens",
            remedy="set the number of streams with -o train.batch_size=N",
        )
