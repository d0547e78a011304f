"""The rules that every model keeps, each as a plain function on a subject."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch
import torch
from torch import Generator, Tensor, nn

from seqlab.errors import PluginError
from seqlab.nn import CrossEntropy, Model, Objective, Prediction, SquaredError, step_mask
from seqlab.spec import Batch, ModelSpec, State
from seqlab.testing.batches import (
    mixed,
    random_batch,
    shuffled_symbols,
    take_rows,
    take_steps,
    with_garbage,
)

TOLERANCE = 1e-5


class Violation(Exception):  # noqa: N818 — a finding, not a defect of the suite
    """A rule is broken; the message is the evidence."""


class Skipped(Exception):  # noqa: N818
    """A rule does not apply; the message says why."""


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Args:
        build: Builds the model, with other start weights each time.
        spec: What it is built for.
        seed: Of the weights and of the batches.
    """

    build: Callable[[], Model]
    spec: ModelSpec
    seed: int = 0

    def model(self, seed: int = 0) -> Model:
        """A new model in eval mode.

        A little noise is added to its weights: a part that starts at 0 would hide all others.
        """
        torch.manual_seed(self.seed + seed)
        model = self.build().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter), alpha=0.05)
        return model

    def generator(self) -> Generator:
        """The source of batches, the same at each call."""
        return torch.Generator().manual_seed(self.seed)

    def objective(self, model: Model) -> Objective:
        """The model with the usual criterion of its outputs."""
        kind = self.spec.outputs.kind
        return Objective(model, CrossEntropy() if kind == "class" else SquaredError()).eval()


@dataclass(frozen=True)
class Check:
    """One rule.

    Args:
        id: Its stable name.
        since: The first version of seqlab that has it.
        why: Why it matters.
        function: Raises `Violation` with evidence, or `Skipped` with a reason.
    """

    id: str
    since: str
    why: str
    function: Callable[[Subject], None]


def padding(subject: Subject) -> None:
    """What is predicted for a sequence does not depend on its padding."""
    spec, draw = subject.spec, subject.generator()
    objective, batch = subject.objective(subject.model()), random_batch(spec, draw)
    expected = _predict(objective, batch)
    for extra, nan in ((0, False), (3, False), (3, True)):
        found = _predict(objective, with_garbage(spec, batch, draw, extra=extra, nan=nan))
        what = f"{extra} steps of padding more, {'NaN' if nan else 'other values'} in all of it"
        _same_prediction(batch, expected, found, what)


def neighbours(subject: Subject) -> None:
    """What is predicted for a sequence depends neither on other rows nor on their order."""
    spec, draw = subject.spec, subject.generator()
    objective, batch = subject.objective(subject.model()), random_batch(spec, draw)
    expected, rows = _predict(objective, batch), torch.arange(len(batch))
    order = torch.randperm(len(batch), generator=draw)
    other = shuffled_symbols(spec, take_rows(spec, batch, order), draw)
    _same_rows(subject, batch, expected, _predict(objective, other), order, "rows in other order")
    for row in rows:
        alone = take_rows(spec, batch, row[None])
        found = _predict(objective, alone)
        _same_rows(subject, batch, expected, found, row[None], f"row {int(row)} alone")
        keep = (rows == row)[:, None]  # (B, 1)
        lengths = torch.where(rows == row, batch.lengths, batch.lengths.flip(0))
        changed = mixed(spec, batch, random_batch(spec, draw), keep)
        found = _rows(_predict(objective, replace(changed, lengths=lengths)), row[None])
        _same_rows(subject, batch, expected, found, row[None], "other rows replaced")


def causality(subject: Subject) -> None:
    """Step t of a causal model sees nothing after t."""
    spec, draw, model = subject.spec, subject.generator(), subject.model()
    if spec.outputs.per == "sequence":
        raise Skipped("one output a sequence")
    if not spec.causal and _empty_state(model, 1) is None:
        raise Skipped("the model does not say that it is causal")
    batch = random_batch(spec, draw)
    expected = _scores(model, batch)  # (B, T, …)
    steps = torch.arange(expected.size(1))  # (T,)
    for step in steps[:-1]:
        keep = (steps <= step).expand(len(batch), -1)  # (B, T)
        found = _scores(model, mixed(spec, batch, random_batch(spec, draw), keep))
        what = f"scores, inputs after step {int(step)} changed"
        _same(what, expected, found, keep & batch.mask)


def streaming(subject: Subject) -> None:
    """`advance`, chunk by chunk, gives what `features` gives at once."""
    spec, model = subject.spec, subject.model()
    batch = random_batch(spec, subject.generator(), lengths=(7, 7, 7))
    state = _empty_state(model, len(batch))
    if state is None:
        if spec.causal and spec.outputs.per == "step":
            raise Violation("the spec is causal, and the model has no `initial_state`")
        raise Skipped("the model does not go on from a state")
    expected = model.features(batch.inputs, batch.lengths)  # (B, T, D)
    real = step_mask(batch.lengths, expected.size(1))  # (B, T)
    for chunks in ((1,) * 7, (3, 1, 2, 1), (7,)):
        found = _streamed(subject, model, batch, state, chunks)
        _same(f"features in chunks of {chunks}", expected, found, real)
        _same(f"scores in chunks of {chunks}", _scores(model, batch), model.head(found), real)


