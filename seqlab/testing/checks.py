"""The rules that every model must follow, each as a function of a `Subject`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor, nn

from seqlab.device import Device
from seqlab.errors import PluginError
from seqlab.nn import CrossEntropy, Model, Objective, Prediction, SquaredError, step_mask
from seqlab.runs.reload import Unsaved, check_reload
from seqlab.spec import Batch, ModelSpec, State
from seqlab.testing.batches import (
    mix_inputs,
    random_batch,
    shuffle_tokens,
    take_rows,
    take_steps,
    with_garbage,
)

TOLERANCE = 1e-5


class Violation(Exception):  # noqa: N818 — a finding, not an error of the suite
    """A rule is broken; the message is the evidence."""


class Skipped(Exception):  # noqa: N818
    """A rule does not apply; the message is the reason."""


@dataclass(frozen=True)
class Subject:
    """The model to check.

    Args:
        build: Builds the model, with different initial weights at each call.
        spec: The inputs and outputs that the model is built for.
        seed: Seed of weights and batches.
    """

    build: Callable[[], Model]
    spec: ModelSpec
    seed: int = 0

    def model(self, seed: int = 0) -> Model:
        """A new model in eval mode.

        A little noise is added to its weights, because a parameter that is 0 at first would hide
        the effect of all modules before it.
        """
        torch.manual_seed(self.seed + seed)
        model = self.build().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter), alpha=0.05)
        return model

    def generator(self) -> Generator:
        """The source of batches, in the same state at each call."""
        return torch.Generator().manual_seed(self.seed)

    def objective(self, model: Model) -> Objective:
        """The model with the default criterion of its outputs."""
        kind = self.spec.outputs.kind
        return Objective(model, CrossEntropy() if kind == "class" else SquaredError()).eval()


@dataclass(frozen=True)
class Check:
    """One rule.

    Args:
        id: Stable name.
        since: First version of seqlab with this check.
        why: Why the rule matters.
        function: Raises `Violation` with evidence, or `Skipped` with a reason.
    """

    id: str
    since: str
    why: str
    function: Callable[[Subject], None]


def padding(subject: Subject) -> None:
    """The prediction for a sequence does not depend on its padding."""
    spec, generator = subject.spec, subject.generator()
    objective, batch = subject.objective(subject.model()), random_batch(spec, generator)
    expected = _predict(objective, batch)
    for extra, nan in ((0, False), (3, False), (3, True)):
        padded = with_garbage(spec, batch, generator, extra=extra, nan=nan)
        change = f"{extra} more steps of padding, {'NaN' if nan else 'other values'} in all of it"
        _check_prediction(change, batch, expected, _predict(objective, padded))


def neighbours(subject: Subject) -> None:
    """The prediction for a sequence depends neither on other rows nor on the order of rows."""
    spec, generator = subject.spec, subject.generator()
    objective, batch = subject.objective(subject.model()), random_batch(spec, generator)
    expected, rows = _predict(objective, batch), torch.arange(len(batch))
    order = torch.randperm(len(batch), generator=generator)
    reordered = shuffle_tokens(spec, take_rows(spec, batch, order), generator)
    actual = _predict(objective, reordered)
    _check_rows("rows in a different order", subject, batch, order, expected, actual)
    for row in rows:
        actual = _predict(objective, take_rows(spec, batch, row[None]))
        _check_rows(f"row {int(row)} alone", subject, batch, row[None], expected, actual)
        keep = (rows == row)[:, None]  # (B, 1)
        lengths = torch.where(rows == row, batch.lengths, batch.lengths.flip(0))
        replaced = mix_inputs(spec, batch, random_batch(spec, generator), keep)
        actual = _predict(objective, replace(replaced, lengths=lengths))
        actual = _rows(actual, row[None])
        _check_rows("other rows replaced", subject, batch, row[None], expected, actual)


def causality(subject: Subject) -> None:
    """Step t of a causal model depends on no later step."""
    spec, generator, model = subject.spec, subject.generator(), subject.model()
    if spec.outputs.per == "sequence":
        raise Skipped("one output per sequence")
    if not spec.causal and _initial_state(model, 1) is None:
        raise Skipped("the model does not claim to be causal")
    batch = random_batch(spec, generator)
    expected = _outputs(model, batch)  # (B, T, …)
    steps = torch.arange(expected.size(1))  # (T,)
    for step in steps[:-1]:
        keep = (steps <= step).expand(len(batch), -1)  # (B, T)
        changed = mix_inputs(spec, batch, random_batch(spec, generator), keep)
        what = f"outputs, inputs after step {int(step)} changed"
        _check_close(what, expected, _outputs(model, changed), keep & batch.mask)


def streaming(subject: Subject) -> None:
    """`advance`, chunk by chunk, returns the same as `features` at once."""
    spec, model = subject.spec, subject.model()
    batch = random_batch(spec, subject.generator(), lengths=(7, 7, 7))
    state = _initial_state(model, len(batch))
    if state is None:
        if spec.causal and spec.outputs.per == "step":
            raise Violation("the spec is causal, but the model does not support `initial_state`")
        raise Skipped("the model cannot continue from a carried state")
    expected = model.features(batch.inputs, batch.lengths)  # (B, T, D)
    real = step_mask(batch.lengths, expected.size(1))  # (B, T)
    for chunks in ((1,) * 7, (3, 1, 2, 1), (7,)):
        actual = _stream(subject, model, batch, state, chunks)
        _check_close(f"features in chunks of {chunks}", expected, actual, real)
        outputs = model.head(actual)
        _check_close(f"outputs in chunks of {chunks}", _outputs(model, batch), outputs, real)


def gradients(subject: Subject) -> None:
    """Every trainable parameter gets a finite gradient.

    A gradient of 0 everywhere is accepted only for a bias, whose effect a softmax may cancel.
    """
    model, generator = subject.model(), subject.generator()
    objective = subject.objective(model).train()
    for _ in range(3):
        batch = random_batch(subject.spec, generator)
        with torch.enable_grad():
            (objective(batch)[0] / batch.weight).backward()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            _check_gradient(name, parameter)


def save_load(subject: Subject) -> None:
    """Weights that were saved and loaded into a new model give the same outputs."""
    objective = subject.objective(subject.model())
    batch = random_batch(subject.spec, subject.generator())
    cpu = Device(torch.device("cpu"), "fp32")
    try:
        check_reload(objective, lambda: subject.model(seed=1), batch, cpu)
    except Unsaved as problem:
        raise Violation(f"{problem.cause}; {problem.remedy}") from None


CHECKS: tuple[Check, ...] = (
    Check("padding", "0.1", "a prediction would depend on the batch that it is made in", padding),
    Check("neighbours", "0.1", "results would depend on row order and batch size", neighbours),
    Check(
        "causality", "0.1", "a model that sees its targets scores well but is useless", causality
    ),
    Check("streaming", "0.1", "generation would not use the model that was trained", streaming),
    Check("gradients", "0.1", "a parameter that is not trained is useless, or a bug", gradients),
    Check("save_load", "0.1", "a saved run would make different predictions", save_load),
)
"""All rules, in the order in which they are checked."""


def _predict(objective: Objective, batch: Batch) -> Prediction:
    shape = objective.model.features(batch.inputs, batch.lengths).shape[: batch.mask.dim()]
    if shape != batch.mask.shape:
        raise Violation(f"features are {(*shape, '…')} for inputs of {tuple(batch.mask.shape)}")
    return objective.predict(batch)[0]


def _outputs(model: Model, batch: Batch) -> Tensor:
    return model(batch.inputs, batch.lengths)  # type: ignore[no-any-return]


def _rows(prediction: Prediction, rows: Tensor) -> Prediction:
    return Prediction(
        prediction.losses[rows], prediction.outputs[rows], prediction.predictions[rows]
    )


def _initial_state(model: Model, batch_size: int) -> State | None:
    try:
        return model.initial_state(batch_size)
    except PluginError:
        return None


def _stream(
    subject: Subject, model: Model, batch: Batch, state: State, chunks: Iterable[int]
) -> Tensor:
    """The features, chunk by chunk, with the rows in a different order in every chunk."""
    order, start, features = torch.arange(len(batch)), 0, []
    for chunk in chunks:
        ordered = take_rows(subject.spec, batch, order)
        inputs = take_steps(subject.spec, ordered.inputs, start, start + chunk)
        y, state = model.advance(inputs, state)  # (B, chunk, D)
        _check_state(state, len(batch))
        features.append(y[order.argsort()])
        start, order = start + chunk, order.roll(1)
        state = {name: entry.roll(1, 0) for name, entry in state.items()}
    return torch.cat(features, dim=1)  # (B, T, D)


def _check_state(state: Mapping[str, Tensor], batch_size: int) -> None:
    for name, entry in state.items():
        if entry.dim() == 0 or len(entry) != batch_size:
            shape = tuple(entry.shape)
            raise Violation(f"state '{name}' is {shape} for {batch_size} rows, not (B, …)")


def _check_gradient(name: str, parameter: nn.Parameter) -> None:
    gradient, shape = parameter.grad, tuple(parameter.shape)
    if gradient is None:
        raise Violation(f"'{name}' {shape} gets no gradient")
    gradient = gradient.to_dense()
    if not gradient.isfinite().all():
        raise Violation(f"the gradient of '{name}' {shape} is not finite")
    if parameter.dim() > 1 and not gradient.any():
        raise Violation(f"the gradient of '{name}' {shape} is 0 everywhere")


def _check_rows(
    change: str,
    subject: Subject,
    batch: Batch,
    rows: Tensor,
    expected: Prediction,
    actual: Prediction,
) -> None:
    selected = take_rows(subject.spec, batch, rows)
    _check_prediction(change, selected, _rows(expected, rows), actual)


def _check_prediction(change: str, batch: Batch, expected: Prediction, actual: Prediction) -> None:
    rows = torch.ones(len(batch), dtype=torch.bool)
    mask = batch.mask
    _check_close(f"outputs, {change}", expected.outputs, actual.outputs, mask)
    _check_close(f"losses, {change}", expected.losses, actual.losses, rows)
    _check_close(f"predictions, {change}", expected.predictions, actual.predictions, mask)


def _check_close(what: str, expected: Tensor, actual: Tensor, mask: Tensor) -> None:
    """Compare where `mask` (B,) or (B, T) is True; `actual` may have more padding."""
    if mask.dim() == 2:
        actual = actual[:, : mask.size(1)]
    if expected.shape != actual.shape:
        raise Violation(f"{what}: shape {tuple(actual.shape)} instead of {tuple(expected.shape)}")
    close = torch.isclose(actual, expected, rtol=TOLERANCE, atol=TOLERANCE)
    wrong = ~close.flatten(mask.dim()).all(-1) if close.dim() > mask.dim() else ~close
    positions = (wrong & mask).nonzero()  # (N, 1) or (N, 2)
    if len(positions):
        first = tuple(int(i) for i in positions[0])
        where = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "step"), first, strict=False))
        before, after = _format(expected[first]), _format(actual[first])
        raise Violation(f"{what}: {where}: {before} became {after}")


def _format(values: Tensor) -> str:
    shown = ", ".join(f"{float(value):.6g}" for value in values.flatten()[:4])
    return f"[{shown}{', …' if values.numel() > 4 else ''}]"
