from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqlab.nn import reverse, step_mask


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), padding=st.integers(0, 3))
def test_reversing_twice_gives_the_original(lengths: list[int], padding: int) -> None:
    steps = max(lengths) + padding
    x = torch.arange(len(lengths) * steps * 2).view(len(lengths), steps, 2)  # (B, T, D)
    row_lengths = torch.tensor(lengths)
    reversed_once = reverse(x, row_lengths)
    assert torch.equal(reverse(reversed_once, row_lengths), x)
    for row, length in enumerate(lengths):
        assert torch.equal(reversed_once[row, :length], x[row, :length].flip(0))
        assert torch.equal(reversed_once[row, length:], x[row, length:])


def test_step_mask() -> None:
    assert step_mask(torch.tensor([2, 1]), 3).tolist() == [
        [True, True, False],
        [True, False, False],
    ]
