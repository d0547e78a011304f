"""Nested state as a flat mapping of names to tensors, such as `optimizer.3.exp_avg`."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.optim import Optimizer


def add_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with a prefix before their names."""
    return {prefix + name: tensor for name, tensor in tensors.items() if tensor is not None}


def select_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names have a prefix, under their names without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def pack_optimizer(optimizer: Optimizer) -> dict[str, Tensor]:
    """The state that an optimizer has for each parameter."""
    packed: dict[str, Tensor] = {}
    for index, state in optimizer.state_dict()["state"].items():
        packed |= add_prefix(f"{index}.", state)
    return packed


def restore_optimizer(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Restore the state that `pack_optimizer` returned."""
    document = optimizer.state_dict()
    document["state"] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        document["state"].setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict(document)
