from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.data.sampling.batching import gather, gather_values
from seqlab.spec import NO_TARGET, UNSEEN
from tests.examples import random_examples


@given(st.lists(st.integers(0, 23), min_size=1, max_size=8))
def test_a_batch_holds_each_example_and_zeros(indices: list[int]) -> None:
    examples = random_examples()
    text = examples.inputs["text"]
    assert isinstance(text, np.ndarray)
    batch = gather(examples, np.array(indices))
    for row, index in enumerate(indices):
        start, length = examples.starts[index], examples.lengths[index]
        steps = batch.inputs["text"][row]
        assert steps[:length].tolist() == text[start : start + length].tolist()
        assert steps[length:].eq(0).all()
        assert batch.targets[row] == examples.targets[index]
    assert batch.inputs["text"].dtype == torch.int64
    assert batch.lengths.tolist() == examples.lengths[indices].tolist()
    assert batch.weight == len(indices)


def test_targets_per_step_have_a_mask_and_a_weight_each() -> None:
    per_sequence = random_examples()
    flat = per_sequence.inputs["text"]
    assert isinstance(flat, np.ndarray)
    examples = replace(per_sequence, targets=flat + 1, per="step")
    batch = gather(examples, np.array([3, 5]))
    assert batch.weight == examples.lengths[[3, 5]].sum() == batch.mask.sum()
    assert (batch.targets[batch.mask] == batch.inputs["text"][batch.mask] + 1).all()


def test_characters_are_stored_once_per_distinct_token() -> None:
    words = ["on", "a", "mat"]
    table = CharacterTable(
        index=np.array([0, 1, 2, 1, 1]),
        characters=np.array([ord(letter) for word in words for letter in word]),
        offsets=np.array([0, 2, 3, 6]),
    )
    examples = Examples(
        {"words": table}, np.array([0, 3]), np.array([3, 2]), np.zeros(5), "step", np.arange(2)
    )
    batch = gather(examples, np.array([1, 0]))
    characters, lengths = batch.inputs["words"], batch.inputs["words.lengths"]
    index = batch.inputs["words.index"]
    tokens = [
        "".join(chr(character) for character in row[:length])
        for row, length in zip(characters, lengths, strict=True)
    ]
    assert sorted(tokens) == sorted(words)
    assert [tokens[i] for i in index[0, :2]] == ["a", "a"]
    assert [tokens[i] for i in index[1]] == ["on", "a", "mat"]


def test_numbers_become_float32() -> None:
    examples = replace(random_examples(), inputs={"x": np.random.default_rng(0).random((200, 2))})
    assert gather(examples, np.array([0, 1])).inputs["x"].dtype == torch.float32


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.permutations(range(4)))
def test_steps_without_a_target_are_masked(gaps: list[bool], order: list[int]) -> None:
    lengths = np.array([3, 1, 5, 3])
    targets = np.where(gaps, NO_TARGET, np.arange(12) % 4)
    inputs = {"words": np.arange(12)}
    starts = np.cumsum(lengths) - lengths
    examples = Examples(inputs, starts, lengths, targets, "step", np.arange(4))
    indices = np.array(order[:3])
    batch = gather(examples, indices)
    assert batch.weight == batch.mask.sum() == examples.weights[indices].sum()
    for row, index in enumerate(indices):
        steps = np.arange(starts[index], starts[index] + lengths[index])
        assert batch.mask[row, : len(steps)].tolist() == [not gaps[step] for step in steps]
        assert not batch.mask[row, len(steps) :].any()
        assert batch.inputs["words"][row, : len(steps)].tolist() == steps.tolist()  # are read
        masked = batch.targets[row, : len(steps)][~batch.mask[row, : len(steps)]]
        assert masked.eq(UNSEEN).all()


def test_sequences_without_a_target_are_masked() -> None:
    examples = replace(random_examples(), targets=np.arange(24) % 3)
    examples.targets[[2, 5]] = NO_TARGET
    assert examples.weights.sum() == 22
    batch = gather(examples, np.array([1, 2, 5]))
    assert batch.mask.tolist() == [True, False, False]
    assert batch.weight == 1


def test_tokens_of_a_text_all_have_a_target() -> None:
    examples = replace(random_examples(), targets=np.full(24, 9), known_classes=4)
    assert not examples.has_gaps
    assert gather(examples, np.arange(3)).targets.tolist() == [UNSEEN] * 3


def test_values_of_targets_are_gathered_as_they_are() -> None:
    examples = replace(random_examples(), targets=np.arange(24) % 3)
    values = np.full(24, NO_TARGET)
    assert gather_values(values, examples, np.array([0, 3])).tolist() == [NO_TARGET] * 2
