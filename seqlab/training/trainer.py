"""The training loop. It does not depend on the task or on the model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.config.train_settings import Reduction, TrainSettings
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import Sampler, StepBatch
from seqlab.device import Device
from seqlab.nn import Objective
from seqlab.nn.weights import weights_of
from seqlab.plugin.trainer_state import TrainerState
from seqlab.spec import Batch
from seqlab.training.allocator import keep_freed_memory
from seqlab.training.best import Best
from seqlab.training.callbacks import Callbacks
from seqlab.training.carried_state import CarriedState
from seqlab.training.checkpoint import Checkpoints, restore_model, restoring
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.divergence import Divergence
from seqlab.training.ema import ExponentialMovingAverage
from seqlab.training.interrupts import Interrupted, Interrupts
from seqlab.training.optimizer import build_optimizer, set_learning_rate
from seqlab.training.packing import add_prefix, pack_optimizer, restore_optimizer, select_prefix
from seqlab.training.randomness import capture, restore
from seqlab.types import JsonObject

Validate = Callable[[], dict[str, float]]


class Trainer:
    """Trains an objective on examples.

    Args:
        objective: Model and criterion.
        examples: The training split.
        sampler: Yields the step batches.
        settings: The options of section `train`.
        device: Where to compute.
        run: The state that hooks receive.
        callbacks: Calls the hooks.
        checkpoints: Writes and reads the checkpoints of the run.
        validate: Computes the metrics of the validation split; called after each epoch.
        best: Keeps the weights of the best epoch.
        interrupts: Reports signals that ask the process to end.
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
        callbacks: Callbacks,
        checkpoints: Checkpoints,
        validate: Validate,
        best: Best,
        interrupts: Interrupts,
    ) -> None:
        self.objective, self.examples, self.sampler = objective, examples, sampler
        self.settings, self.device, self.run = settings, device, run
        self.callbacks, self.validate, self.best = callbacks, validate, best
        self.checkpoints, self.interrupts = checkpoints, interrupts
        self.wrapped: nn.Module = device.prepare(objective)
        self.optimizer = build_optimizer(objective, settings)
        self.checkpoint_schedule = CheckpointSchedule(settings)
        self.ema = ExponentialMovingAverage(objective.model, settings.ema_decay)
        self.divergence = Divergence(settings, device.torch_device)
        self.carried_state = CarriedState(objective.model.initial_state)
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device.torch_device)
        self.target_count = 0.0

    def fit(self) -> None:
        """Train until the last epoch, the last step, or until the run is stopped.

        Raises:
            RunError: Training diverged, or a checkpoint cannot be written.
            Interrupted: The process was asked to end. A checkpoint of the last step is written.
        """
        keep_freed_memory()
        self.callbacks.call("on_run_start")
        try:
            with self.interrupts.held():
                while self.sampler.position or not self._is_finished:
                    self._epoch()
        except Interrupted:
            self.save()
            raise

    @property
    def _is_finished(self) -> bool:
        return self.run.step >= self.run.total_steps or bool(self.run.stopping)

    def _epoch(self) -> None:
        self.wrapped.train()
        if not self._is_finished:  # a finished run was interrupted during its last validation
            for step_batch in self.sampler:
                self._step(step_batch)
                self.callbacks.call("on_step_end")
                due = self._synchronize(self.checkpoint_schedule.due(self.run.step))
                self.interrupts.check()
                if self._is_finished:
                    break
                if due and self.sampler.position < len(self.sampler):
                    self.save()
        self._end_epoch()

    def _synchronize(self, due: bool) -> bool:
        """Let all processes save, end and stop together.

        Returns:
            Whether a checkpoint is due in any process.
        """
        flags = (float(due), float(self.interrupts.received), float(bool(self.run.stopping)))
        any_due, received, stopping = self.device.max(*flags)
        if received:  # do not reset a signal that arrived in the meantime
            self.interrupts.received = int(received)
        if stopping and not self.run.stopping:
            self.run.stop("stopped by the main process")
        return bool(any_due)

    def _step(self, step_batch: StepBatch) -> None:
        set_learning_rate(self.optimizer, self.run.step, self.run.total_steps, self.settings)
        self.optimizer.zero_grad(set_to_none=True)
        loss_before, count_before = self.loss_sum.clone(), self.target_count
        examples = self.examples if step_batch.examples is None else step_batch.examples
        for index, chosen in enumerate(step_batch.micro_batches):
            reset = step_batch.reset[index] if step_batch.reset is not None else None
            batch = gather(examples, chosen, reset).to(self.device.torch_device)
            self._backward(step_batch, index, batch)
        norm = self._clip()
        self.optimizer.step()
        self.run.step += 1
        self.ema.update(self.run.step)
        loss = (self.loss_sum - loss_before) / max(self.target_count - count_before, 1.0)
        rows = examples.rows[np.concatenate(step_batch.micro_batches)]
        self.divergence.record(self.run.step, rows, loss, norm)

    def _backward(self, step_batch: StepBatch, index: int, batch: Batch) -> None:
        """Add the gradient of one micro-batch."""
        streams = step_batch.streams[index] if step_batch.streams is not None else None
        state = self.carried_state.get(index, streams) if streams is not None else None
        with self.device.autocast():
            loss, next_state = self.wrapped(batch, state)
        is_idle = index in step_batch.idle
        scale = loss_scale(step_batch, self.device.world, self.settings.reduction)
        (loss * (0.0 if is_idle else scale)).backward()
        if not is_idle:
            self.loss_sum += loss.detach()
            self.target_count += batch.weight
            if streams is not None and next_state is not None:
                self.carried_state.set(index, streams, next_state)

    def _clip(self) -> Tensor:
        """Clip the gradient; returns its norm before, or 0 if `max_grad_norm` is None."""
        if self.settings.max_grad_norm is None:
            return torch.zeros_like(self.loss_sum)
        return nn.utils.clip_grad_norm_(self.objective.parameters(), self.settings.max_grad_norm)

    def _end_epoch(self) -> None:
        self.divergence.check()
        loss_sum, target_count = self.device.sum(float(self.loss_sum), self.target_count)
        with self.ema.applied():
            # with several processes, one that ended here would leave the others waiting
            with self.interrupts.released() if self.device.world == 1 else nullcontext():
                metrics = self.validate()
            self.best.update(self.run.epoch + 1, metrics, self.objective.model)
        self.run.epoch += 1
        self.run.record = {
            "epoch": self.run.epoch,
            "step": self.run.step,
            "train_loss": loss_sum / max(target_count, 1.0),
            "validation": metrics,
        }
        if self.run.shown:
            self.run.record["shown"] = self.run.shown
        self.run.records.append(self.run.record)
        epochs = self.best.epochs_without_improvement
        if self.settings.patience is not None and epochs >= self.settings.patience:
            plural = "s" if epochs != 1 else ""
            self.run.stop(f"validation has not improved for {epochs} epoch{plural}")
        self._start_epoch()
        self.callbacks.call("on_epoch_end")
        due = self.checkpoint_schedule.due_after_epoch(self.run.step, last=self._is_finished)
        if self._synchronize(due):
            self.save()

    def _start_epoch(self) -> None:
        """Reset everything that is kept within one epoch."""
        self.loss_sum.zero_()
        self.target_count = 0.0
        self.carried_state.reset()
        self.sampler.start_epoch(self.run.epoch)

    def save(self) -> None:
        """Write a checkpoint from which training continues bit for bit.

        Raises:
            RunError: Training has diverged, or the checkpoint cannot be written.
        """
        self.divergence.check()  # a diverged state is never saved
        self.divergence.check_weights(self.objective.model, self.run.step)
        with self.checkpoint_schedule.saving():
            tensors, state = self._state()
            if self.device.is_main:
                self.checkpoints.save(self.run.step, tensors, state)

    def resume(self) -> list[str]:
        """Continue from the newest checkpoint, if there is one.

        Returns:
            Notices for the user: checkpoints that are damaged, or that there is none.
        """
        checkpoint = self.checkpoints.load(weights_of(self.objective.model))
        if checkpoint is None:
            return ["no checkpoint has been written yet: the run starts from the beginning"]
        weights, folder = select_prefix("model.", checkpoint.tensors), self.checkpoints.folder
        restore_model(self.objective.model, weights, folder)
        with restoring(folder):
            return [*checkpoint.warnings, *self._restore(checkpoint.tensors, checkpoint.state)]

    def _restore(self, tensors: dict[str, Tensor], state: JsonObject) -> list[str]:
        """Restore everything except the model; returns notices for the user."""
        restore_optimizer(self.optimizer, select_prefix("optimizer.", tensors))
        if self.device.is_main:  # the generators of other processes are not in the checkpoint
            restore(select_prefix("random.", tensors), state["random"])
        self.ema.load_state_dict(select_prefix("ema.", tensors))
        self.best.load_state_dict(state["best"], select_prefix("best.", tensors))
        self.divergence.load_state_dict(state["divergence"])
        self.run.step, self.run.epoch = int(state["step"]), int(state["epoch"])
        self.run.stopping = str(state["stopping"])
        self.run.records = [dict(record) for record in state["records"]]
        self.run.record = self.run.records[-1] if self.run.records else {}
        self.run.resumed_from = self.run.step
        self.sampler.load_state_dict(state["sampler"])
        if self._batching() != state["batching"]:
            self._start_epoch()
            return [f"the batches have changed: epoch {self.run.epoch + 1} starts again"]
        carried_state = select_prefix("carried_state.", tensors)
        self.carried_state.load_state_dict(carried_state, self.device.torch_device)
        if self.device.is_main:  # the checkpoint has the sums over all processes
            self.loss_sum.fill_(state["loss_sum"])
            self.target_count = state["target_count"]
        return []

    def _state(self) -> tuple[dict[str, Tensor], JsonObject]:
        """The tensors and the other values of a checkpoint."""
        random_tensors, random_values = capture()
        loss_sum, target_count = self.device.sum(float(self.loss_sum), self.target_count)
        tensors = add_prefix("model.", weights_of(self.objective.model))
        tensors |= add_prefix("optimizer.", pack_optimizer(self.optimizer))
        tensors |= add_prefix("random.", random_tensors)
        tensors |= add_prefix("ema.", self.ema.state_dict())
        tensors |= add_prefix("best.", self.best.weights)
        tensors |= add_prefix("carried_state.", self.carried_state.state_dict(self.device))
        state = {
            "step": self.run.step,
            "epoch": self.run.epoch,
            "stopping": self.run.stopping,
            "records": self.run.records,
            "loss_sum": loss_sum,
            "target_count": target_count,
            "batching": self._batching(),
            "sampler": self.sampler.state_dict(),
            "best": self.best.state_dict(),
            "divergence": self.divergence.state_dict(),
            "random": random_values,
        }
        return tensors, state

    def _batching(self) -> list[int]:
        """The numbers that determine the step batches; a position is valid for the same ones."""
        settings = self.settings
        max_tokens = settings.max_tokens or 0
        accumulation_steps = settings.gradient_accumulation_steps
        return [len(self.sampler), settings.batch_size, max_tokens, accumulation_steps]


def loss_scale(step_batch: StepBatch, world: int, reduction: Reduction) -> float:
    """The factor of each loss in a step, however its batch is divided into micro-batches.

    Args:
        step_batch: The examples of the step; a mean is over all of its real targets.
        world: The number of processes, whose gradients are averaged and not summed.
        reduction: "mean" or "sum".
    """
    return world / (max(step_batch.weight, 1.0) if reduction == "mean" else 1.0)
