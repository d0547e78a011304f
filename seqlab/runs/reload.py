"""A model after its weights were saved and loaded: it must predict the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from seqlab.device import Device
from seqlab.errors import listed
from seqlab.nn import Model, Objective
from seqlab.nn.weights import load_weights_into, weights_of, writable
from seqlab.spec import Batch
from seqlab.training.randomness import seeded

MAX_BYTES = 1 << 28
"""Weights above this size are loaded without the way through the bytes of a file."""

MAX_NAMED = 5
"""Names that a message lists."""


class Unsaved(Exception):  # noqa: N818 — a finding; what it means depends on who looks for it
    """A model that is not the same after it was saved and loaded.

    Args:
        cause: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}: {remedy}")
        self.cause, self.remedy = cause, remedy


def check_reload(
    objective: Objective, build: Callable[[], Model], batch: Batch, device: Device
) -> Objective:
    """Save a copy of a model that has read one batch, load it, and compare the predictions.

    The model itself and the random state are not changed.

    Args:
        objective: Model and criterion.
        build: Builds the model anew.
        batch: What the copy is trained with and predicts.
        device: Where the batch is.

    Returns:
        The copy, in evaluation mode.

    Raises:
        Unsaved: Weights are lost, or the predictions differ.
    """
    _check_memory(objective.model)
    with seeded(0):
        trained = _copy(objective, build).to(device.torch_device)
        with torch.enable_grad(), device.autocast():
            trained.train()(batch)[0].backward()
        _check_hidden(trained.model)
        torch.manual_seed(1)  # what is drawn from the seed and not saved must differ
        loaded = build()
        _load(loaded, _saved(trained.model))
        loaded.to(device.torch_device)
        _check_same(trained.eval().model, loaded.eval(), batch, device)
    return trained


def _copy(objective: Objective, build: Callable[[], Model]) -> Objective:
    try:
        return copy.deepcopy(objective)
    except Exception:  # a layer may hold what cannot be copied
        return Objective(build(), objective.criterion)


def _saved(model: Model) -> dict[str, Tensor]:
    weights = weights_of(model)
    for name, value in weights.items():
        if not isinstance(value, Tensor):
            raise Unsaved(
                f"'{name}' of the state is {type(value).__name__}, not a tensor",
                "keep it as a tensor with `register_buffer`, or compute it from the options",
            )
    tensors = writable(weights)
    size = sum(tensor.nbytes for tensor in tensors.values())
    return load(save(tensors)) if size <= MAX_BYTES else tensors


def _load(model: Model, weights: Mapping[str, Tensor]) -> None:
    try:
        load_weights_into(model, weights)
    except RuntimeError as error:
        reason = " ".join(str(error).partition(":")[2].split())
        raise Unsaved(
            f"a new model does not have the weights of one that has computed: {reason}",
            "create and tie all weights in `__init__`, never in `forward`",
        ) from None


def _check_memory(model: Model) -> None:
    """Two weights in the same memory are one on the CPU, and two on another device."""
    spans = []
    for name, tensor in weights_of(model).items():
        if isinstance(tensor, Tensor) and tensor.numel() and tensor.device.type == "cpu":
            end = 1 + sum(
                (n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True)
            )
            start = tensor.data_ptr()
            spans.append((start, start + end * tensor.element_size(), name))
    spans.sort()
    for (_, end, first), (start, _, second) in pairwise(spans):
        if start < end:
            raise Unsaved(
                f"'{first}' and '{second}' are two weights in the same memory",
                "register one of them and use it twice; a parameter may have two names: "
                "`self.b.weight = self.a.weight`",
            )


def _check_hidden(model: Model) -> None:
    """Weights that got a gradient, although the model does not know of them."""
    hidden = [name for name, tensor in _hidden(model) if tensor.grad is not None]
    if hidden:
        raise Unsaved(
            f"{listed(hidden, MAX_NAMED)}: not registered, so neither trained nor saved",
            "assign a torch.nn.Parameter to an attribute, and keep several in a "
            "torch.nn.ParameterList, modules in a torch.nn.ModuleList",
        )


def _check_same(trained: Model, loaded: Model, batch: Batch, device: Device) -> None:
    expected, actual = (_outputs(model, batch, device) for model in (trained, loaded))
    if _equal(expected, actual) or not _equal(expected, _outputs(trained, batch, device)):
        return  # a model that is random by itself cannot be compared
    pairs = zip(_hidden(trained), _hidden(loaded), strict=False)
    differing = [name for (name, one), (_, other) in pairs if not _equal(one, other)]
    raise Unsaved(
        "the predictions change when the weights are saved and loaded"
        + (f"; not saved: {listed(differing, MAX_NAMED)}" if differing else ""),
        "keep everything that predictions depend on in parameters, or in buffers of "
        "`register_buffer`",
    )


def _outputs(model: Model, batch: Batch, device: Device) -> Tensor:
    torch.manual_seed(0)  # within the context of the check
    with torch.no_grad(), device.autocast():
        outputs: Tensor = model(batch.inputs, batch.lengths)
    if outputs.dim() > batch.mask.dim():
        return outputs[batch.mask].float()
    return outputs.float()


def _equal(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    one, other = one.detach().float(), other.detach().float()
    scale = float(one.abs().nan_to_num().max()) if one.numel() else 0.0
    is_exact = one.device.type == "cpu"  # other devices add in any order
    rtol, atol = (1e-4, 1e-5) if is_exact else (1e-2, 1e-3)
    return torch.allclose(one, other, rtol=rtol, atol=atol * scale, equal_nan=True)


def _hidden(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Tensors in plain attributes, lists and dictionaries of modules, and in buffers not saved."""
    known = {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
    saved = set(model.state_dict())
    for name, tensor in model.named_buffers():
        if name not in saved:
            yield name, tensor
    modules = {id(module) for module in model.modules()}
    for prefix, module in model.named_modules():
        for key, value in vars(module).items():
            if not key.startswith("_") or key.startswith("_flat"):
                yield from _tensors(f"{prefix}.{key}".lstrip("."), value, known, modules, 3)


def _tensors(
    name: str, value: object, known: set[int], modules: set[int], depth: int
) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        if id(value) not in known:
            yield name, value
    elif isinstance(value, nn.Module):
        if id(value) not in modules:
            yield from ((f"{name}.{key}", p) for key, p in value.named_parameters())
    elif depth and isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from _tensors(f"{name}[{index}]", entry, known, modules, depth - 1)
    elif depth and isinstance(value, dict):
        for key, entry in value.items():
            yield from _tensors(f"{name}[{key!r}]", entry, known, modules, depth - 1)
