"""Gradients through time, held against autograd in loops that are written out."""

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

SYMBOLS, CLASSES, WIDTH = 7, 3, 5
CELLS: dict[type[Layer], type[nn.RNNCellBase]] = {
    RNN: nn.RNNCell, RNNCell: nn.RNNCell, GRU: nn.GRUCell, LSTM: nn.LSTMCell,
}  # fmt: skip


def built(layer: type[Layer], per: Any = "sequence", **options: Any) -> SequenceModel:
    torch.manual_seed(0)
    spec = ModelSpec({"symbols": Ids(SYMBOLS)}, Outputs("class", (CLASSES,), per))
    own = {"hidden_size": WIDTH} if layer in CELLS else {}
    return SequenceModel(spec, layer, own, embedding_size=4, **options).double().eval()


def drawn(lengths: list[int], per: Any = "sequence") -> Batch:
    """A batch of random rows."""
    draw, steps = torch.Generator().manual_seed(1), max(lengths)
    size = (len(lengths), steps)
    mask = torch.arange(steps) < torch.tensor(lengths)[:, None]
    targets = torch.randint(CLASSES, size if per == "step" else size[:1], generator=draw)
    return Batch(
        inputs={"symbols": torch.randint(SYMBOLS, size, generator=draw)},
        lengths=torch.tensor(lengths),
        targets=targets,
        mask=mask if per == "step" else mask[:, 0],
        rows=torch.arange(len(lengths)),
        weight=1.0,
    )


