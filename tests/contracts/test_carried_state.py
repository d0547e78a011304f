"""Truncated back-propagation through time: texts in chunks, with the state carried over."""

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

SPEC = ModelSpec({"tokens": Ids(9)}, Outputs("class", (9,), "step"), causal=True)
TEXT_LENGTHS = (23, 9, 5, 14, 1, 8)


class ChunkSampler:
    """Each row of a batch continues the same row of the previous batch.

    Only a text's last chunk may be shorter than the others, because `advance` has no lengths.
    """

    def __init__(self, examples: Examples, stream_count: int) -> None:
        self.examples, self.stream_count = examples, stream_count

    def __iter__(self) -> Iterator[StepBatch]:
        first_chunks = np.flatnonzero(np.diff(self.examples.rows, prepend=-1))
        streams: list[list[int]] = [[] for _ in range(self.stream_count)]
        for text in np.split(np.arange(len(self.examples)), first_chunks[1:]):
            min(streams, key=len).extend(text.tolist())
        streams.sort(key=len, reverse=True)  # the streams that end first come last
        for step in range(len(streams[0])):
            rows = np.array([stream[step] for stream in streams if step < len(stream)])
            weight = float(self.examples.weights[rows].sum())
            reset = (np.isin(rows, first_chunks),)
            yield StepBatch((rows,), weight, (np.arange(len(rows)),), reset)


def whole_texts() -> Examples:
    tokens = np.random.default_rng(0).integers(0, 9, sum(TEXT_LENGTHS))
    return examples_of({"tokens": tokens}, TEXT_LENGTHS, np.roll(tokens, -1), "step")


def in_chunks(whole: Examples, size: int) -> Examples:
    starts = [
        (row, start) for row, length in enumerate(TEXT_LENGTHS) for start in range(0, length, size)
    ]
    lengths = np.array([min(size, TEXT_LENGTHS[row] - start) for row, start in starts])
    rows = np.array([row for row, _ in starts])
    chunks = examples_of(dict(whole.inputs), lengths, whole.targets, "step")
    return Examples(chunks.inputs, chunks.starts, lengths, whole.targets, "step", rows)


def carried_loss(objective: Objective, examples: Examples, stream_count: int) -> float:
    state: State = objective.model.initial_state(stream_count)
    total = 0.0
    for step_batch in ChunkSampler(examples, stream_count):
        assert step_batch.reset is not None
        batch = gather(examples, step_batch.micro_batches[0], step_batch.reset[0])
        loss, next_state = objective(batch, state)
        assert next_state is not None
        state = {name: entry.detach() for name, entry in next_state.items()}
        total += float(loss.detach())
    return total


@pytest.mark.parametrize("layer", [TinyLSTM, Attention, Convolution])
@pytest.mark.parametrize("stream_count", [1, 3])
def test_chunks_have_the_loss_of_whole_texts(layer: type[Layer], stream_count: int) -> None:
    torch.manual_seed(0)
    model = SequenceModel(SPEC, layer, {}, embedding_size=6, num_layers=2)
    objective, whole = Objective(model, CrossEntropy()).eval(), whole_texts()
    with torch.no_grad():
        expected = float(objective(gather(whole, np.arange(len(whole))))[0])
        loss = carried_loss(objective, in_chunks(whole, 4), stream_count)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_training_with_carried_state() -> None:
    torch.manual_seed(0)
    tokens = np.arange(sum(TEXT_LENGTHS)) % 9
    whole = examples_of({"tokens": tokens}, TEXT_LENGTHS, (tokens + 1) % 9, "step")
    chunks = in_chunks(whole, 4)
    objective = Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=8), CrossEntropy())
    optimizer = torch.optim.Adam(objective.parameters(), 0.03)
    history = []
    for _ in range(12):
        history.append(0.0)
        state: State | None = objective.model.initial_state(3)
        for step_batch in ChunkSampler(chunks, 3):
            assert step_batch.reset is not None and state is not None
            batch = gather(chunks, step_batch.micro_batches[0], step_batch.reset[0])
            loss, state = objective(batch, state)
            (loss / step_batch.weight).backward()
            state = {name: entry.detach() for name, entry in (state or {}).items()}
            optimizer.step()
            optimizer.zero_grad()
            history[-1] += float(loss.detach())
    assert history[-1] < 0.5 * history[0]
