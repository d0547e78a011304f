"""Start weights of recurrent layers."""

from __future__ import annotations

from typing import Literal

from torch import nn

Init = Literal["orthogonal", "uniform", "small"]

SMALL = 0.01
"""Standard deviation of small start weights."""


def init_recurrent(module: nn.Module, init: Init) -> None:
    """Set the start weights of a module that has torch's names for them, and torch's values.

    Args:
        module: With parameters `weight_ih…`, `weight_hh…`, `bias_ih…` and `bias_hh…`.
        init: "uniform" leaves them as torch has drawn them. "orthogonal" makes the recurrent
            ones orthogonal (Saxe 2014) and biases 0. "small" draws weights from N(0, 0.01²)
            and makes biases 0.
    """
    if init == "uniform":
        return
    for name, parameter in module.named_parameters():
        if name.startswith("bias"):
            nn.init.zeros_(parameter)
        elif init == "small":
            nn.init.normal_(parameter, 0.0, SMALL)
        elif name.startswith("weight_hh"):
            nn.init.orthogonal_(parameter)
