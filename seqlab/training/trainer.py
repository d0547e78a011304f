"""The training loop. It has no branch on what is trained."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.config.train_settings import Reduction, TrainSettings
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import Sampler, StepBatch
from seqlab.device import Device
from seqlab.errors import RunError
from seqlab.nn import Objective
from seqlab.plugin.trainer_state import TrainerState
from seqlab.training.allocator import keep_freed_memory
from seqlab.training.best import Best
from seqlab.training.callbacks import Callbacks
from seqlab.training.carried_state import CarriedState
from seqlab.training.checkpoint import Checkpoints, taking
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.divergence import Divergence
from seqlab.training.ema import ExponentialMovingAverage
from seqlab.training.interrupts import Interrupted, Interrupts
from seqlab.training.optimizer import build_optimizer, rate_factor
from seqlab.training.packing import over, pack_optimizer, restore_optimizer, under
from seqlab.training.randomness import capture, restore

Validate = Callable[[], dict[str, float]]


class Trainer:
    """Trains an objective on examples.

    Args:
        objective: Model and criterion.
        examples: The training split.
        sampler: In which order.
        settings: Section `train`.
        device: Where.
        run: What hooks see.
        lifecycle: Calls them.
        validate: Metrics of the validation split, called after each epoch.
        best: Keeps the weights of the best epoch.
        interrupts: Tells when the process has to end.
    """

    def __init__(
        self,
        objective: Objective,
        examples: Examples,
        sampler: Sampler,
        *,
        settings: TrainSettings,
        device: Device,
        run: TrainerState,
        lifecycle: Callbacks,
        validate: Validate,
        best: Best,
        interrupts: Interrupts,
    ) -> None:
        self.objective, self.examples, self.sampler = objective, examples, sampler
        self.settings, self.device, self.run = settings, device, run
        self.lifecycle, self.validate, self.best = lifecycle, validate, best
        self.interrupts = interrupts
        self.wrapped: nn.Module = device.prepare(objective)
        self.optimizer = build_optimizer(objective, settings)
        self.checkpoints = Checkpoints(run.folder / "checkpoints")
        self.average = ExponentialMovingAverage(objective.model, settings.ema_decay)
        self.divergence = Divergence(settings, device.torch_device)
        self.carried = CarriedState(objective.model.initial_state)
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device.torch_device)
        self.weight = 0.0
        self.pace = CheckpointSchedule(settings)

    def fit(self) -> None:
        """Train until the last epoch, the last step, or until somebody stops the run.

        Raises:
            RunError: Training diverged, or a checkpoint cannot be written.
            Interrupted: The process was asked to end; a checkpoint of the last step is written.
        """
        keep_freed_memory()
        self.lifecycle.call("on_run_start")
        try:
            with self.interrupts.held():
                while self.sampler.position or not self._over:
                    self._epoch()
        except Interrupted:
            self.save()
            raise

    @property
    def _over(self) -> bool:
        return self.run.step >= self.run.total_steps or bool(self.run.stopping)

    def _epoch(self) -> None:
        self.wrapped.train()
        if not self._over:  # else it ended within the validation
            for group in self.sampler:
                self._step(group)
                self.lifecycle.call("on_step_end")
                due = self._agreed(self.pace.due(self.run.step))
                self.interrupts.check()
                if self._over:
                    break
                if due and self.sampler.position < len(self.sampler):
                    self.save()
        self._end_epoch()

    def _agreed(self, due: bool) -> bool:
        """Whether any process says so; and if one has to end or to stop, all do."""
        asked = (float(due), float(self.interrupts.received), float(bool(self.run.stopping)))
        due_now, received, stopping = self.device.max(*asked)
        if received:  # else one that came meanwhile would be lost
            self.interrupts.received = int(received)
        if stopping and not self.run.stopping:
            self.run.stop("stopped by the first process")
        return bool(due_now)

    def _step(self, group: StepBatch) -> None:
        factor = rate_factor(self.run.step, self.run.total_steps, self.settings)
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.settings.learning_rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        scale = loss_scale(group, self.device.world, self.settings.reduction)
        examples = self.examples if group.examples is None else group.examples
        before, weight = self.loss_sum.clone(), self.weight
        for place, share in enumerate(group.micro_batches):
            fresh = group.reset[place] if group.reset is not None else None
            batch = gather(examples, share, fresh).to(self.device.torch_device)
            lanes = group.streams[place] if group.streams is not None else None
            state = self.carried.before(place, lanes) if lanes is not None else None
            with self.device.autocast():
                loss, after = self.wrapped(batch, state)
            idle = place in group.idle
            (loss * (0.0 if idle else scale)).backward()
            if not idle:
                self.loss_sum += loss.detach()
                self.weight += batch.weight
                if lanes is not None and after is not None:
                    self.carried.keep(place, lanes, after)
        norm = self._clip()
        self.optimizer.step()
        self.run.step += 1
        self.average.update(self.run.step)
        mean = (self.loss_sum - before) / max(self.weight - weight, 1.0)
        rows = examples.rows[np.concatenate(group.micro_batches)]
        self.divergence.note(self.run.step, rows, mean, norm)

    def _clip(self) -> Tensor:
        """Limit the gradient; returns its norm, or 0 where there is no limit."""
        if self.settings.max_grad_norm is None:
            return torch.zeros_like(self.loss_sum)
        return nn.utils.clip_grad_norm_(self.objective.parameters(), self.settings.max_grad_norm)

    def _end_epoch(self) -> None:
        self.divergence.check()
        loss_sum, weight = self.device.sum(float(self.loss_sum), self.weight)
        with self.average.applied():
            # one process that leaves would let the others wait
            with self.interrupts.released() if self.device.world == 1 else nullcontext():
                metrics = self.validate()
            self.best.consider(self.run.epoch + 1, metrics, self.objective.model)
        self.run.epoch += 1
        self.run.record = {
            "epoch": self.run.epoch,
            "step": self.run.step,
            "train_loss": loss_sum / max(weight, 1.0),
            "validation": metrics,
        }
        if self.run.shown:
            self.run.record["shown"] = self.run.shown
        self.run.records.append(self.run.record)
        if self.settings.patience is not None and self.best.waited >= self.settings.patience:
            self.run.stop(f"no better validation for {self.best.waited} epochs")
        self._forget()
        self.lifecycle.call("on_epoch_end")
        if self._agreed(self.pace.due_after_epoch(self.run.step, last=self._over)):
            self.save()

    def _forget(self) -> None:
        """Stand at the beginning of an epoch."""
        self.loss_sum.zero_()
        self.weight = 0.0
        self.carried.forget()
        self.sampler.start_epoch(self.run.epoch)

    def save(self) -> None:
        """Write a checkpoint from which training goes on bit for bit.

        Raises:
            RunError: Training has diverged, or the checkpoint cannot be written.
        """
        self.divergence.check()  # never keep a state that has diverged
        self.divergence.check_weights(self.objective.model, self.run.step)
        with self.pace.saving():
            tensors, state = self._state()
            if self.device.is_main:
                self.checkpoints.save(self.run.step, tensors, state)

    def resume(self) -> list[str]:
        """Go on from the newest checkpoint, if there is one.

        Returns:
            What is to be said: of damaged ones, or that there is none.
        """
        found = self.checkpoints.load(self.objective.model.state_dict())
        if found is None:
            return ["no checkpoint was written yet: the run starts anew"]
        tensors, state, notices = found
        self._load_model(under("model.", tensors))
        with taking(self.checkpoints.folder):
            return [*notices, *self._take(tensors, state)]

    def _take(self, tensors: dict[str, Tensor], state: dict[str, Any]) -> list[str]:
        """Stand where a checkpoint was written; what is to be said of it."""
        restore_optimizer(self.optimizer, under("optimizer.", tensors))
        if self.device.is_main:  # the others go on with numbers of their own
            restore(under("random.", tensors), state["random"])
        self.average.load_state_dict(under("average.", tensors))
        self.best.load_state_dict(state["best"], under("best.", tensors))
        self.divergence.load_state_dict(state["divergence"])
        self.run.step, self.run.epoch = int(state["step"]), int(state["epoch"])
        self.run.stopping = str(state["stopping"])
        self.run.records = [dict(record) for record in state["records"]]
        self.run.record = self.run.records[-1] if self.run.records else {}
        self.run.resumed_from = self.run.step
        self.sampler.load_state_dict(state["sampler"])
        if self._order() != state["order"]:
            self._forget()
            return [f"its batches are others now: epoch {self.run.epoch + 1} begins anew"]
        self.carried.load(under("carried.", tensors), self.device.torch_device)
        if self.device.is_main:  # the sums are those of all processes
            self.loss_sum.fill_(state["loss_sum"])
            self.weight = state["weight"]
        return []

    def _state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        random_tensors, random_values = capture()
        loss_sum, weight = self.device.sum(float(self.loss_sum), self.weight)
        tensors = over("model.", self.objective.model.state_dict())
        tensors |= over("optimizer.", pack_optimizer(self.optimizer))
        tensors |= over("random.", random_tensors)
        tensors |= over("average.", self.average.state_dict())
        tensors |= over("best.", self.best.weights)
        tensors |= over("carried.", self.carried.tensors(self.device))
        state = {
            "step": self.run.step,
            "epoch": self.run.epoch,
            "stopping": self.run.stopping,
            "records": self.run.records,
            "loss_sum": loss_sum,
            "weight": weight,
            "order": self._order(),
            "sampler": self.sampler.state_dict(),
            "best": self.best.state_dict(),
            "divergence": self.divergence.state_dict(),
            "random": random_values,
        }
        return tensors, state

    def _order(self) -> list[int]:
        """What a position in the data counts; with other batches it means another place."""
        settings = self.settings
        size = settings.max_tokens or 0
        return [len(self.sampler), settings.batch_size, size, settings.gradient_accumulation_steps]

    def _load_model(self, tensors: dict[str, Tensor]) -> None:
        try:
            self.objective.model.load_state_dict(tensors)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1].strip()
            raise RunError(
                f"the checkpoint is of another model: {reason}",
                location=str(self.checkpoints.folder),
                remedy="give the model's options and code as they were, or start a new run",
            ) from None


def loss_scale(group: StepBatch, world: int, reduction: Reduction) -> float:
    """The factor of each loss in a step, however its group is divided.

    Args:
        group: The step's examples; a mean is over all targets that really count.
        world: How many processes there are: their gradients are averaged, not added.
        reduction: "mean" or "sum".
    """
    return world / (group.weight if reduction == "mean" else 1.0)
