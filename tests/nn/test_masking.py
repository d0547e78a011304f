from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqlab.nn import reverse, step_mask


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), padding=st.integers(0, 3))
def test_twice_reversed_is_the_original(lengths: list[int], padding: int) -> None:
    steps = max(lengths) + padding
    x = torch.arange(len(lengths) * steps * 2).view(len(lengths), steps, 2)  # (B, T, D)
    sizes = torch.tensor(lengths)
    once = reverse(x, sizes)
    assert torch.equal(reverse(once, sizes), x)
    for row, length in enumerate(lengths):
        assert torch.equal(once[row, :length], x[row, :length].flip(0))
        assert torch.equal(once[row, length:], x[row, length:])


def test_step_mask() -> None:
    assert step_mask(torch.tensor([2, 1]), 3).tolist() == [
        [True, True, False],
        [True, False, False],
    ]
