"""The processes of one run, on one machine or several.

`torchrun` and `accelerate launch` start them and describe them in environment variables.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

Operation: TypeAlias = Literal["sum", "max"]

_CONNECTION_LOST = (
    "connection closed by peer", "connection reset", "broken pipe", "connection refused",
)  # fmt: skip
"""Messages of the backend after another process has ended."""


def is_main() -> bool:
    """Whether this process writes files and messages; torch is not imported to find out."""
    return world_size() == 1 or os.environ.get("RANK", "0") == "0"


def join(*, on_cpu: bool) -> tuple[int, int, int]:
    """Join the process group.

    Args:
        on_cpu: Whether the run computes on the CPU.

    Returns:
        This process's index, the number of processes, and its index on its machine.
    """
    if world_size() == 1:
        return 0, 1, 0
    from accelerate import PartialState

    if "OMP_NUM_THREADS" not in os.environ:  # otherwise every process would use all cores
        local_processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // local_processes))
    state = PartialState(cpu=on_cpu)
    return state.process_index, state.num_processes, state.local_process_index


def all_gather(items: Sequence[T]) -> list[T]:
    """The items of all processes, ordered by process, in every process."""
    from accelerate.utils import gather_object

    return list(gather_object(list(items)))


def all_reduce(
    values: Sequence[float], device: torch.device, *, operation: Operation
) -> list[float]:
    """Each value's sum or maximum over all processes."""
    import torch
    from torch import distributed

    reduced = torch.tensor(values, dtype=torch.float64, device=device)
    op = distributed.ReduceOp.SUM if operation == "sum" else distributed.ReduceOp.MAX
    distributed.all_reduce(reduced, op)
    return [float(value) for value in reduced]


def broadcast(value: T) -> T:
    """The first process's value, in every process."""
    from accelerate.utils import broadcast_object_list

    return broadcast_object_list([value])[0]  # type: ignore[no-any-return]


def is_connection_loss(error: BaseException) -> bool:
    """Whether an error means that another process has ended."""
    message = str(error).lower()
    return any(text in message for text in _CONNECTION_LOST)


def world_size() -> int:
    """The number of processes; torch is not imported to find out."""
    return int(os.environ.get("WORLD_SIZE", "1"))
