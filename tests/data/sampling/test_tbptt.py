from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import StepBatch
from seqlab.data.sampling.tbptt import TruncatedBPTTSampler, in_order_of_texts


def chunks_of(texts: list[int], length: int) -> Examples:
    """Chunks of texts of the given lengths, concatenated."""
    rows, starts, lengths = [], [], []
    text_start = 0
    for row, size in enumerate(texts):
        for offset in range(0, size, length):
            rows.append(row)
            starts.append(text_start + offset)
            lengths.append(min(length, size - offset))
        text_start += size
    steps = np.arange(text_start)
    return Examples(
        {"text": steps}, np.array(starts), np.array(lengths), steps, "step", np.array(rows),
        stateful=True,
    )  # fmt: skip


def steps_of(step_batch: StepBatch, micro_batch: int) -> list[list[int]]:
    """The steps of each row of a micro-batch."""
    assert step_batch.examples is not None
    indices = step_batch.micro_batches[micro_batch]
    starts, lengths = step_batch.examples.starts[indices], step_batch.examples.lengths[indices]
    return [
        list(range(start, start + length)) for start, length in zip(starts, lengths, strict=True)
    ]


TEXTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def test_chunks_are_joined_to_their_texts() -> None:
    whole = chunks_of([7, 1, 12], 5).joined()
    assert whole.starts.tolist() == [0, 7, 8]
    assert whole.lengths.tolist() == [7, 1, 12]
    assert whole.rows.tolist() == [0, 1, 2]


@settings(deadline=None)
@given(TEXTS, st.integers(1, 9), st.integers(1, 7), st.integers(0, 3))
def test_an_epoch_has_every_step_once_and_streams_continue(
    texts: list[int], length: int, streams: int, epoch: int
) -> None:
    sampler = TruncatedBPTTSampler(chunks_of(texts, length), streams=streams, reset=0.2, seed=3)
    sampler.start_epoch(epoch)
    step_batches = list(sampler)
    assert len(step_batches) == len(sampler)
    read: list[int] = []
    previous: list[list[int]] = []
    for number, step_batch in enumerate(step_batches):
        rows = steps_of(step_batch, 0)
        assert step_batch.reset is not None
        assert step_batch.weight == sum(map(len, rows))
        assert number == 0 or len(rows) <= len(previous)  # the shorter streams come last
        for stream, steps in enumerate(rows):
            read += steps
            if number == 0:
                assert step_batch.reset[0][stream]
            elif not step_batch.reset[0][stream]:
                assert steps[0] == previous[stream][-1] + 1
                # the state after a shorter chunk would have been computed over padding
                assert len(previous[stream]) == max(map(len, previous))
        previous = rows
    assert sorted(read) == list(range(sum(texts)))


@given(TEXTS, st.integers(1, 9), st.integers(1, 7))
def test_whole_texts_are_cut_like_chunks(texts: list[int], length: int, streams: int) -> None:
    chunks = chunks_of(texts, length)
    whole = replace(chunks.joined(), chunk_length=length)
    assert whole.count == len(chunks)
    if max(texts) >= length:
        from_chunks, from_texts = (
            [
                (steps_of(step_batch, 0), step_batch.reset[0].tolist())
                for step_batch in TruncatedBPTTSampler(examples, streams=streams, reset=0.2, seed=1)
                if step_batch.reset
            ]
            for examples in (chunks, whole)
        )
        assert from_chunks == from_texts


@given(TEXTS, st.integers(1, 9), st.integers(1, 7))
def test_texts_start_from_the_initial_state(texts: list[int], length: int, streams: int) -> None:
    text_starts = set((np.cumsum(texts) - texts).tolist())
    for step_batch in TruncatedBPTTSampler(chunks_of(texts, length), streams=streams):
        assert step_batch.reset is not None
        for stream, steps in enumerate(steps_of(step_batch, 0)):
            assert step_batch.reset[0][stream] or steps[0] not in text_starts
            assert not text_starts & set(steps[1:])  # no text begins within a chunk


