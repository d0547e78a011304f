import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.sampling.bucket import BucketSampler, in_order_of_length

LENGTHS = np.random.default_rng(0).integers(1, 50, 1000)
ONES = np.ones(1000, np.int64)


def rows(sampler: BucketSampler) -> list[list[int]]:
    return [np.concatenate(group.micro_batches).tolist() for group in sampler]


@given(st.integers(1, 200), st.integers(0, 5))
def test_an_epoch_has_every_example_once(size: int, seed: int) -> None:
    sampler = BucketSampler(LENGTHS, ONES, batch_size=size, seed=seed)
    groups = rows(sampler)
    assert sorted(np.concatenate(groups)) == list(range(1000))
    assert len(groups) == len(sampler)


@given(st.integers(0, 30))
def test_a_position_is_where_it_goes_on(stop: int) -> None:
    whole = BucketSampler(LENGTHS, ONES, batch_size=32)
    groups = rows(whole)
    first = BucketSampler(LENGTHS, ONES, batch_size=32)
    for _, _group in zip(range(stop), first, strict=False):
        pass
    second = BucketSampler(LENGTHS, ONES, batch_size=32)
    second.load_state_dict(first.state_dict())
    assert rows(second) == groups[stop:]


def test_epochs_and_seeds_differ_and_repeat() -> None:
    sampler = BucketSampler(LENGTHS, ONES, batch_size=32)
    first = rows(sampler)
    sampler.start_epoch(1)
    second = rows(sampler)
    sampler.start_epoch(0)
    assert rows(sampler) == first != second
    assert rows(BucketSampler(LENGTHS, ONES, batch_size=32, seed=1)) != first


@given(st.integers(1, 40), st.integers(1, 4), st.integers(1, 3))
def test_a_group_is_the_same_however_it_is_divided(size: int, splits: int, world: int) -> None:
    whole = BucketSampler(LENGTHS[:101], LENGTHS[:101], batch_size=size)
    shares = [
        list(
            BucketSampler(
                LENGTHS[:101],
                LENGTHS[:101],
                batch_size=size,
                gradient_accumulation_steps=splits,
                rank=r,
                world=world,
            )
        )
        for r in range(world)
    ]
    for number, group in enumerate(whole):
        own = [process[number] for process in shares]
        counted = [np.concatenate(each.micro_batches) for each in own if not each.idle]
        assert sorted(np.concatenate(counted)) == sorted(group.micro_batches[0])
        assert {each.weight for each in own} == {group.weight}
        assert len({len(each.micro_batches) for each in own}) == 1


def test_buckets_save_padding() -> None:
    def steps(groups: list[list[int]]) -> int:
        return sum(len(group) * int(LENGTHS[group].max()) for group in groups)

    bucketed = steps(rows(BucketSampler(LENGTHS, ONES, batch_size=32)))
    shuffled = np.random.default_rng(0).permutation(1000)
    random = steps([shuffled[i : i + 32].tolist() for i in range(0, 1000, 32)])
    assert bucketed < 0.65 * random


def test_evaluation_sees_every_example_once_longest_first() -> None:
    order = np.concatenate(list(in_order_of_length(LENGTHS, 64)))
    assert sorted(order) == list(range(1000))
    assert (np.diff(LENGTHS[order]) <= 0).all()


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=200),
    max_tokens=st.integers(1, 100),
    epoch=st.integers(0, 2),
)
def test_a_budget_of_tokens_is_kept(lengths: list[int], max_tokens: int, epoch: int) -> None:
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
    assert len(sampler) == len(sampler._order(epoch))
    groups = [np.concatenate(group.micro_batches) for group in sampler]
    assert len(groups) == len(sampler)
    assert sorted(np.concatenate(groups)) == list(range(len(sizes)))
    for rows in groups:
        assert len(rows) == 1 or len(rows) * sizes[rows].max() <= max_tokens
    assert sampler.steps(3) == sum(len(sampler._order(each)) for each in range(3))


def test_a_budget_of_tokens_is_used() -> None:
    sizes = np.random.default_rng(0).integers(1, 60, 5000)
    sampler = BucketSampler(sizes, np.ones_like(sizes), batch_size=8, max_tokens=1000)
    padded = [len(rows) * sizes[rows].max() for rows in sampler._groups]
    assert np.mean(padded) > 900
