"""The training loop. It has no branch on what is trained."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from seqlab.data.batching import gather
from seqlab.data.examples import Examples
from seqlab.data.sampler import Group, Sampler
from seqlab.device import Device
from seqlab.errors import RunError
from seqlab.nn import Objective
from seqlab.spec import State
from seqlab.training.allocator import keep_freed_memory
from seqlab.training.best import Best
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.lifecycle import Lifecycle
from seqlab.training.optimizer import build_optimizer, rate_factor
from seqlab.training.randomness import capture, restore
from seqlab.training.run import Run
from seqlab.training.settings import Reduction, TrainSettings

Validate = Callable[[], dict[str, float]]

SHORT_SECONDS = 1.0
"""Since the last checkpoint, within which an epoch's end writes none: it would take longer than the
epoch, and a resumed run makes the same steps again."""


class Loop:
    """Trains an objective on examples.

    Args:
        objective: Model and criterion.
        examples: The training part.
        sampler: In which order.
        settings: Section `train`.
        device: Where.
        run: What hooks see.
        lifecycle: Calls them.
        validate: Metrics of the validation part, called after each epoch.
        best: Keeps the weights of the best epoch.
    """

    def __init__(
        self,
        objective: Objective,
        examples: Examples,
        sampler: Sampler,
        *,
        settings: TrainSettings,
        device: Device,
        run: Run,
        lifecycle: Lifecycle,
        validate: Validate,
        best: Best,
    ) -> None:
        self.objective, self.examples, self.sampler = objective, examples, sampler
        self.settings, self.device, self.run = settings, device, run
        self.lifecycle, self.validate, self.best = lifecycle, validate, best
        self.wrapped: nn.Module = device.prepare(objective)
        self.optimizer = build_optimizer(objective, settings)
        self.checkpoints = Checkpoints(run.folder / "checkpoints")
        self.carried: dict[int, State] = {}  # of each share's rows
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device.place)
        self.weight = 0.0
        self._saved_at = time.monotonic()

    def fit(self) -> None:
        """Train until the last epoch, the last step, or until somebody stops the run."""
        keep_freed_memory()
        self.lifecycle.call("on_run_start")
        while self.run.step < self.run.total_steps and not self.run.stopping:
            self._epoch()

    def _epoch(self) -> None:
        self.wrapped.train()
        for group in self.sampler:
            self._step(group)
            self.lifecycle.call("on_step_end")
            if self.run.step >= self.run.total_steps or self.run.stopping:
                break
            if self._save_due() and self.sampler.position < len(self.sampler):
                self.save()
        self._end_epoch()

    def _step(self, group: Group) -> None:
        factor = rate_factor(self.run.step, self.run.total_steps, self.settings)
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.settings.learning_rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        scale = loss_scale(group, self.device.world, self.settings.reduction)
        examples = self.examples if group.examples is None else group.examples
        for place, share in enumerate(group.shares):
            fresh = group.fresh[place] if group.fresh is not None else None
            batch = gather(examples, share, fresh).to(self.device.place)
            if fresh is not None and place not in self.carried:
                self.carried[place] = self.objective.model.start(len(batch))
            with self.device.autocast():
                loss, after = self.wrapped(batch, self.carried.get(place))
            idle = place in group.idle
            (loss * (0.0 if idle else scale)).backward()
            if not idle:
                self.loss_sum += loss.detach()
                self.weight += batch.weight
            if after is not None:
                self.carried[place] = {name: entry.detach() for name, entry in after.items()}
        if self.settings.clip is not None:
            nn.utils.clip_grad_norm_(self.objective.parameters(), self.settings.clip)
        self.optimizer.step()
        self.run.step += 1

    def _end_epoch(self) -> None:
        train_loss = self._mean_loss()
        self.run.epoch += 1
        metrics = self.validate()
        self.run.record = {
            "epoch": self.run.epoch,
            "step": self.run.step,
            "train_loss": train_loss,
            "validation": metrics,
        }
        self.best.consider(self.run.epoch, metrics, self.objective.model)
        if self.settings.patience is not None and self.best.waited >= self.settings.patience:
            self.run.stop(f"no better validation for {self.best.waited} epochs")
        self.loss_sum.zero_()
        self.weight, self.carried = 0.0, {}
        self.lifecycle.call("on_epoch_end")
        self.sampler.start_epoch(self.run.epoch)
        long = time.monotonic() - self._saved_at >= SHORT_SECONDS
        if long or self.run.stopping or self._save_due():
            self.save()

    def _mean_loss(self) -> float:
        mean = float(self.loss_sum) / max(self.weight, 1.0)
        if not math.isfinite(mean):
            raise RunError(
                f"the training loss is {mean}",
                place=f"epoch {self.run.epoch + 1}, before step {self.run.step + 1}",
                remedy="lower train.learning_rate, or set train.clip; "
                "the last checkpoint before is kept",
            )
        return mean

    def _save_due(self) -> bool:
        every = self.settings.save_steps
        if every is not None and self.run.step % every == 0:
            return True
        return time.monotonic() - self._saved_at >= self.settings.save_seconds

    def save(self) -> None:
        """Write a checkpoint from which training goes on bit for bit."""
        self._mean_loss()  # never keep a state that has diverged
        if self.device.is_main:
            self.checkpoints.save(self.run.step, *self._state())
        self._saved_at = time.monotonic()

    def resume(self) -> list[str]:
        """Go on from the newest checkpoint, if there is one.

        Returns:
            What is to be said about damaged ones.
        """
        found = self.checkpoints.load()
        if found is None:
            return ["no checkpoint was written yet: the run starts anew"]
        tensors, state, notices = found
        self.objective.model.load_state_dict(_under("model.", tensors))
        self._restore_optimizer(_under("optimizer.", tensors))
        restore(_under("random.", tensors), state["random"])
        self.sampler.load_state_dict(state["sampler"])
        self.best.load_state_dict(state["best"])
        self.carried = self._by_share(_under("carried.", tensors))
        self.loss_sum = tensors["loss_sum"].to(self.device.place)
        self.weight = state["weight"]
        self.run.step, self.run.epoch = state["step"], state["epoch"]
        self.run.stopping = state["stopping"]
        self.run.resumed_from = self.run.step
        return notices

    def _state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        random_tensors, random_values = capture()
        tensors = {"loss_sum": self.loss_sum}
        tensors |= _over("model.", self.objective.model.state_dict())
        tensors |= _over("random.", random_tensors)
        for share, carried in self.carried.items():
            tensors |= _over(f"carried.{share}.", carried)
        for place, entry in self.optimizer.state_dict()["state"].items():
            tensors |= _over(f"optimizer.{place}.", entry)
        state = {
            "step": self.run.step,
            "epoch": self.run.epoch,
            "stopping": self.run.stopping,
            "weight": self.weight,
            "sampler": self.sampler.state_dict(),
            "best": self.best.state_dict(),
            "random": random_values,
        }
        return tensors, state

    def _by_share(self, tensors: Mapping[str, Tensor]) -> dict[int, State]:
        found: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            share, _, entry = name.partition(".")
            found.setdefault(int(share), {})[entry] = tensor.to(self.device.place)
        return dict(found)

    def _restore_optimizer(self, tensors: Mapping[str, Tensor]) -> None:
        document = self.optimizer.state_dict()
        document["state"] = {}
        for name, tensor in tensors.items():
            place, _, key = name.partition(".")
            document["state"].setdefault(int(place), {})[key] = tensor
        self.optimizer.load_state_dict(document)


def loss_scale(group: Group, world: int, reduction: Reduction) -> float:
    """The factor of each loss in a step, however its group is divided.

    Args:
        group: The step's examples; a mean is over all targets that really count.
        world: How many processes there are: their gradients are averaged, not added.
        reduction: "mean" or "sum".
    """
    return world / (group.weight if reduction == "mean" else 1.0)


def _over(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items() if tensor is not None}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
