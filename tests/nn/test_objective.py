from __future__ import annotations

from dataclasses import replace

import torch

from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.nn.objective import reset_state
from seqlab.spec import Batch, Ids, ModelSpec, Outputs
from seqlab.testing import random_batch
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"tokens": Ids(6)}, Outputs("class", (6,), "step"), causal=True)


def build_objective() -> Objective:
    torch.manual_seed(0)
    return Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=4), CrossEntropy()).eval()


def batch_of(lengths: tuple[int, ...], seed: int) -> Batch:
    return random_batch(SPEC, torch.Generator().manual_seed(seed), lengths)


def test_prediction_and_loss_agree() -> None:
    objective, batch = build_objective(), batch_of((4, 2), 0)
    loss, state = objective(batch)
    prediction, _ = objective.predict(batch)
    assert state is None
    torch.testing.assert_close(loss, prediction.losses.sum())
    assert torch.equal(prediction.predictions, prediction.outputs.argmax(-1))


def test_rows_that_have_ended_are_dropped_from_the_state() -> None:
    objective, first, second = build_objective(), batch_of((3, 3, 2), 0), batch_of((3, 3), 1)
    _, state = objective(first, objective.model.initial_state(3))
    assert state is not None
    expected, _ = objective(second, {name: entry[:2] for name, entry in state.items()})
    loss, next_state = objective(second, state)
    assert torch.equal(loss, expected)
    assert all(len(entry) == 2 for entry in next_state.values())


def test_reset_rows_start_from_the_initial_state() -> None:
    objective, batch = build_objective(), batch_of((3, 3), 0)
    _, state = objective(batch, objective.model.initial_state(2))
    reset = replace(batch, reset=torch.tensor([True, True]))
    torch.testing.assert_close(objective(reset, state)[0], objective(batch)[0])


def test_entries_that_have_grown_keep_their_size() -> None:
    state = {"cache": torch.ones(2, 3, 1), "filled": torch.tensor([3, 3])}
    initial = {"cache": torch.zeros(2, 0, 1), "filled": torch.tensor([0, 0])}
    after = reset_state(state, initial, torch.tensor([False, True]))
    assert after["cache"].flatten(1).tolist() == [[1, 1, 1], [0, 0, 0]]
    assert after["filled"].tolist() == [3, 0]
