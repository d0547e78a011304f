"""Device, precision and processes, chosen here alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import nn

from seqlab.errors import UserError
from seqlab.processes import gathered, join, of_main, reduced

T = TypeVar("T")


@dataclass(frozen=True)
class Device:
    """Where and how exactly a run computes.

    Args:
        torch_device: The torch device.
        precision: "fp32" or "bf16" (products in bfloat16, weights in float32).
        rank: This process.
        world: How many processes.
    """

    torch_device: torch.device
    precision: str
    rank: int = 0
    world: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which the model computes."""
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16)

    def sum(self, *values: float) -> list[float]:
        """Each value, summed over all processes."""
        return list(values) if self.world == 1 else reduced(values, self.torch_device, how="sum")

    def max(self, *values: float) -> list[float]:
        """The largest of each value, over all processes."""
        return list(values) if self.world == 1 else reduced(values, self.torch_device, how="max")

    def gather(self, items: Sequence[T]) -> list[T]:
        """The items of all processes, in each of them."""
        return list(items) if self.world == 1 else gathered(items)

    def of_main(self, value: T) -> T:
        """What the first process has; all wait for it."""
        return value if self.world == 1 else of_main(value)

    def prepare(self, objective: nn.Module) -> nn.Module:
        """The module on its device, and wrapped where there are several processes."""
        objective = objective.to(self.torch_device)
        if self.world == 1:
            return objective
        from accelerate import Accelerator

        return Accelerator(cpu=self.torch_device.type == "cpu").prepare_model(objective)  # type: ignore[no-any-return]


def choose(device: str = "auto", precision: str = "auto", only: Sequence[str] = ()) -> Device:
    """The device and precision that are meant.

    "auto" takes the first of CUDA, MPS and CPU that is there, and bfloat16 on CUDA where the
    processor has it, else float32.

    Args:
        device: "auto", or a name such as "cuda:1".
        precision: "auto", "fp32" or "bf16".
        only: Types of devices that the model can compute on; empty for any.

    Raises:
        UserError: The device is not there, is none for this model, or cannot compute in this
            precision.
    """
    fitting = [name for name in available() if not only or _type(name) in only]
    name = device if device != "auto" or not fitting else fitting[0]
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
        fast = torch_device.type == "cuda" and torch.cuda.is_bf16_supported()
        precision = "bf16" if fast else "fp32"
    rank, world, here = join(torch_device.type == "cpu")
    if world > 1 and name == "cuda":
        torch_device = torch.device("cuda", here)
    return Device(torch_device, precision, rank, world)


@contextlib.contextmanager
def flushed_denormals() -> Iterator[None]:
    """Inside, numbers too small for full precision are 0, as they were before outside.

    Gradients that vanish over many steps become such denormal numbers, with which a processor
    computes ten times slower. Threads inherit the setting when they are first used.
    """
    smallest = torch.tensor([1e-40])
    before = bool((smallest * 1.0).eq(0))
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def available() -> list[str]:
    """The devices of this machine, best first."""
    found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if found:
        found = ["cuda", *found]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


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
            remedy=f"present: {', '.join(available())}; --device auto takes the best",
        )
