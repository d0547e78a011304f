"""State within state as flat names, as safetensors holds it: `optimizer.3.exp_avg`."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.optim import Optimizer


def over(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every name with a prefix."""
    return {prefix + name: tensor for name, tensor in tensors.items() if tensor is not None}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What has a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def pack_optimizer(optimizer: Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers of each parameter."""
    packed: dict[str, Tensor] = {}
    for place, entry in optimizer.state_dict()["state"].items():
        packed |= over(f"{place}.", entry)
    return packed


def restore_optimizer(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give back what `pack_optimizer` took."""
    document = optimizer.state_dict()
    document["state"] = {}
    for name, tensor in tensors.items():
        place, _, key = name.partition(".")
        document["state"].setdefault(int(place), {})[key] = tensor
    optimizer.load_state_dict(document)
