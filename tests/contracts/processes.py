"""Gradients of one process among several; this module is imported by each process."""

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

SPEC = ModelSpec({"tokens": Ids(9)}, Outputs("class", (9,), "step"), causal=True)

BATCH_SIZES = (7, 4, 3)
"""All examples at once; even and odd step batches; a last step batch of one example, so that one
process has none."""

REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum")
CASES = tuple(product(BATCH_SIZES, REDUCTIONS))


def texts() -> Examples:
    """Seven texts of very unequal lengths: the processes' micro-batches differ in weight."""
    lengths = (1, 2, 3, 9, 12, 20, 31)
    tokens = np.random.default_rng(0).integers(0, 9, sum(lengths))
    return examples_of({"tokens": tokens}, lengths, np.roll(tokens, -1), "step")


def gradients(
    rank: int, world: int, batch_size: int, reduction: Reduction = "mean"
) -> dict[str, Tensor]:
    """The gradients of all step batches of an epoch, in one process of `world`."""
    torch.manual_seed(0)
    objective = Objective(SequenceModel(SPEC, TinyLSTM, {}, embedding_size=6), CrossEntropy())
    wrapped = DistributedDataParallel(objective) if world > 1 else objective
    examples = texts()
    sampler = BucketSampler(
        examples.lengths,
        examples.weights,
        batch_size=batch_size,
        gradient_accumulation_steps=2,
        rank=rank,
        world=world,
    )
    for step_batch in sampler:
        scale = 0.0 if step_batch.idle else loss_scale(step_batch, world, reduction)
        for micro_batch in step_batch.micro_batches:
            (wrapped(gather(examples, micro_batch))[0] * scale).backward()
    return {n: p.grad for n, p in objective.named_parameters() if p.grad is not None}


def worker(rank: int, world: int, folder: str) -> None:
    """Save the gradients of this process for all cases."""
    torch.set_num_threads(1)
    if sys.platform == "linux":
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"  # the host name may not resolve
    store = f"file://{Path(folder) / 'store'}"
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world)
    try:
        for batch_size, reduction in CASES:
            result = gradients(rank, world, batch_size, reduction)
            save_file(result, str(Path(folder) / f"{rank}-{batch_size}-{reduction}.safetensors"))
    finally:
        dist.destroy_process_group()
