"""Several processes of one run, on one machine or more: which one this is, and what they share.

`torchrun` and `accelerate launch` start them and say so in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

Reduction: TypeAlias = Literal["sum", "max"]

LOST = ("connection closed by peer", "connection reset", "broken pipe", "connection refused")
"""What the backend says when another process is gone."""


def is_main() -> bool:
    """Whether this process writes files and speaks; nothing heavy is imported to know it."""
    return _count() == 1 or os.environ.get("RANK", "0") == "0"


def join(on_cpu: bool) -> tuple[int, int, int]:
    """Meet the others.

    Returns:
        This process's number, how many there are, and its number on its machine.
    """
    if _count() == 1:
        return 0, 1, 0
    from accelerate import PartialState

    if "OMP_NUM_THREADS" not in os.environ:  # else each would take all cores
        neighbours = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // neighbours))
    state = PartialState(cpu=on_cpu)
    return state.process_index, state.num_processes, state.local_process_index


def gathered(items: Sequence[T]) -> list[T]:
    """The items of all processes, in their order, in each of them."""
    from accelerate.utils import gather_object

    return list(gather_object(list(items)))


def reduced(values: Sequence[float], place: torch.device, *, how: Reduction) -> list[float]:
    """Of each value the sum over all processes, or the largest."""
    import torch
    from torch.distributed import ReduceOp, all_reduce

    total = torch.tensor(values, dtype=torch.float64, device=place)
    all_reduce(total, ReduceOp.SUM if how == "sum" else ReduceOp.MAX)
    return [float(value) for value in total]


def of_main(value: T) -> T:
    """What the first process has."""
    from accelerate.utils import broadcast_object_list

    return broadcast_object_list([value])[0]  # type: ignore[no-any-return]


def _count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_loss(error: BaseException) -> bool:
    """Whether an error says that another process is gone."""
    said = str(error).lower()
    return any(part in said for part in LOST)
