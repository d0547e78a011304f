"""At which step each direction of a bidirectional network is read."""

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
    """The model of the tutorial, which reads `out[:, -1]`."""

    def __init__(self, num_layers: int, *, every_step: bool) -> None:
        super().__init__()
        self.every_step = every_step
        self.embedding = nn.Embedding(100, 50)
        self.rnn = nn.RNN(50, 20, num_layers=num_layers, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(self.embedding(x))
        return self.fc(out if self.every_step else out[:, -1, :])  # type: ignore[no-any-return]


def test_the_target_is_the_sum_of_both_ends() -> None:
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


def test_a_target_per_step_is_the_sum_of_its_neighbours() -> None:
    row = BothEnds(per="step", rows=50).load()["train"][0]
    steps = row["sequence"]
    assert row["target"][0] == steps[1]
    assert row["target"][1] == steps[0] + steps[2]
    assert row["target"][-1] == steps[-2]


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_shapes_match_the_tutorial(num_layers: int, every_step: bool) -> None:
    tutorial = DeepBiRNN(num_layers, every_step=every_step)
    outputs = Outputs("value", (1,), "step" if every_step else "sequence")
    spec = ModelSpec({"tokens": Ids(100)}, outputs)
    options = {"embedding_size": 50, "num_layers": num_layers, "bidirectional": True}
    model = build_model(RNN, spec, {**LAYER, **options})
    x = torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]])
    assert model({"tokens": x}, torch.tensor([4, 4])).shape == tutorial(x).shape
    assert sum(p.numel() for p in model.parameters()) == sum(
        p.numel() for p in tutorial.parameters()
    )


def test_the_option_per_gives_a_value_per_step(tmp_path: Path) -> None:
    options = {"data.per": "step", "data.rows": 300}
    result = seqlab.run(recipe="deep-birnn", options=options, epochs=1, out=tmp_path / "run")
    assert result["parameters"]["total"] == 10401
    (record,) = seqlab.load(tmp_path / "run").predict([{"sequence": [1, 2, 3, 4]}])
    assert np.shape(record["predicted"]) == (4,)


def pool_as_the_tutorial(self: Pooling, x: Tensor, lengths: Tensor) -> Tensor:
    """`out[:, -1]` of each sequence, where the backward direction has read one token."""
    del self
    return x[torch.arange(len(x)), lengths - 1]


def half_accuracy(folder: Path) -> float:
    """The share of test sequences whose prediction is on the correct side of the mean."""
    split = BothEnds().load()["test"]
    rows = [split[i] for i in range(len(split))]
    predictions = [record["predicted"] for record in seqlab.load(folder).predict(rows)]
    pairs = zip(predictions, rows, strict=True)
    return float(np.mean([(value > 99) == (row["target"] > 99) for value, row in pairs]))


def test_the_backward_direction_must_be_read_at_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the backward direction is read at the last step, the model knows one end only."""
    options = {"train.epochs": 4}
    seqlab.run(recipe="birnn", options=options, out=tmp_path / "correct")
    correct = half_accuracy(tmp_path / "correct")
    monkeypatch.setattr(Pooling, "forward", pool_as_the_tutorial)
    seqlab.run(recipe="birnn", options=options, out=tmp_path / "tutorial")
    tutorial = half_accuracy(tmp_path / "tutorial")
    assert correct > 0.95
    assert tutorial < 0.8
