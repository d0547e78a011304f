from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.data.sampling.batching import gather
from tests.examples import random_examples


@given(st.lists(st.integers(0, 23), min_size=1, max_size=8))
def test_a_batch_holds_each_example_and_zeros(chosen: list[int]) -> None:
    examples = random_examples()
    batch = gather(examples, np.array(chosen))
    for place, index in enumerate(chosen):
        start, length = examples.starts[index], examples.lengths[index]
        row = batch.inputs["text"][place]
        assert row[:length].tolist() == examples.inputs["text"][start : start + length].tolist()  # type: ignore[index]
        assert row[length:].eq(0).all()
        assert batch.targets[place] == examples.targets[index]
    assert batch.inputs["text"].dtype == torch.int64
    assert batch.lengths.tolist() == examples.lengths[chosen].tolist()
    assert batch.weight == len(chosen)


def test_targets_a_step_have_a_mask_and_count_each() -> None:
    sequence = random_examples()
    flat = sequence.inputs["text"]
    assert isinstance(flat, np.ndarray)
    examples = replace(sequence, targets=flat + 1, per="step")
    batch = gather(examples, np.array([3, 5]))
    assert batch.weight == examples.lengths[[3, 5]].sum() == batch.mask.sum()
    assert (batch.targets[batch.mask] == batch.inputs["text"][batch.mask] + 1).all()


def test_pieces_are_read_once_a_distinct_symbol() -> None:
    words = ["on", "a", "mat"]  # pieces are letters
    table = CharacterTable(
        index=np.array([0, 1, 2, 1, 1]),
        pieces=np.array([ord(letter) for word in words for letter in word]),
        offsets=np.array([0, 2, 3, 6]),
    )
    examples = Examples(
        {"words": table}, np.array([0, 3]), np.array([3, 2]), np.zeros(5), "step", np.arange(2)
    )
    batch = gather(examples, np.array([1, 0]))
    pieces, lengths = batch.inputs["words"], batch.inputs["words.lengths"]
    index = batch.inputs["words.index"]
    read = ["".join(chr(c) for c in row[:n]) for row, n in zip(pieces, lengths, strict=True)]
    assert sorted(read) == sorted(words)
    assert [read[i] for i in index[0, :2]] == ["a", "a"]
    assert [read[i] for i in index[1]] == ["on", "a", "mat"]


def test_numbers_become_float32() -> None:
    examples = replace(random_examples(), inputs={"x": np.random.default_rng(0).random((200, 2))})
    assert gather(examples, np.array([0, 1])).inputs["x"].dtype == torch.float32
