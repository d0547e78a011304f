"""Optimisers, and the learning rate of each step."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.optim import Optimizer

from seqlab.config.train_settings import TrainSettings


def build_optimizer(model: nn.Module, settings: TrainSettings) -> Optimizer:
    """The optimiser of all parameters that are trained; fused where torch can."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, rate, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    kind = torch.optim.Adam if settings.optimizer == "adam" else torch.optim.AdamW
    betas = (settings.beta1, settings.beta2)
    return kind(parameters, rate, betas=betas, weight_decay=decay, fused=True)


def rate_factor(step: int, total: int, settings: TrainSettings) -> float:
    """What the peak learning rate is multiplied by at a step, counted from 0."""
    warm = int(settings.warmup_ratio * total)
    if step < warm:
        return (step + 1) / (warm + 1)
    done = (step - warm) / max(total - warm, 1)
    if settings.lr_schedule == "linear":
        return 1 - done
    if settings.lr_schedule == "cosine":
        return (1 + math.cos(math.pi * done)) / 2
    return 1.0
