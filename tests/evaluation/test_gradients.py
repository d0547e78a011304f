"""Gradients through time, compared with autograd in explicit loops over steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqlab.data.encoding.examples import Examples
from seqlab.errors import UserError
from seqlab.evaluation.gradients import horizon, measure, state_gradients
from seqlab.nn import CrossEntropy, Layer, LinearHead, Model, Objective, SequenceModel
from seqlab.spec import UNSEEN, Batch, Ids, ModelSpec, Outputs, State
from seqlab_recurrent.cell import RNNCell
from seqlab_recurrent.gru import GRU
from seqlab_recurrent.lstm import LSTM
from seqlab_recurrent.rnn import RNN
from tests.contracts.layers import Attention
from tests.contracts.training import examples_of
from tests.nn.tiny import Averaging

TOKENS, CLASSES, WIDTH = 7, 3, 5
CELLS: dict[type[Layer], type[nn.RNNCellBase]] = {
    RNN: nn.RNNCell, RNNCell: nn.RNNCell, GRU: nn.GRUCell, LSTM: nn.LSTMCell,
}  # fmt: skip


def build(layer: type[Layer], per: Any = "sequence", **options: Any) -> SequenceModel:
    torch.manual_seed(0)
    spec = ModelSpec({"tokens": Ids(TOKENS)}, Outputs("class", (CLASSES,), per))
    layer_options = {"hidden_size": WIDTH} if layer in CELLS else {}
    return SequenceModel(spec, layer, layer_options, embedding_size=4, **options).double().eval()


def random_batch(lengths: list[int], per: Any = "sequence") -> Batch:
    """A batch of random rows."""
    generator, steps = torch.Generator().manual_seed(1), max(lengths)
    size = (len(lengths), steps)
    mask = torch.arange(steps) < torch.tensor(lengths)[:, None]
    targets = torch.randint(CLASSES, size if per == "step" else size[:1], generator=generator)
    return Batch(
        inputs={"tokens": torch.randint(TOKENS, size, generator=generator)},
        lengths=torch.tensor(lengths),
        targets=targets,
        mask=mask if per == "step" else mask[:, 0],
        rows=torch.arange(len(lengths)),
        weight=1.0,
    )


class StepLoop:
    """An explicit loop over steps with a cell of torch, which keeps the state of each step.

    Args:
        layer: One of `CELLS`.
        level: The index among the stacked layers of torch.
    """

    def __init__(self, layer: Layer, level: int = 0) -> None:
        names = {"RNN": "rnn", "GRU": "gru", "LSTM": "lstm", "RNNCell": "cell"}
        module = getattr(layer, names[type(layer).__name__])
        suffix = "" if isinstance(layer, RNNCell) else f"_l{level}"
        weights = {
            name: module.get_parameter(name + suffix)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        size = weights["weight_ih"].shape[1]
        self.cell = CELLS[type(layer)](size, WIDTH).double()  # type: ignore[call-arg]
        self.cell.load_state_dict(weights)
        self.states: list[list[Tensor]] = []

    def __call__(self, x: Tensor) -> Tensor:
        is_lstm = isinstance(self.cell, nn.LSTMCell)
        state = [torch.zeros(len(x), WIDTH, dtype=x.dtype) for _ in range(1 + is_lstm)]
        outputs = []
        for step in x.unbind(1):
            result = self.cell(step, tuple(state) if is_lstm else state[0])
            outputs.append(result[0] if is_lstm else result)
            state = [entry.clone() for entry in (result if is_lstm else (result,))]
            for entry in state:
                entry.retain_grad()
            self.states.append(state)
        self.outputs = outputs
        return torch.stack(outputs, dim=1)  # (B, T, H)

    def gradients(self) -> list[Tensor]:
        """(B, T, H) gradients of each entry, through the next step only."""
        entries = zip(*self.states, strict=True)
        return [
            torch.stack([torch.zeros_like(e) if e.grad is None else e.grad for e in entry], dim=1)
            for entry in entries
        ]


def loss_of(model: SequenceModel, features: Tensor, batch: Batch) -> Tensor:
    # in single precision, as in the criterion
    return F.cross_entropy(model.head(features).float(), batch.targets, reduction="sum")


def norm(*gradients: Tensor) -> Tensor:
    """(B, T) norms of all gradients (B, T, H) as one vector."""
    return torch.cat(gradients, dim=2).square().sum(dim=2).sqrt()


@pytest.mark.parametrize("layer", [RNN, RNNCell, GRU])
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_the_total_gradient_of_each_hidden_state(layer: type[Layer], pooling: Any) -> None:
    model, batch = build(layer, pooling=pooling), random_batch([9, 9, 9])
    norms = state_gradients(model, CrossEntropy(), batch)
    loop = StepLoop(model.stack.ahead[0])  # type: ignore[arg-type]
    loop(model.embedder(batch.inputs, batch.lengths))
    for h in loop.outputs:
        h.retain_grad()  # the total: through time and through the pooling
    assert model.pooling is not None
    features = model.pooling(torch.stack(loop.outputs, dim=1), batch.lengths)
    loss_of(model, features, batch).backward()  # type: ignore[no-untyped-call]
    direct = [torch.zeros_like(h) if h.grad is None else h.grad for h in loop.outputs]
    expected = norm(torch.stack(direct, dim=1))
    assert norms.keys() == {"state"}
    torch.testing.assert_close(norms["state"], expected, rtol=1e-10, atol=0)
    assert pooling == "max" or (norms["state"] > 0).all()


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_cell_and_hidden_state_of_an_lstm(pooling: Any) -> None:
    model, batch = build(LSTM, pooling=pooling), random_batch([9, 9, 9])
    norms = state_gradients(model, CrossEntropy(), batch)
    loop = StepLoop(model.stack.ahead[0])  # type: ignore[arg-type]
    y = loop(model.embedder(batch.inputs, batch.lengths))
    y.retain_grad()
    assert model.pooling is not None
    loss_of(model, model.pooling(y, batch.lengths), batch).backward()  # type: ignore[no-untyped-call]
    h, c = loop.gradients()
    assert y.grad is not None
    torch.testing.assert_close(norms["h"], norm(h + y.grad), rtol=1e-10, atol=0)
    torch.testing.assert_close(norms["c"], norm(c), rtol=1e-10, atol=0)
    torch.testing.assert_close(norms["state"], norm(h + y.grad, c), rtol=1e-10, atol=0)
    if pooling == "last":  # `output.grad` of the fused layer is that of the last step alone
        assert y.grad[:, :-1].count_nonzero() == 0


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layer", [RNN, LSTM, RNNCell])
def test_two_levels(layer: type[Layer], bidirectional: bool) -> None:
    model = build(layer, num_layers=2, bidirectional=bidirectional)
    batch = random_batch([8, 8])
    norms = state_gradients(model, CrossEntropy(), batch)["state"]
    fused = len(model.stack.ahead) == 1
    ahead = [
        StepLoop(model.stack.ahead[0 if fused else i], i if fused else 0)  # type: ignore[arg-type]
        for i in range(2)
    ]
    x = model.embedder(batch.inputs, batch.lengths)
    for level in range(2):
        y = ahead[level](x)
        if bidirectional:
            back = StepLoop(model.stack.back[level])(x.flip(1)).flip(1)  # type: ignore[arg-type]
        x = torch.cat([y, back], dim=2) if bidirectional else y
    y.retain_grad()
    assert model.pooling is not None
    loss_of(model, model.pooling(x, batch.lengths), batch).backward()  # type: ignore[no-untyped-call]
    assert y.grad is not None
    gradients = [*ahead[0].gradients(), *ahead[1].gradients()]
    gradients[len(gradients) // 2] += y.grad  # the upper level's h
    torch.testing.assert_close(norms, norm(*gradients), rtol=1e-10, atol=0)


@pytest.mark.parametrize("per", ["sequence", "step"])
def test_padding_does_not_matter(per: Any) -> None:
    model, lengths = build(GRU, per), [9, 4, 1]
    batch = random_batch(lengths, per)
    norms = state_gradients(model, CrossEntropy(), batch)["state"]
    for row, length in enumerate(lengths):
        one = slice(row, row + 1)
        index: Any = (one, slice(length)) if per == "step" else one
        alone = Batch(
            inputs={"tokens": batch.inputs["tokens"][one, :length]},
            lengths=batch.lengths[one],
            targets=batch.targets[index],
            mask=batch.mask[index],
            rows=batch.rows[one],
            weight=1.0,
        )
        expected = state_gradients(model, CrossEntropy(), alone)["state"][0]
        torch.testing.assert_close(norms[row, :length], expected, rtol=1e-10, atol=0)
        assert (expected > 0).all()
        assert (norms[row, length:] == 0).all()


def test_of_targets_per_step_the_last_loss_counts() -> None:
    model, batch = build(RNN, "step"), random_batch([6, 6], "step")
    norms = state_gradients(model, CrossEntropy(), batch)["state"]
    loop = StepLoop(model.stack.ahead[0])  # type: ignore[arg-type]
    loop(model.embedder(batch.inputs, batch.lengths))
    for h in loop.outputs:
        h.retain_grad()
    logits = model.head(loop.outputs[-1]).float()
    F.cross_entropy(logits, batch.targets[:, -1], reduction="sum").backward()  # type: ignore[no-untyped-call]
    expected = torch.stack([h.grad.norm(dim=1) for h in loop.outputs if h.grad is not None], dim=1)
    torch.testing.assert_close(norms, expected, rtol=1e-10, atol=0)


class Fading(Layer):
    """h' = a h + x: a gradient decays to a^k over k steps."""

    causal = True

    def __init__(self, input_size: int, share: float = 0.9) -> None:
        super().__init__()
        self.output_size, self.share = input_size, share

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.advance(x, self.initial_state(len(x)))[0]

    def initial_state(self, batch_size: int) -> State:
        return {"h": torch.zeros(batch_size, self.output_size)}

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        h, steps = state["h"], []
        for step in x.unbind(1):
            h = self.share * h + step
            steps.append(h)
        return torch.stack(steps, dim=1), {"h": h}


