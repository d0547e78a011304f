"""One step of training in one of several processes; imported by each of them."""

from __future__ import annotations

import os
import sys
from itertools import product
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from seqlab.config.train_settings import Reduction
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import BucketSampler
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.training.trainer import loss_scale
from tests.contracts.training import examples_of
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"symbols": Ids(9)}, Outputs("class", (9,), "step"), causal=True)

GROUP_SIZES = (7, 4, 3)
"""All at once; an even and an odd group; a last group of one row, with none for one process."""

REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum")
CASES = tuple(product(GROUP_SIZES, REDUCTIONS))


def texts() -> Examples:
    """Seven texts of very unequal lengths, so that the processes' shares differ in weight."""
    lengths = (1, 2, 3, 9, 12, 20, 31)
    symbols = np.random.default_rng(0).integers(0, 9, sum(lengths))
    return examples_of({"symbols": symbols}, lengths, np.roll(symbols, -1), "step")


def gradients(
    rank: int, world: int, batch_size: int, reduction: Reduction = "mean"
) -> dict[str, Tensor]:
    """The gradients of all groups of an epoch, as one process of `world` has them."""
    torch.manual_seed(0)
    objective = Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=6), CrossEntropy())
    wrapped = DistributedDataParallel(objective) if world > 1 else objective
    data = texts()
    sampler = BucketSampler(
        data.lengths,
        data.weights,
        batch_size=batch_size,
        gradient_accumulation_steps=2,
        rank=rank,
        world=world,
    )
    for group in sampler:
        factor = 0.0 if group.idle else loss_scale(group, world, reduction)
        for share in group.micro_batches:
            (wrapped(gather(data, share))[0] * factor).backward()
    return {n: p.grad for n, p in objective.named_parameters() if p.grad is not None}


def worker(rank: int, world: int, folder: str) -> None:
    """What a process does."""
    torch.set_num_threads(1)
    if sys.platform == "linux":
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"  # a host name may not resolve
    store = f"file://{Path(folder) / 'store'}"
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world)
    try:
        for batch_size, reduction in CASES:
            found = gradients(rank, world, batch_size, reduction)
            save_file(found, str(Path(folder) / f"{rank}-{batch_size}-{reduction}.safetensors"))
    finally:
        dist.destroy_process_group()
