"""Initial weights of recurrent layers."""

from __future__ import annotations

from typing import Literal

from torch import nn

Init = Literal["orthogonal", "uniform", "small"]

SMALL_STD = 0.01
"""Standard deviation of "small" initial weights."""


def init_recurrent(module: nn.Module, init: Init) -> None:
    """Initialize a module whose parameters have torch's names and torch's default values.

    Args:
        module: Module with parameters `weight_ih…`, `weight_hh…`, `bias_ih…` and `bias_hh…`.
        init: "uniform" keeps torch's default values. "orthogonal" makes the recurrent weights
            orthogonal (Saxe 2014) and the biases 0. "small" draws the weights from N(0, 0.01²)
            and makes the biases 0.
    """
    if init == "uniform":
        return
    for name, parameter in module.named_parameters():
        if name.startswith("bias"):
            nn.init.zeros_(parameter)
        elif init == "small":
            nn.init.normal_(parameter, 0.0, SMALL_STD)
        elif name.startswith("weight_hh"):
            nn.init.orthogonal_(parameter)