def gradients(subject: Subject) -> None:
    """Every trainable parameter gets a finite gradient.

    One that is 0 throughout is a gradient only for a bias: a softmax may take its effect away.
    """
    model, draw = subject.model(), subject.generator()
    objective = subject.objective(model).train()
    for _ in range(3):
        batch = random_batch(subject.spec, draw)
        with torch.enable_grad():
            (objective(batch)[0] / batch.weight).backward()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            _check_gradient(name, parameter)


def save_load(subject: Subject) -> None:
    """Weights that were saved and loaded into a new model give the same scores."""
    before, after = subject.model(), subject.model(seed=1)
    batch = random_batch(subject.spec, subject.generator())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        safetensors.torch.save_model(before, str(file))
        safetensors.torch.load_model(after, file)
    real = batch.mask
    _same("scores after loading", _scores(before, batch), _scores(after, batch), real)


CHECKS: tuple[Check, ...] = (
    Check("padding", "0.1", "a prediction would change with the batch it is made in", padding),
    Check("neighbours", "0.1", "a result would depend on order and batch size", neighbours),
    Check("causality", "0.1", "a model that sees its target scores well and is useless", causality),
    Check("streaming", "0.1", "generated text would not be what was trained", streaming),
    Check("gradients", "0.1", "a part that does not learn is dead weight, or a bug", gradients),
    Check("save_load", "0.1", "a saved run would predict something else", save_load),
)
"""All rules, in the order in which they are checked."""


def _predict(objective: Objective, batch: Batch) -> Prediction:
    shape = objective.model.features(batch.inputs, batch.lengths).shape[: batch.mask.dim()]
    if shape != batch.mask.shape:
        raise Violation(f"features are {(*shape, '…')} for inputs of {tuple(batch.mask.shape)}")
    return objective.predict(batch)[0]


def _scores(model: Model, batch: Batch) -> Tensor:
    return model(batch.inputs, batch.lengths)  # type: ignore[no-any-return]


def _rows(found: Prediction, rows: Tensor) -> Prediction:
    return Prediction(found.losses[rows], found.outputs[rows], found.predictions[rows])


def _empty_state(model: Model, batch_size: int) -> State | None:
    try:
        return model.initial_state(batch_size)
    except PluginError:
        return None


def _streamed(
    subject: Subject, model: Model, batch: Batch, state: State, chunks: Iterable[int]
) -> Tensor:
    """The features, with the rows in another order at every chunk."""
    order, at, found = torch.arange(len(batch)), 0, []
    for chunk in chunks:
        ordered = take_rows(subject.spec, batch, order)
        inputs = take_steps(subject.spec, ordered.inputs, at, at + chunk)
        y, state = model.advance(inputs, state)  # (B, chunk, D)
        _check_state(state, len(batch))
        found.append(y[order.argsort()])
        at, order = at + chunk, order.roll(1)
        state = {name: entry.roll(1, 0) for name, entry in state.items()}
    return torch.cat(found, dim=1)  # (B, T, D)


def _check_state(state: Mapping[str, Tensor], batch_size: int) -> None:
    for name, entry in state.items():
        if entry.dim() == 0 or len(entry) != batch_size:
            shape = tuple(entry.shape)
            raise Violation(f"state '{name}' is {shape} for {batch_size} rows, not (B, …)")


def _check_gradient(name: str, parameter: nn.Parameter) -> None:
    gradient = parameter.grad
    if gradient is None:
        raise Violation(f"'{name}' {tuple(parameter.shape)} gets no gradient")
    gradient = gradient.to_dense()
    if not gradient.isfinite().all():
        raise Violation(f"the gradient of '{name}' {tuple(parameter.shape)} is not finite")
    if parameter.dim() > 1 and not gradient.any():
        raise Violation(f"the gradient of '{name}' {tuple(parameter.shape)} is 0 throughout")


def _same_rows(
    subject: Subject,
    batch: Batch,
    expected: Prediction,
    found: Prediction,
    rows: Tensor,
    what: str,
) -> None:
    chosen = take_rows(subject.spec, batch, rows)
    _same_prediction(chosen, _rows(expected, rows), found, what)


def _same_prediction(batch: Batch, expected: Prediction, found: Prediction, what: str) -> None:
    rows = torch.ones(len(batch), dtype=torch.bool)
    _same(f"scores, {what}", expected.outputs, found.outputs, batch.mask)
    _same(f"losses, {what}", expected.losses, found.losses, rows)
    _same(f"decisions, {what}", expected.predictions, found.predictions, batch.mask)


def _same(what: str, expected: Tensor, found: Tensor, real: Tensor) -> None:
    """Compare where `real` (B,) or (B, T) is True; `found` may have more padding."""
    if real.dim() == 2:
        found = found[:, : real.size(1)]
    if expected.shape != found.shape:
        raise Violation(f"{what}: shape {tuple(found.shape)} instead of {tuple(expected.shape)}")
    near = torch.isclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)
    wrong = ~near.flatten(real.dim()).all(-1) if near.dim() > real.dim() else ~near
    places = (wrong & real).nonzero()  # (N, 1) or (N, 2)
    if len(places):
        first = tuple(int(i) for i in places[0])
        where = ", ".join(f"{n} {i}" for n, i in zip(("row", "step"), first, strict=False))
        raise Violation(f"{what}: {where}: {_shown(expected[first])} became {_shown(found[first])}")


def _shown(values: Tensor) -> str:
    few = ", ".join(f"{float(v):.6g}" for v in values.flatten()[:4])
    return f"[{few}{', …' if values.numel() > 4 else ''}]"
