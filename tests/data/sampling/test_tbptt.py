from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import StepBatch
from seqlab.data.sampling.tbptt import TruncatedBPTTSampler, in_order_of_texts


def chunks_of(texts: list[int], length: int) -> Examples:
    """Texts of so many steps, end to end, in pieces."""
    rows, starts, lengths = [], [], []
    begin = 0
    for row, size in enumerate(texts):
        for at in range(0, size, length):
            rows.append(row)
            starts.append(begin + at)
            lengths.append(min(length, size - at))
        begin += size
    steps = np.arange(begin)
    return Examples(
        {"text": steps}, np.array(starts), np.array(lengths), steps, "step", np.array(rows),
        stateful=True,
    )  # fmt: skip


def steps_of(group: StepBatch, share: int) -> list[list[int]]:
    """The steps of each row of a share."""
    assert group.examples is not None
    chosen = group.micro_batches[share]
    begins, sizes = group.examples.starts[chosen], group.examples.lengths[chosen]
    return [list(range(b, b + n)) for b, n in zip(begins, sizes, strict=True)]


TEXTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def test_pieces_are_joined_to_their_texts() -> None:
    whole = chunks_of([7, 1, 12], 5).joined()
    assert whole.starts.tolist() == [0, 7, 8]
    assert whole.lengths.tolist() == [7, 1, 12]
    assert whole.rows.tolist() == [0, 1, 2]


@settings(deadline=None)
@given(TEXTS, st.integers(1, 9), st.integers(1, 7), st.integers(0, 3))
def test_an_epoch_has_every_step_once_and_lanes_go_on(
    texts: list[int], length: int, lanes: int, epoch: int
) -> None:
    sampler = TruncatedBPTTSampler(chunks_of(texts, length), lanes=lanes, reset=0.2, seed=3)
    sampler.start_epoch(epoch)
    groups = list(sampler)
    assert len(groups) == len(sampler)
    seen: list[int] = []
    before: list[list[int]] = []
    for number, group in enumerate(groups):
        rows = steps_of(group, 0)
        assert group.reset is not None
        assert group.weight == sum(map(len, rows))
        assert number == 0 or len(rows) <= len(before)  # lanes that end first come last
        for place, own in enumerate(rows):
            seen += own
            if number == 0:
                assert group.reset[0][place]
            elif not group.reset[0][place]:
                assert own[0] == before[place][-1] + 1
                # a state after a short piece would have read padding
                assert len(before[place]) == max(map(len, before))
        before = rows
    assert sorted(seen) == list(range(sum(texts)))


@given(TEXTS, st.integers(1, 9), st.integers(1, 7))
def test_whole_texts_are_cut_as_pieces_are(texts: list[int], length: int, lanes: int) -> None:
    pieces = chunks_of(texts, length)
    whole = replace(pieces.joined(), chunk_length=length)
    assert whole.count == len(pieces)
    if max(texts) >= length:
        both = [
            TruncatedBPTTSampler(each, lanes=lanes, reset=0.2, seed=1) for each in (pieces, whole)
        ]
        found = [[(steps_of(g, 0), g.reset[0].tolist()) for g in each if g.reset] for each in both]
        assert found[0] == found[1]


@given(TEXTS, st.integers(1, 9), st.integers(1, 7))
def test_texts_start_from_an_empty_state(texts: list[int], length: int, lanes: int) -> None:
    begins = set((np.cumsum(texts) - texts).tolist())
    for group in TruncatedBPTTSampler(chunks_of(texts, length), lanes=lanes):
        assert group.reset is not None
        for place, own in enumerate(steps_of(group, 0)):
            assert group.reset[0][place] or own[0] not in begins
            assert not begins & set(own[1:])  # and never begin within a piece


@given(TEXTS, st.integers(1, 9), st.integers(1, 7), st.integers(1, 3), st.integers(1, 3))
def test_a_group_is_the_same_however_it_is_divided(
    texts: list[int], length: int, lanes: int, splits: int, world: int
) -> None:
    examples = chunks_of(texts, length)
    whole = list(TruncatedBPTTSampler(examples, lanes=lanes))
    ranks = [
        list(
            TruncatedBPTTSampler(
                examples, lanes=lanes, gradient_accumulation_steps=splits, rank=rank, world=world
            )
        )
        for rank in range(world)
    ]
    for number, group in enumerate(whole):
        own = [groups[number] for groups in ranks]
        rows = [
            row
            for each in own
            for share in range(len(each.micro_batches))
            if share not in each.idle
            for row in steps_of(each, share)
        ]
        assert sorted(rows) == sorted(steps_of(group, 0))
        assert {each.weight for each in own} == {group.weight}
        assert len({len(each.micro_batches) for each in own}) == 1


@given(st.integers(1, 3), st.integers(1, 3))
def test_each_share_goes_on_from_its_own_rows(splits: int, world: int) -> None:
    examples = chunks_of([50, 31], 4)
    for rank in range(world):
        before: dict[int, list[list[int]]] = {}
        for group in TruncatedBPTTSampler(
            examples, lanes=7, gradient_accumulation_steps=splits, rank=rank, world=world
        ):
            assert group.reset is not None
            for share in set(range(len(group.micro_batches))) - group.idle:
                rows = steps_of(group, share)
                for place, own in enumerate(rows):
                    if not group.reset[share][place]:
                        assert own[0] == before[share][place][-1] + 1
                before[share] = rows


@given(st.integers(0, 20))
def test_a_position_is_where_it_goes_on(stop: int) -> None:
    examples = chunks_of([60, 45], 6)
    whole = TruncatedBPTTSampler(examples, lanes=3, reset=0.3)
    whole.start_epoch(2)
    groups = [steps_of(group, 0) for group in whole]
    first = TruncatedBPTTSampler(examples, lanes=3, reset=0.3)
    first.start_epoch(2)
    for _, _group in zip(range(stop), first, strict=False):
        pass
    second = TruncatedBPTTSampler(examples, lanes=3, reset=0.3)
    second.load_state_dict(first.state_dict())
    assert [steps_of(group, 0) for group in second] == groups[stop:]


def test_each_epoch_is_cut_elsewhere_and_counted() -> None:
    sampler = TruncatedBPTTSampler(chunks_of([1000], 10), lanes=4)
    starts = []
    total = 0
    for epoch in range(5):
        sampler.start_epoch(epoch)
        total += len(sampler)
        starts.append(int(sampler.ring.pieces(np.zeros(1, np.int64)).starts[0]))
    assert len(set(starts)) == 5
    assert sampler.steps(5) == total


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_states_are_emptied_as_often_as_asked(share: float) -> None:
    sampler = TruncatedBPTTSampler(chunks_of([80_000], 10), lanes=8, reset=share)
    assert float(sampler.fresh.mean()) == pytest.approx(share, abs=0.02)


@given(TEXTS, st.integers(1, 9), st.integers(1, 4))
def test_evaluation_reads_texts_side_by_side_in_order(
    texts: list[int], length: int, size: int
) -> None:
    examples = chunks_of(texts, length)
    before = np.empty(0, np.int64)
    seen: list[int] = []
    for chosen, fresh in in_order_of_texts(examples, size):
        assert fresh.all() or not fresh.any()
        assert len(chosen) <= size
        if fresh.all():
            assert examples.begins[chosen].all()
        else:
            assert (chosen == before[: len(chosen)] + 1).all()
        before = chosen
        seen += chosen.tolist()
    assert sorted(seen) == list(range(len(examples)))