class Trainer:
    """A layer's steps written out around torch's cell, with what goes on kept apart.

    Args:
        layer: One of `CELLS`.
        level: Which of torch's stacked layers.
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
        self.handed_on: list[list[Tensor]] = []

    def __call__(self, x: Tensor) -> Tensor:
        is_lstm = isinstance(self.cell, nn.LSTMCell)
        state = [torch.zeros(len(x), WIDTH, dtype=x.dtype) for _ in range(1 + is_lstm)]
        outputs = []
        for step in x.unbind(1):
            found = self.cell(step, tuple(state) if is_lstm else state[0])
            outputs.append(found[0] if is_lstm else found)
            state = [each.clone() for each in (found if is_lstm else (found,))]
            for each in state:
                each.retain_grad()
            self.handed_on.append(state)
        self.outputs = outputs
        return torch.stack(outputs, dim=1)  # (B, T, H)

    def gradients(self) -> list[Tensor]:
        """(B, T, H) of each entry, through the next step only."""
        entries = zip(*self.handed_on, strict=True)
        return [
            torch.stack([torch.zeros_like(e) if e.grad is None else e.grad for e in entry], dim=1)
            for entry in entries
        ]


def loss_of(model: SequenceModel, features: Tensor, batch: Batch) -> Tensor:
    # in single precision, as the criterion
    return F.cross_entropy(model.head(features).float(), batch.targets, reduction="sum")


def norm(*splits: Tensor) -> Tensor:
    """(B, T) of all splits (B, T, H) together."""
    return torch.cat(splits, dim=2).square().sum(dim=2).sqrt()


@pytest.mark.parametrize("layer", [RNN, RNNCell, GRU])
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_all_of_the_gradient_by_each_hidden_state(layer: type[Layer], pooling: Any) -> None:
    model, batch = built(layer, pooling=pooling), drawn([9, 9, 9])
    found = state_gradients(model, CrossEntropy(), batch)
    loop = Trainer(model.stack.ahead[0])  # type: ignore[arg-type]
    loop(model.embedder(batch.inputs, batch.lengths))
    for h in loop.outputs:
        h.retain_grad()  # both ways: through time, and up
    assert model.pooling is not None
    features = model.pooling(torch.stack(loop.outputs, dim=1), batch.lengths)
    loss_of(model, features, batch).backward()  # type: ignore[no-untyped-call]
    direct = [torch.zeros_like(h) if h.grad is None else h.grad for h in loop.outputs]
    expected = norm(torch.stack(direct, dim=1))
    assert found.keys() == {"state"}
    torch.testing.assert_close(found["state"], expected, rtol=1e-10, atol=0)
    assert pooling == "max" or (found["state"] > 0).all()


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_cell_and_hidden_state_of_an_lstm(pooling: Any) -> None:
    model, batch = built(LSTM, pooling=pooling), drawn([9, 9, 9])
    found = state_gradients(model, CrossEntropy(), batch)
    loop = Trainer(model.stack.ahead[0])  # type: ignore[arg-type]
    y = loop(model.embedder(batch.inputs, batch.lengths))
    y.retain_grad()
    assert model.pooling is not None
    loss_of(model, model.pooling(y, batch.lengths), batch).backward()  # type: ignore[no-untyped-call]
    h, c = loop.gradients()
    assert y.grad is not None
    torch.testing.assert_close(found["h"], norm(h + y.grad), rtol=1e-10, atol=0)
    torch.testing.assert_close(found["c"], norm(c), rtol=1e-10, atol=0)
    torch.testing.assert_close(found["state"], norm(h + y.grad, c), rtol=1e-10, atol=0)
    if pooling == "last":  # what `output.grad` of the fused layer says: the last step alone
        assert y.grad[:, :-1].count_nonzero() == 0


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layer", [RNN, LSTM, RNNCell])
def test_two_levels(layer: type[Layer], bidirectional: bool) -> None:
    model = built(layer, num_layers=2, bidirectional=bidirectional)
    batch = drawn([8, 8])
    found = state_gradients(model, CrossEntropy(), batch)["state"]
    fused = len(model.stack.ahead) == 1
    ahead = [
        Trainer(model.stack.ahead[0 if fused else i], i if fused else 0)  # type: ignore[arg-type]
        for i in range(2)
    ]
    x = model.embedder(batch.inputs, batch.lengths)
    for level in range(2):
        y = ahead[level](x)
        if bidirectional:
            back = Trainer(model.stack.back[level])(x.flip(1)).flip(1)  # type: ignore[arg-type]
        x = torch.cat([y, back], dim=2) if bidirectional else y
    y.retain_grad()
    assert model.pooling is not None
    loss_of(model, model.pooling(x, batch.lengths), batch).backward()  # type: ignore[no-untyped-call]
    assert y.grad is not None
    splits = [*ahead[0].gradients(), *ahead[1].gradients()]
    splits[len(splits) // 2] = splits[len(splits) // 2] + y.grad  # the upper level's h
    torch.testing.assert_close(found, norm(*splits), rtol=1e-10, atol=0)


@pytest.mark.parametrize("per", ["sequence", "step"])
def test_rows_of_unequal_length_are_as_alone(per: Any) -> None:
    model, lengths = built(GRU, per), [9, 4, 1]
    batch = drawn(lengths, per)
    found = state_gradients(model, CrossEntropy(), batch)["state"]
    for row, length in enumerate(lengths):
        one = slice(row, row + 1)
        split: Any = (one, slice(length)) if per == "step" else one
        alone = Batch(
            inputs={"symbols": batch.inputs["symbols"][one, :length]},
            lengths=batch.lengths[one],
            targets=batch.targets[split],
            mask=batch.mask[split],
            rows=batch.rows[one],
            weight=1.0,
        )
        own = state_gradients(model, CrossEntropy(), alone)["state"][0]
        torch.testing.assert_close(found[row, :length], own, rtol=1e-10, atol=0)
        assert (own > 0).all()
        assert (found[row, length:] == 0).all()


def test_with_a_target_at_every_step_the_last_one_s_loss_counts() -> None:
    model, batch = built(RNN, "step"), drawn([6, 6], "step")
    found = state_gradients(model, CrossEntropy(), batch)["state"]
    loop = Trainer(model.stack.ahead[0])  # type: ignore[arg-type]
    loop(model.embedder(batch.inputs, batch.lengths))
    for h in loop.outputs:
        h.retain_grad()
    scores = model.head(loop.outputs[-1]).float()
    F.cross_entropy(scores, batch.targets[:, -1], reduction="sum").backward()  # type: ignore[no-untyped-call]
    expected = torch.stack([h.grad.norm(dim=1) for h in loop.outputs if h.grad is not None], dim=1)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=0)


class Fading(Layer):
    """h' = a h + x: a gradient falls to a^k over k steps."""

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
    """The same, and what goes on is taken from the output."""

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, _ = super().advance(x, state)
        return y, {"h": y[:, -1]}


