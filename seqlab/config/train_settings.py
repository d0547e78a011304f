"""The options of section `train`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range

Count = Annotated[int, Range(1)]
Positive = Annotated[float, Range(0)]
Reduction = Literal["mean", "sum"]

MIN_EPOCHS, MAX_EPOCHS = 3, 20
"""Bounds of the number of epochs that follows from `min_steps`."""


@dataclass(frozen=True)
class TrainSettings:
    """How a model is trained.

    Args:
        epochs: Number of passes over the training split. With `none` it follows from `min_steps`,
            so that a small training split is read more often than a large one.
        min_steps: Number of optimizer steps to reach if `epochs` is `none`. The number of epochs
            is then between 3 and 20.
        batch_size: Number of examples per optimizer step, summed over all micro-batches and
            processes. With carried state, the number of parallel streams.
        max_tokens: Maximum number of time steps per optimizer step, padding included. It replaces
            `batch_size`: batches of long sequences have fewer examples. `none` uses `batch_size`.
        gradient_accumulation_steps: Number of micro-batches into which each batch is divided, to
            save memory. The result is the same up to rounding.
        reduction: Whether a step minimizes the mean or the sum of the losses of its targets. The
            reported loss is the mean in both cases.
        optimizer: `adam`, `adamw` (Adam with decoupled weight decay) or `sgd` (stochastic gradient
            descent).
        learning_rate: The peak learning rate.
        momentum: Momentum of `sgd`.
        beta1: Decay rate of the running average of the gradient in `adam` and `adamw`.
        beta2: Decay rate of the running average of the squared gradient in `adam` and `adamw`.
        weight_decay: Weight decay: an L2 penalty, or decoupled with `adamw`.
        lr_schedule: The learning rate after the warmup: `constant`, or decreasing to 0 in a
            `linear` or `cosine` curve.
        warmup_ratio: Fraction of all steps during which the learning rate increases linearly to
            its peak.
        max_grad_norm: Maximum norm of the gradient; a larger gradient is scaled down to it. `none`
            turns clipping off.
        ema_decay: Decay of an exponential moving average (EMA) of the weights, for example 0.999.
            The averaged weights are the ones that are evaluated and saved. `none` turns averaging
            off.
        max_loss_ratio: Training stops with an error if the loss exceeds this multiple of the loss
            of the first step (or of 1, if that is larger) in ten consecutive steps. `none` turns
            the check off.
        max_steps: Maximum number of optimizer steps. `none` sets no limit.
        reset_state: With carried state, the fraction of chunks that start from the initial state
            instead, so that the model also learns to start from it.
        patience: Number of epochs without an improvement on the validation split after which
            training stops. It requires `keep=best`. `none` turns early stopping off.
        init_from: A file of initial weights (.safetensors) with the names and shapes of the model.
            Weights that it lacks are initialized as usual. A recipe names a file in its own folder.
        freeze: Names of parameters that are not trained. `*` matches any characters:
            `embedder.*` freezes the whole embedding.
        monitor: The metric of the validation split that decides which epoch is the best. `none`
            uses the one of the task.
        keep: Whether to keep the weights of the epoch with the `best` validation metric, or of the
            `last` epoch.
        save_seconds: Seconds between two checkpoints. The interval is longer if writing a
            checkpoint takes more than 2 % of it.
        save_steps: Optimizer steps between two checkpoints, in addition to those after
            `save_seconds`. `none` uses the seconds only.
    """

    epochs: Count | None = 3
    min_steps: Count = 750
    batch_size: Count = 64
    max_tokens: Count | None = None
    gradient_accumulation_steps: Count = 1
    reduction: Reduction = "mean"
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: Positive = 1e-3
    momentum: Annotated[float, Range(0, 1)] = 0.0
    beta1: Annotated[float, Range(0, 0.9999)] = 0.9
    beta2: Annotated[float, Range(0, 0.999999)] = 0.999
    weight_decay: Positive = 0.0
    lr_schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup_ratio: Annotated[float, Range(0, 1)] = 0.0
    max_grad_norm: Positive | None = 1.0
    ema_decay: Annotated[float, Range(0, 0.999999)] | None = None
    max_loss_ratio: Annotated[float, Range(1)] | None = 1000.0
    max_steps: Count | None = None
    reset_state: Annotated[float, Range(0, 1)] = 0.0
    patience: Count | None = None
    init_from: str | None = None
    freeze: list[str] | None = None
    monitor: str | None = None
    keep: Literal["best", "last"] = "best"
    save_seconds: Positive = 60.0
    save_steps: Count | None = None

    def passes(self, steps: int) -> int:
        """The number of epochs.

        Args:
            steps: The number of optimizer steps per epoch.
        """
        if self.epochs is not None:
            return self.epochs
        return min(max(-(-self.min_steps // steps), MIN_EPOCHS), MAX_EPOCHS)
