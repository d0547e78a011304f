import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.sampling.bucket import BucketSampler, in_order_of_length

LENGTHS = np.random.default_rng(0).integers(1, 50, 1000)
ONES = np.ones(1000, np.int64)


def rows(sampler: BucketSampler) -> list[list[int]]:
    return [np.concatenate(step_batch.micro_batches).tolist() for step_batch in sampler]


@given(st.integers(1, 200), st.integers(0, 5))
def test_an_epoch_has_every_example_once(size: int, seed: int) -> None:
    sampler = BucketSampler(LENGTHS, ONES, batch_size=size, seed=seed)
    step_batches = rows(sampler)
    assert sorted(np.concatenate(step_batches)) == list(range(1000))
    assert len(step_batches) == len(sampler)


@given(st.integers(0, 30))
def test_a_sampler_resumes_at_its_position(stop: int) -> None:
    expected = rows(BucketSampler(LENGTHS, ONES, batch_size=32))
    interrupted = BucketSampler(LENGTHS, ONES, batch_size=32)
    for _ in zip(range(stop), interrupted, strict=False):
        pass
    resumed = BucketSampler(LENGTHS, ONES, batch_size=32)
    resumed.load_state_dict(interrupted.state_dict())
    assert rows(resumed) == expected[stop:]


def test_epochs_and_seeds_differ_and_repeat() -> None:
    sampler = BucketSampler(LENGTHS, ONES, batch_size=32)
    first = rows(sampler)
    sampler.start_epoch(1)
    second = rows(sampler)
    sampler.start_epoch(0)
    assert rows(sampler) == first != second
    assert rows(BucketSampler(LENGTHS, ONES, batch_size=32, seed=1)) != first


@given(st.integers(1, 40), st.integers(1, 4), st.integers(1, 3))
def test_a_step_batch_is_the_same_however_it_is_divided(
    size: int, accumulation: int, world: int
) -> None:
    whole = BucketSampler(LENGTHS[:101], LENGTHS[:101], batch_size=size)
    per_rank = [
        list(
            BucketSampler(
                LENGTHS[:101],
                LENGTHS[:101],
                batch_size=size,
                gradient_accumulation_steps=accumulation,
                rank=rank,
                world=world,
            )
        )
        for rank in range(world)
    ]
    for expected, *divided in zip(whole, *per_rank, strict=True):
        counted = [
            np.concatenate(step_batch.micro_batches)
            for step_batch in divided
            if not step_batch.idle
        ]
        assert sorted(np.concatenate(counted)) == sorted(expected.micro_batches[0])
        assert {step_batch.weight for step_batch in divided} == {expected.weight}
        assert len({len(step_batch.micro_batches) for step_batch in divided}) == 1


def test_buckets_save_padding() -> None:
    def padded_steps(step_batches: list[list[int]]) -> int:
        return sum(len(indices) * int(LENGTHS[indices].max()) for indices in step_batches)

    bucketed = padded_steps(rows(BucketSampler(LENGTHS, ONES, batch_size=32)))
    shuffled = np.random.default_rng(0).permutation(1000)
    random = padded_steps([shuffled[i : i + 32].tolist() for i in range(0, 1000, 32)])
    assert bucketed < 0.65 * random


def test_evaluation_reads_every_example_once_longest_first() -> None:
    order = np.concatenate(list(in_order_of_length(LENGTHS, 64)))
    assert sorted(order) == list(range(1000))
    assert (np.diff(LENGTHS[order]) <= 0).all()


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=200),
    size=st.integers(1, 9),
    max_steps=st.integers(1, 100),
)
def test_a_batch_of_evaluation_has_a_limited_number_of_steps(
    lengths: list[int], size: int, max_steps: int
) -> None:
    sizes = np.array(lengths)
    batches = list(in_order_of_length(sizes, size, max_steps))
    assert sorted(np.concatenate(batches)) == list(range(len(sizes)))
    for indices in batches:
        assert 1 <= len(indices) <= size
        assert len(indices) == 1 or len(indices) * sizes[indices].max() <= max_steps


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=200),
    max_tokens=st.integers(1, 100),
    epoch=st.integers(0, 2),
)
def test_max_tokens_is_not_exceeded(lengths: list[int], max_tokens: int, epoch: int) -> None:
    sizes = np.array(lengths)
    sampler = BucketSampler(
        sizes,
        np.ones_like(sizes),
        batch_size=8,
        max_tokens=max_tokens,
        gradient_accumulation_steps=2,
        seed=3,
    )
    sampler.start_epoch(epoch)
    assert len(sampler) == len(sampler._shuffle(epoch))
    step_batches = rows(sampler)
    assert len(step_batches) == len(sampler)
    assert sorted(np.concatenate(step_batches)) == list(range(len(sizes)))
    for indices in step_batches:
        assert len(indices) == 1 or len(indices) * sizes[indices].max() <= max_tokens
    assert sampler.steps(3) == sum(len(sampler._shuffle(number)) for number in range(3))


def test_max_tokens_is_almost_reached() -> None:
    sizes = np.random.default_rng(0).integers(1, 60, 5000)
    sampler = BucketSampler(sizes, np.ones_like(sizes), batch_size=8, max_tokens=1000)
    padded = [len(indices) * sizes[indices].max() for indices in sampler._step_batches]
    assert np.mean(padded) > 900
