"""Where each direction of a bidirectional network has seen everything, and where it has not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import seqlab
from seqlab.nn import Pooling, build_model
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab_recurrent.rnn import RNN
from seqlab_regression.ends import BothEnds

LAYER: dict[str, Any] = {
    "hidden_size": 20, "nonlinearity": "tanh", "bias": True, "init": "uniform",
    "initial_state": "zeros",
}  # fmt: skip


class DeepBiRNN(nn.Module):
    """The tutorial's, which reads `out[:, -1]`."""

    def __init__(self, num_layers: int, *, every_step: bool) -> None:
        super().__init__()
        self.every_step = every_step
        self.embedding = nn.Embedding(100, 50)
        self.rnn = nn.RNN(50, 20, num_layers=num_layers, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(self.embedding(x))
        return self.fc(out if self.every_step else out[:, -1, :])  # type: ignore[no-any-return]


def test_the_value_lies_at_both_ends() -> None:
    splits = BothEnds(rows=100).load()
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 80, "validation": 10, "test": 10,
    }  # fmt: skip
    for split in splits.values():
        for row in (split[i] for i in range(len(split))):
            assert row["target"] == row["sequence"][0] + row["sequence"][-1]
            assert 5 <= len(row["sequence"]) <= 15
    assert splits["train"][0] == BothEnds(rows=100).load()["train"][0]
    assert splits["train"][0] != BothEnds(rows=100, seed=1).load()["train"][0]


def test_a_value_at_every_step_needs_both_sides() -> None:
    row = BothEnds(per="step", rows=50).load()["train"][0]
    steps = row["sequence"]
    assert row["target"][0] == steps[1]
    assert row["target"][1] == steps[0] + steps[2]
    assert row["target"][-1] == steps[-2]


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_shapes_are_the_tutorial_s(num_layers: int, every_step: bool) -> None:
    theirs = DeepBiRNN(num_layers, every_step=every_step)
    outputs = Outputs("value", (1,), "step" if every_step else "sequence")
    spec = ModelSpec({"symbols": Ids(100)}, outputs)
    around = {"embedding_size": 50, "num_layers": num_layers, "bidirectional": True}
    ours = build_model(RNN, spec, {**LAYER, **around})
    x = torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]])
    assert ours({"symbols": x}, torch.tensor([4, 4])).shape == theirs(x).shape
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())


def test_an_option_gives_every_step(tmp_path: Path) -> None:
    options = {"data.per": "step", "data.rows": 300}
    result = seqlab.run(recipe="deep-birnn", options=options, epochs=1, out=tmp_path / "run")
    assert result["parameters"]["total"] == 10401
    (record,) = seqlab.load(tmp_path / "run").predict([{"sequence": [1, 2, 3, 4]}])
    assert np.shape(record["values"]) == (4,)


def as_in_the_tutorial(self: Pooling, x: Tensor, lengths: Tensor) -> Tensor:
    """`out[:, -1]` of each sequence: there the backward direction has seen one symbol."""
    del self
    return x[torch.arange(len(x)), lengths - 1]


def right_halves(folder: Path) -> float:
    """The share of test sequences whose value is said to be on the right side of the mean."""
    split = BothEnds().load()["test"]
    rows = [split[i] for i in range(len(split))]
    said = [record["value"] for record in seqlab.load(folder).predict(rows)]
    pairs = zip(said, rows, strict=True)
    return float(np.mean([(value > 99) == (row["target"] > 99) for value, row in pairs]))


def test_a_direction_read_at_its_true_end_is_worth_a_quarter_of_the_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backwards read at the last step, the network knows one end only."""
    options = {"train.epochs": 4}
    seqlab.run(recipe="birnn", options=options, out=tmp_path / "true")
    ours = right_halves(tmp_path / "true")
    monkeypatch.setattr(Pooling, "forward", as_in_the_tutorial)
    seqlab.run(recipe="birnn", options=options, out=tmp_path / "theirs")
    theirs = right_halves(tmp_path / "theirs")
    assert ours > 0.95
    assert theirs < 0.8
