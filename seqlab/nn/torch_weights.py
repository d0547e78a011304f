"""Convert weights of recurrent layers to and from `nn.RNN`, `nn.GRU` and `nn.LSTM`.

Torch keeps all levels and directions in one module; here, each level may be a separate layer:

    weight_ih_l1           stack.ahead.0.lstm.weight_ih_l1   a layer that stacks itself
    weight_ih_l1           stack.ahead.1.cell.weight_ih      a layer that `Stack` stacks
    weight_ih_l1_reverse   stack.back.1.lstm.weight_ih_l0    the backward direction

    lstm.load_state_dict(weights_to_torch(load_file("runs/NAME/model.safetensors")))
    save_file(weights_from_torch(lstm.state_dict(), model.state_dict()), "init.safetensors")

The second file is for `--init-from`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from seqlab.errors import UserError

_MODEL_NAME = re.compile(
    r"(?:(?:.*\.)?(?P<direction>ahead|back)\.(?P<index>\d+)\.)?"
    r"(?:\w+\.)?(?P<kind>(?:weight|bias)_(?:ih|hh))(?:_l(?P<level>\d+))?"
)


def weights_to_torch(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The recurrent weights of a model, under the names of torch's module.

    Args:
        weights: Weights of a model, a stack or a layer, as in its `state_dict` or in a run's
            weights file. Weights that are not recurrent are left out.

    Raises:
        UserError: There are no recurrent weights, or more than one torch module can hold.
    """
    return {torch_name: weights[name] for torch_name, name in _by_torch_name(weights).items()}


def weights_from_torch(weights: Mapping[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
    """The weights of torch's module, under the names of a model.

    Args:
        weights: `state_dict` of an `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        names: Names of the weights of a model, a stack or a layer with the same depth and
            directions.

    Raises:
        UserError: The two do not have the same weights.
    """
    model_names = _by_torch_name(names)
    if unmatched := sorted(model_names.keys() ^ weights.keys()):
        owner = "the torch module" if unmatched[0] in weights else "the model"
        raise UserError(
            f"{len(unmatched)} weights have no counterpart; only {owner} has '{unmatched[0]}'",
            remedy="use the same kind of layer, num_layers, directions and biases in both",
        )
    return {name: weights[torch_name] for torch_name, name in model_names.items()}


def _by_torch_name(names: Iterable[str]) -> dict[str, str]:
    """Torch's name → the model's name, for each recurrent weight."""
    model_names: dict[str, str] = {}
    for name in names:
        if match := _MODEL_NAME.fullmatch(name):
            level = int(match["index"] or 0) + int(match["level"] or 0)
            torch_name = f"{match['kind']}_l{level}" + "_reverse" * (match["direction"] == "back")
            if torch_name in model_names:
                raise UserError(
                    f"'{model_names[torch_name]}' and '{name}' both map to torch's '{torch_name}'",
                    remedy="pass the weights of one stack only",
                )
            model_names[torch_name] = name
    if not model_names:
        raise UserError(
            "there are no recurrent weights", remedy="pass the weights of a recurrent model"
        )
    return model_names
