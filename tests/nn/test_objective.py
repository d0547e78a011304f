from __future__ import annotations

from dataclasses import replace

import torch

from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.nn.objective import restart
from seqlab.spec import Batch, Ids, ModelSpec, Outputs
from seqlab.testing import random_batch
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"symbols": Ids(6)}, Outputs("class", (6,), "step"), causal=True)


def objective() -> Objective:
    torch.manual_seed(0)
    return Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=4), CrossEntropy()).eval()


def batch_of(lengths: tuple[int, ...], seed: int) -> Batch:
    return random_batch(SPEC, torch.Generator().manual_seed(seed), lengths)


def test_prediction_and_loss_agree() -> None:
    whole, batch = objective(), batch_of((4, 2), 0)
    loss, state = whole(batch)
    prediction, _ = whole.predict(batch)
    assert state is None
    torch.testing.assert_close(loss, prediction.losses.sum())
    assert torch.equal(prediction.predictions, prediction.outputs.argmax(-1))


def test_a_state_loses_the_rows_that_have_ended() -> None:
    whole, first, second = objective(), batch_of((3, 3, 2), 0), batch_of((3, 3), 1)
    _, state = whole(first, whole.model.initial_state(3))
    assert state is not None
    expected, _ = whole(second, {name: entry[:2] for name, entry in state.items()})
    found, after = whole(second, state)
    assert torch.equal(found, expected)
    assert all(len(entry) == 2 for entry in after.values())


def test_fresh_rows_start_anew() -> None:
    whole, batch = objective(), batch_of((3, 3), 0)
    _, state = whole(batch, whole.model.initial_state(2))
    reset = replace(batch, reset=torch.tensor([True, True]))
    torch.testing.assert_close(whole(reset, state)[0], whole(batch)[0])


def test_entries_that_grew_keep_their_size() -> None:
    state = {"cache": torch.ones(2, 3, 1), "filled": torch.tensor([3, 3])}
    empty = {"cache": torch.zeros(2, 0, 1), "filled": torch.tensor([0, 0])}
    found = restart(state, empty, torch.tensor([False, True]))
    assert found["cache"].flatten(1).tolist() == [[1, 1, 1], [0, 0, 0]]
    assert found["filled"].tolist() == [3, 0]