@given(TEXTS, st.integers(1, 9), st.integers(1, 7), st.integers(1, 3), st.integers(1, 3))
def test_a_step_batch_is_the_same_however_it_is_divided(
    texts: list[int], length: int, streams: int, accumulation: int, world: int
) -> None:
    examples = chunks_of(texts, length)
    whole = list(TruncatedBPTTSampler(examples, streams=streams))
    per_rank = [
        list(
            TruncatedBPTTSampler(
                examples,
                streams=streams,
                gradient_accumulation_steps=accumulation,
                rank=rank,
                world=world,
            )
        )
        for rank in range(world)
    ]
    for expected, *divided in zip(whole, *per_rank, strict=True):
        rows = [
            row
            for step_batch in divided
            for index in range(len(step_batch.micro_batches))
            if index not in step_batch.idle
            for row in steps_of(step_batch, index)
        ]
        assert sorted(rows) == sorted(steps_of(expected, 0))
        assert {step_batch.weight for step_batch in divided} == {expected.weight}
        assert len({len(step_batch.micro_batches) for step_batch in divided}) == 1


@given(st.integers(1, 3), st.integers(1, 3))
def test_each_micro_batch_continues_its_rows(accumulation: int, world: int) -> None:
    examples = chunks_of([50, 31], 4)
    for rank in range(world):
        previous: dict[int, list[list[int]]] = {}
        for step_batch in TruncatedBPTTSampler(
            examples, streams=7, gradient_accumulation_steps=accumulation, rank=rank, world=world
        ):
            assert step_batch.reset is not None
            for index in set(range(len(step_batch.micro_batches))) - step_batch.idle:
                rows = steps_of(step_batch, index)
                for row, steps in enumerate(rows):
                    if not step_batch.reset[index][row]:
                        assert steps[0] == previous[index][row][-1] + 1
                previous[index] = rows


@given(st.integers(0, 20))
def test_a_sampler_resumes_at_its_position(stop: int) -> None:
    examples = chunks_of([60, 45], 6)
    whole = TruncatedBPTTSampler(examples, streams=3, reset=0.3)
    whole.start_epoch(2)
    expected = [steps_of(step_batch, 0) for step_batch in whole]
    interrupted = TruncatedBPTTSampler(examples, streams=3, reset=0.3)
    interrupted.start_epoch(2)
    for _ in zip(range(stop), interrupted, strict=False):
        pass
    resumed = TruncatedBPTTSampler(examples, streams=3, reset=0.3)
    resumed.load_state_dict(interrupted.state_dict())
    assert [steps_of(step_batch, 0) for step_batch in resumed] == expected[stop:]


def test_each_epoch_is_cut_at_other_steps_and_counted() -> None:
    sampler = TruncatedBPTTSampler(chunks_of([1000], 10), streams=4)
    openings = []
    total = 0
    for epoch in range(5):
        sampler.start_epoch(epoch)
        total += len(sampler)
        openings.append(int(sampler.ring.chunks(np.zeros(1, np.int64)).starts[0]))
    assert len(set(openings)) == 5
    assert sampler.steps(5) == total


@pytest.mark.parametrize("probability", [0.0, 0.25])
def test_states_are_reset_with_the_probability(probability: float) -> None:
    sampler = TruncatedBPTTSampler(chunks_of([80_000], 10), streams=8, reset=probability)
    assert float(sampler.reset_mask.mean()) == pytest.approx(probability, abs=0.02)


@given(TEXTS, st.integers(1, 9), st.integers(1, 4))
def test_evaluation_reads_texts_in_parallel_and_in_order(
    texts: list[int], length: int, size: int
) -> None:
    examples = chunks_of(texts, length)
    previous = np.empty(0, np.int64)
    read: list[int] = []
    for indices, reset in in_order_of_texts(examples, size):
        assert reset.all() or not reset.any()
        assert len(indices) <= size
        if reset.all():
            assert examples.is_first[indices].all()
        else:
            assert (indices == previous[: len(indices)] + 1).all()
        previous = indices
        read += indices.tolist()
    assert sorted(read) == list(range(len(examples)))
