"""The weights of a model as they are saved: every tensor once, even if it has several names."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn


def aliases(model: nn.Module) -> dict[str, str]:
    """Further names of weights that are registered more than once → the first name of each.

    The tensors are compared by identity, so that a model on the device "meta" has the same result.
    """
    first: dict[int, str] = {}
    further: dict[str, str] = {}
    named = (
        *model.named_parameters(remove_duplicate=False),
        *model.named_buffers(remove_duplicate=False),
    )
    for name, tensor in named:
        if first.setdefault(id(tensor), name) != name:
            further[name] = first[id(tensor)]
    return further


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """The state of a model without further names of the same tensor."""
    further = aliases(model)
    return {name: tensor for name, tensor in model.state_dict().items() if name not in further}


def load_weights_into(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Load what `weights_of` returned; a tensor that has several names is one tensor again.

    Raises:
        RuntimeError: Names or shapes differ from those of the model.
    """
    further = {name: weights[first] for name, first in aliases(model).items() if first in weights}
    model.load_state_dict({**further, **weights})


def writable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as a file can hold them: on the CPU, contiguous, each with its own memory."""
    result: dict[str, Tensor] = {}
    known: set[int] = set()
    for name, tensor in tensors.items():
        values = tensor.detach().cpu().contiguous()
        pointer = values.untyped_storage().data_ptr()
        # tensors without elements all have the pointer 0, and share nothing
        result[name] = values.clone() if values.numel() and pointer in known else values
        known.add(pointer)
    return result
