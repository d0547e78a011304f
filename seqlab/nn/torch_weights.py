"""Weights of recurrent layers under torch's names, to and from `nn.RNN`, `nn.GRU` and `nn.LSTM`.

Torch keeps all levels and directions in one module, here each level may be a layer of its own:

    weight_ih_l1           stack.ahead.0.lstm.weight_ih_l1   a layer that stacks itself
    weight_ih_l1           stack.ahead.1.cell.weight_ih      one that the core stacks
    weight_ih_l1_reverse   stack.back.1.lstm.weight_ih_l0    the backward direction

    theirs.load_state_dict(weights_to_torch(load_file("runs/NAME/model.safetensors")))
    save_file(weights_from_torch(theirs.state_dict(), own), "start.safetensors")  # --init-from
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from seqlab.errors import UserError

_OWN = re.compile(
    r"(?:(?:.*\.)?(?P<direction>ahead|back)\.(?P<place>\d+)\.)?"
    r"(?:\w+\.)?(?P<kind>(?:weight|bias)_(?:ih|hh))(?:_l(?P<level>\d+))?"
)


def weights_to_torch(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The recurrent weights of a model as torch's module names them.

    Args:
        weights: Of a model, a stack or a layer, as `state_dict` or a run's file names them; all
            that are not recurrent are left out.

    Raises:
        UserError: There are none, or more than one module of torch's can hold.
    """
    return {theirs: weights[own] for theirs, own in _own_names(weights).items()}


def weights_from_torch(weights: Mapping[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
    """The weights of torch's module as a model names them.

    Args:
        weights: `state_dict` of an `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        names: Of the weights of a model, a stack or a layer of the same depth and directions.

    Raises:
        UserError: The two do not have the same weights.
    """
    own = _own_names(names)
    if odd := sorted(own.keys() ^ weights.keys()):
        whose = "the module" if odd[0] in weights else "the model"
        raise UserError(
            f"{len(odd)} weights have no counterpart; only {whose} has '{odd[0]}'",
            remedy="give both the same layer, num_layers, directions and biases",
        )
    return {name: weights[theirs] for theirs, name in own.items()}


def _own_names(names: Iterable[str]) -> dict[str, str]:
    """Torch's names → ours."""
    found: dict[str, str] = {}
    for name in names:
        if match := _OWN.fullmatch(name):
            level = int(match["place"] or 0) + int(match["level"] or 0)
            theirs = f"{match['kind']}_l{level}" + "_reverse" * (match["direction"] == "back")
            if theirs in found:
                raise UserError(
                    f"'{found[theirs]}' and '{name}' would both be torch's '{theirs}'",
                    remedy="give the weights of one stack",
                )
            found[theirs] = name
    if not found:
        raise UserError("there are no recurrent weights", remedy="give those of another model")
    return found
