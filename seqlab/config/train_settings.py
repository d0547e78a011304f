"""The options of section `train`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range

Count = Annotated[int, Range(1)]
Positive = Annotated[float, Range(0)]
Reduction = Literal["mean", "sum"]

FEWEST, MOST = 3, 20
"""Bounds of the passes that `min_steps` asks for."""


@dataclass(frozen=True)
class TrainSettings:
    """How a model is trained.

    Args:
        epochs: Passes over the training split; none for as many as `min_steps` needs, but 3 at
            least and 20 at most, so that few rows are read more often than many.
        min_steps: Optimiser steps that are enough where `epochs` is none.
        batch_size: Examples of one optimiser step, over all micro-batches and processes.
        max_tokens: Steps of one optimiser step at most, padding included, instead of `batch_size`
            examples; none for these.
        gradient_accumulation_steps: Into how many micro-batches a step is divided, to save memory.
        reduction: A step minimises the mean or the sum of the losses of its targets; means are
            shown in both cases.
        optimizer: Adam, AdamW (decoupled weight decay) or plain gradient descent.
        learning_rate: Its peak.
        momentum: Of plain gradient descent.
        beta1: How much of Adam's average gradient each step keeps.
        beta2: The same of its average squared gradient.
        weight_decay: Pull of the weights towards 0.
        lr_schedule: How the learning rate goes on after warm-up: constant, or to 0 in a line or
            a cosine.
        warmup_ratio: Share of all steps in which the learning rate rises to its peak.
        max_grad_norm: Largest norm of the gradient; none for no limit.
        ema_decay: Share of their running average that each step keeps; the averaged weights are then
            evaluated and kept. None for the weights themselves.
        max_loss_ratio: Stop when the loss stays so many times above that of the first step, or above 1
            where that is less; none for never.
        max_steps: Stop after so many steps; none for no limit.
        reset_state: Where state is carried through a text, share of pieces that start from an
            empty one, so that the model knows this, too.
        patience: Stop after so many epochs without a better validation; none for never.
        init_from: File of weights to start from (.safetensors), with names and shapes of the
            model's; what it lacks starts as usual. In a recipe it lies beside the recipe.
        freeze: Names of parameters that are not trained; `embedder.*` is all of the embedding.
        monitor: Metric of the validation split by which an epoch is the best; none for the task's.
        keep: Weights of the epoch with the best validation, or of the last.
        save_seconds: Seconds between checkpoints; more where one takes longer than 2 % of them.
        save_steps: Steps between checkpoints, beside the seconds; none for seconds only.
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
        """How often to read a training split of so many steps."""
        if self.epochs is not None:
            return self.epochs
        return min(max(-(-self.min_steps // steps), FEWEST), MOST)