class FromOutput(Fading):
    """The same, with the state taken from the output."""

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, _ = super().advance(x, state)
        return y, {"h": y[:, -1]}


def examples(lengths: list[int], targets: list[int]) -> Examples:
    tokens = np.random.default_rng(0).integers(TOKENS, size=sum(lengths))
    return examples_of(
        {"tokens": tokens}, np.array(lengths), np.array(targets, np.int64), "sequence"
    )


@pytest.mark.parametrize("layer", [Fading, FromOutput])
@pytest.mark.parametrize(("share", "steps"), [(0.9, 43), (0.5, 6), (0.99, 458), (0.999, 499)])
def test_the_memory_horizon(layer: type[Layer], share: float, steps: int) -> None:
    spec = ModelSpec({"tokens": Ids(TOKENS)}, Outputs("class", (CLASSES,), "sequence"))
    objective = Objective(SequenceModel(spec, layer, {"share": share}), CrossEntropy())
    result = measure(objective, examples([600, 500, 300], [0, 1, 2]), rows=3)
    settings = [result[name] for name in ("loss", "pooling", "bidirectional", "rows")]
    assert settings == ["sequence", "last", False, 2]
    norms = np.array(result["norms"]["state"])
    powers = share ** np.arange(500)  # of the two longer rows
    np.testing.assert_allclose(norms / norms[0], powers, rtol=1e-9)  # 1e-150 at the least
    assert result["horizon"] == {"steps": steps, "beyond": steps == 499}
    assert steps == min(499, int(np.log(0.01) / np.log(share)))
    assert next(objective.parameters()).dtype == torch.float32  # it is not changed


