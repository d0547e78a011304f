"""The optimizer, and the learning rate of each step."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.optim import Optimizer

from seqlab.config.train_settings import TrainSettings


def build_optimizer(model: nn.Module, settings: TrainSettings) -> Optimizer:
    """The optimizer of all parameters that are trained, in torch's fused implementation."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, rate, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    optimizer = torch.optim.Adam if settings.optimizer == "adam" else torch.optim.AdamW
    betas = (settings.beta1, settings.beta2)
    return optimizer(parameters, rate, betas=betas, weight_decay=decay, fused=True)


def set_learning_rate(
    optimizer: Optimizer, step: int, total_steps: int, settings: TrainSettings
) -> None:
    """Set the learning rate of a step, counted from 0."""
    factor = lr_factor(step, total_steps, settings)
    for group in optimizer.param_groups:
        group["lr"] = settings.learning_rate * factor


def lr_factor(step: int, total_steps: int, settings: TrainSettings) -> float:
    """The factor by which the peak learning rate is multiplied in a step, counted from 0."""
    warmup_steps = int(settings.warmup_ratio * total_steps)
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    progress = (step - warmup_steps) / max(total_steps - warmup_steps, 1)
    if settings.lr_schedule == "linear":
        return 1 - progress
    if settings.lr_schedule == "cosine":
        return (1 + math.cos(math.pi * progress)) / 2
    return 1.0
