"""Truncated back-propagation: long texts in pieces, the state carried from piece to piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import StepBatch
from seqlab.nn import CrossEntropy, Layer, Objective, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs, State
from tests.contracts.layers import Attention, Convolution
from tests.contracts.training import examples_of
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"symbols": Ids(9)}, Outputs("class", (9,), "step"), causal=True)
TEXTS = (23, 9, 5, 14, 1, 8)


class PieceSampler:
    """Each row of a batch goes on where the same row of the batch before ended.

    Only a text's last piece may be shorter than the others: `advance` knows no lengths.
    """

    def __init__(self, examples: Examples, lanes: int) -> None:
        self.examples, self.streams = examples, lanes

    def __iter__(self) -> Iterator[StepBatch]:
        begins = np.flatnonzero(np.diff(self.examples.rows, prepend=-1))
        lanes: list[list[int]] = [[] for _ in range(self.streams)]
        for text in np.split(np.arange(len(self.examples)), begins[1:]):
            min(lanes, key=len).extend(text.tolist())
        lanes.sort(key=len, reverse=True)  # the lanes that end first come last
        for step in range(len(lanes[0])):
            rows = np.array([lane[step] for lane in lanes if step < len(lane)])
            weight = float(self.examples.weights[rows].sum())
            fresh = (np.isin(rows, begins),)
            yield StepBatch((rows,), weight, (np.arange(len(rows)),), fresh)


def whole_texts() -> Examples:
    symbols = np.random.default_rng(0).integers(0, 9, sum(TEXTS))
    return examples_of({"symbols": symbols}, TEXTS, np.roll(symbols, -1), "step")


def in_pieces(whole: Examples, size: int) -> Examples:
    cuts = [(row, at) for row, length in enumerate(TEXTS) for at in range(0, length, size)]
    lengths = np.array([min(size, TEXTS[row] - at) for row, at in cuts])
    rows = np.array([row for row, _ in cuts])
    pieces = examples_of(dict(whole.inputs), lengths, whole.targets, "step")
    return Examples(pieces.inputs, pieces.starts, lengths, whole.targets, "step", rows)


def carried_loss(objective: Objective, examples: Examples, lanes: int) -> float:
    state: State = objective.model.initial_state(lanes)
    total = 0.0
    for group in PieceSampler(examples, lanes):
        assert group.reset is not None
        batch = gather(examples, group.micro_batches[0], group.reset[0])
        loss, after = objective(batch, state)
        assert after is not None
        state = {name: entry.detach() for name, entry in after.items()}
        total += float(loss.detach())
    return total


@pytest.mark.parametrize("layer", [TinyLSTM, Attention, Convolution])
@pytest.mark.parametrize("lanes", [1, 3])
def test_pieces_lose_as_much_as_the_whole(layer: type[Layer], lanes: int) -> None:
    torch.manual_seed(0)
    model = SequenceModel(SPEC, layer, {}, embedding_size=6, num_layers=2)
    objective, whole = Objective(model, CrossEntropy()).eval(), whole_texts()
    with torch.no_grad():
        expected = float(objective(gather(whole, np.arange(len(whole))))[0])
        found = carried_loss(objective, in_pieces(whole, 4), lanes)
    assert found == pytest.approx(expected, rel=1e-5)


def test_training_with_carried_state() -> None:
    torch.manual_seed(0)
    symbols = np.arange(sum(TEXTS)) % 9
    whole = examples_of({"symbols": symbols}, TEXTS, (symbols + 1) % 9, "step")
    pieces = in_pieces(whole, 4)
    objective = Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=8), CrossEntropy())
    optimiser = torch.optim.Adam(objective.parameters(), 0.03)
    history = []
    for _ in range(12):
        history.append(0.0)
        state: State | None = objective.model.initial_state(3)
        for group in PieceSampler(pieces, 3):
            assert group.reset is not None and state is not None
            loss, state = objective(gather(pieces, group.micro_batches[0], group.reset[0]), state)
            (loss / group.weight).backward()
            state = {name: entry.detach() for name, entry in (state or {}).items()}
            optimiser.step()
            optimiser.zero_grad()
            history[-1] += float(loss.detach())
    assert history[-1] < 0.5 * history[0]