def test_horizon_of_norms() -> None:
    assert horizon([1.0, 0.5, 0.02, 0.009]) == {"steps": 2, "beyond": False}
    assert horizon([1.0, 0.001, 0.5, 0.0]) == {"steps": 2, "beyond": False}  # it rises again
    assert horizon([1.0, 3.0]) == {"steps": 1, "beyond": True}
    assert horizon([2.0]) == {"steps": 0, "beyond": True}
    assert horizon([0.0, 0.0]) is None


def test_rows_with_an_unseen_target_are_left_out() -> None:
    objective = Objective(build(GRU).float(), CrossEntropy())
    rows = examples([3, 5, 4], [UNSEEN, 1, UNSEEN])
    assert measure(objective, rows, rows=2)["rows"] == 1
    with pytest.raises(UserError, match="no row has a known target"):
        measure(objective, rows.select(np.array([0, 2])), rows=2)


def test_a_state_that_is_not_the_output() -> None:
    model, batch = build(Attention), random_batch([6, 6])
    norms = state_gradients(model, CrossEntropy(), batch)
    assert norms.keys() == {
        "state",
        "key",
        "value",
        "output",
    }  # and not the number of filled entries
    assert (norms["output"][:, -1] > 0).all()
    assert norms["output"][:, :-1].count_nonzero() == 0
    assert (norms["value"][:, :-1] > 0).all()


class Silent(Fading):
    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return x.detach(), state


class Unfinished(Fading):
    advance = Layer.advance


class Layerless(Model):
    def __init__(self) -> None:
        super().__init__()
        self.head = LinearHead(4, Outputs("class", (2,), "sequence"))

    def features(self, inputs: Any, lengths: Tensor) -> Tensor:
        raise AssertionError


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Averaging, "layer Averaging reads the whole sequence at once"),
        (Unfinished, "layer Unfinished has no `initial_state` and `advance`"),
        (Silent, "layer Silent lets no gradient through"),
    ],
)
def test_layers_without_steps(layer: type[Layer], message: str) -> None:
    with pytest.raises(UserError, match=message):
        state_gradients(build(layer), CrossEntropy(), random_batch([3]))


def test_a_model_that_is_not_built_from_layers() -> None:
    with pytest.raises(UserError, match="model Layerless is not built from layers"):
        state_gradients(Layerless(), CrossEntropy(), random_batch([3]))
