"""Choose the device, the precision and the process group of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from seqlab.errors import UserError
from seqlab.processes import all_gather, all_reduce, broadcast, join

T = TypeVar("T")


@dataclass(frozen=True)
class Device:
    """The device, the precision and the processes of a run.

    Args:
        torch_device: The torch device.
        precision: "fp32", or "bf16" for bfloat16 autocast with float32 weights.
        rank: Index of this process.
        world: Number of processes.
    """

    torch_device: torch.device
    precision: str
    rank: int = 0
    world: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and messages."""
        return self.rank == 0

    def autocast(self) -> AbstractContextManager[object]:
        """The context manager for computing with this precision."""
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16)

    def sum(self, *values: float) -> list[float]:
        """Each value, summed over all processes."""
        if self.world == 1:
            return list(values)
        return all_reduce(values, self.torch_device, operation="sum")

    def max(self, *values: float) -> list[float]:
        """Each value's maximum over all processes."""
        if self.world == 1:
            return list(values)
        return all_reduce(values, self.torch_device, operation="max")

    def gather(self, items: Sequence[T]) -> list[T]:
        """The items of all processes, in every process."""
        return list(items) if self.world == 1 else all_gather(items)

    def broadcast(self, value: T) -> T:
        """The first process's value; the others wait for it."""
        return value if self.world == 1 else broadcast(value)

    def prepare(self, objective: nn.Module) -> nn.Module:
        """The module on this device, wrapped if there are several processes."""
        objective = objective.to(self.torch_device)
        if self.world == 1:
            return objective
        from accelerate import Accelerator

        return Accelerator(cpu=self.torch_device.type == "cpu").prepare_model(objective)  # type: ignore[no-any-return]


def choose(device: str = "auto", precision: str = "auto", only: Sequence[str] = ()) -> Device:
    """The device with the requested name and precision.

    "auto" takes the first available device of CUDA, MPS and CPU, and bfloat16 on a CUDA device
    that supports it, otherwise float32.

    Args:
        device: "auto", or a name such as "cuda:1".
        precision: "auto", "fp32" or "bf16".
        only: Types of the devices that the model supports; empty for all.

    Raises:
        UserError: The device is not available, or does not support the model or the precision.
    """
    candidates = [name for name in available() if not only or _type(name) in only]
    name = device if device != "auto" or not candidates else candidates[0]
    _check_fits(name, only)
    _check_present(name)
    torch_device = torch.device(name)
    if precision not in ("auto", "fp32", "bf16"):
        raise UserError(
            f"unknown precision '{precision}'", location="--precision", remedy="auto, fp32 or bf16"
        )
    if precision == "bf16" and torch_device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise UserError(
            f"'{name}' cannot compute in bf16", location="--precision", remedy="--precision fp32"
        )
    if precision == "auto":
        has_bf16 = torch_device.type == "cuda" and torch.cuda.is_bf16_supported()
        precision = "bf16" if has_bf16 else "fp32"
    rank, world, local_rank = join(on_cpu=torch_device.type == "cpu")
    if world > 1 and name == "cuda":
        torch_device = torch.device("cuda", local_rank)
    return Device(torch_device, precision, rank, world)


@contextlib.contextmanager
def flushed_denormals() -> Iterator[None]:
    """A context in which denormal numbers are flushed to 0; the setting is restored afterwards.

    Gradients that vanish over many steps become denormal, and a CPU computes ten times slower
    with such numbers. Threads inherit the setting when they are first used.
    """
    denormal = torch.tensor([1e-40])
    before = bool((denormal * 1.0).eq(0))
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def available() -> list[str]:
    """The devices of this machine, best first."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if names:
        names = ["cuda", *names]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def _type(name: str) -> str:
    return name.partition(":")[0]


def _check_fits(name: str, only: Sequence[str]) -> None:
    if only and _type(name) not in only:
        raise UserError(
            f"this model computes on {' or '.join(only)} only",
            location=f"--device {name}",
            remedy=f"--device {only[0]}; or another model",
        )


def _check_present(name: str) -> None:
    if name not in available():
        raise UserError(
            f"this machine has no device '{name}'",
            location="--device",
            remedy=f"available: {', '.join(available())}; --device auto takes the best",
        )