def examples(lengths: list[int], targets: list[int]) -> Examples:
    symbols = np.random.default_rng(0).integers(SYMBOLS, size=sum(lengths))
    return examples_of(
        {"symbols": symbols}, np.array(lengths), np.array(targets, np.int64), "sequence"
    )


@pytest.mark.parametrize("layer", [Fading, FromOutput])
@pytest.mark.parametrize(("share", "steps"), [(0.9, 43), (0.5, 6), (0.99, 458), (0.999, 499)])
def test_the_memory_horizon(layer: type[Layer], share: float, steps: int) -> None:
    spec = ModelSpec({"symbols": Ids(SYMBOLS)}, Outputs("class", (CLASSES,), "sequence"))
    objective = Objective(SequenceModel(spec, layer, {"share": share}), CrossEntropy())
    found = measure(objective, examples([600, 500, 300], [0, 1, 2]), rows=3)
    about = [found[name] for name in ("loss", "pooling", "bidirectional", "rows")]
    assert about == ["sequence", "last", False, 2]
    norms = np.array(found["norms"]["state"])
    powers = share ** np.arange(500)  # of the two longer rows
    np.testing.assert_allclose(norms / norms[0], powers, rtol=1e-9)  # 1e-150 at the least
    assert found["horizon"] == {"steps": steps, "beyond": steps == 499}
    assert steps == min(499, int(np.log(0.01) / np.log(share)))
    assert next(objective.parameters()).dtype == torch.float32  # it stays as it was


def test_horizons() -> None:
    assert horizon([1.0, 0.5, 0.02, 0.009]) == {"steps": 2, "beyond": False}
    assert horizon([1.0, 0.001, 0.5, 0.0]) == {"steps": 2, "beyond": False}  # it comes back
    assert horizon([1.0, 3.0]) == {"steps": 1, "beyond": True}
    assert horizon([2.0]) == {"steps": 0, "beyond": True}
    assert horizon([0.0, 0.0]) is None


def test_rows_whose_target_training_never_had_are_left_out() -> None:
    objective = Objective(built(GRU).float(), CrossEntropy())
    split = examples([3, 5, 4], [UNSEEN, 1, UNSEEN])
    assert measure(objective, split, rows=2)["rows"] == 1
    with pytest.raises(UserError, match="no row has a known target"):
        measure(objective, split.select(np.array([0, 2])), rows=2)


def test_a_state_that_is_not_the_output() -> None:
    model, batch = built(Attention), drawn([6, 6])
    found = state_gradients(model, CrossEntropy(), batch)
    assert found.keys() == {"state", "key", "value", "output"}  # and not how much is filled
    assert (found["output"][:, -1] > 0).all()
    assert found["output"][:, :-1].count_nonzero() == 0
    assert (found["value"][:, :-1] > 0).all()


class Silent(Fading):
    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return x.detach(), state


class Unfinished(Fading):
    advance = Layer.advance


class Whole(Model):
    def __init__(self) -> None:
        super().__init__()
        self.head = LinearHead(4, Outputs("class", (2,), "sequence"))

    def features(self, inputs: Any, lengths: Tensor) -> Tensor:
        raise AssertionError


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Averaging, "layer Averaging sees the whole sequence at once"),
        (Unfinished, "layer Unfinished has no `initial_state` and `advance`"),
        (Silent, "layer Silent lets no gradient through"),
    ],
)
def test_layers_that_cannot_be_stepped(layer: type[Layer], said: str) -> None:
    with pytest.raises(UserError, match=said):
        state_gradients(built(layer), CrossEntropy(), drawn([3]))


def test_a_model_of_an_author_s_own() -> None:
    with pytest.raises(UserError, match="model Whole is not put together"):
        state_gradients(Whole(), CrossEntropy(), drawn([3]))
