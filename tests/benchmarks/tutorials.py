"""The tutorials' small networks: how many seeds reach what is arguments, beside plain torch.

    python -m tests.benchmarks.tutorials [SEEDS] [RECIPE...]

Prints, for each recipe, how many of the seeds 0 … SEEDS − 1 (10 if not given) reach all that it
expects. Plain torch, with the same seeds, is arguments for the same after the same number of steps.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import seqlab
from seqlab.config.recipe import read_recipe
from seqlab.plugin.manager import installed

Run = tuple[Callable[[], Tensor], nn.Module]
"""The logits of the one batch, and all that is trained."""

HELLO, OHLOL = [1, 0, 2, 2, 3], torch.tensor([3, 1, 2, 3, 2])
HIHELL, IHELLO = [0, 1, 0, 2, 3, 3], torch.tensor([1, 0, 2, 3, 3, 4])
TRIPLES = torch.tensor([[1, 2, 3], [2, 3, 4]])


def one_hot(ids: list[int], size: int) -> Tensor:
    return torch.eye(size)[torch.tensor(ids)][None]  # (1, T, V)


def hihell() -> Run:
    rnn, linear = nn.RNN(5, 4, batch_first=True), nn.Linear(4, 5)
    x = one_hot(HIHELL, 5)
    return lambda: linear(rnn(x)[0])[0], nn.ModuleList([rnn, linear])


def ohlol_cell() -> Run:
    cell, x = nn.RNNCell(4, 4), one_hot(HELLO, 4)

    def logits() -> Tensor:
        state, steps = torch.zeros(1, 4), []
        for step in x.unbind(1):
            state = cell(step, state)
            steps.append(state)
        return torch.cat(steps)

    return logits, cell


def ohlol_rnn(num_layers: int = 1) -> Run:
    rnn, x = nn.RNN(4, 4, num_layers, batch_first=True), one_hot(HELLO, 4)
    return lambda: rnn(x)[0][0], rnn


def ohlol(kind: type[nn.RNN | nn.LSTM], *, bidirectional: bool = False) -> Run:
    embedding = nn.Embedding(4, 10)
    rnn = kind(10, 8, num_layers=2, batch_first=True, bidirectional=bidirectional)
    linear = nn.Linear(8 * (1 + bidirectional), 4)
    x = torch.tensor([HELLO])
    modules = nn.ModuleList([embedding, rnn, linear])
    return lambda: linear(rnn(embedding(x))[0])[0], modules


def count(*, every_step: bool) -> Run:
    embedding, linear = nn.Embedding(10, 4), nn.Linear(10, 1)
    rnn = nn.RNN(4, 10, batch_first=True)
    modules = nn.ModuleList([embedding, rnn, linear])
    if every_step:
        return lambda: linear(rnn(embedding(TRIPLES))[0])[..., 0], modules
    return lambda: linear(rnn(embedding(TRIPLES))[0][:, -1])[:, 0], modules


def learn(make: Callable[[], Run], loss: Callable[[Tensor], Tensor], rate: float, steps: int,
          seed: int) -> Tensor:  # fmt: skip
    """The logits after so many steps of Adam."""
    torch.manual_seed(seed)
    logits, modules = make()
    optimizer = torch.optim.Adam(modules.parameters(), rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(logits()).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return logits().detach()


def spells(make: Callable[[], Run], target: Tensor, steps: int, below: float = 9.0, *,
           summed: bool = False) -> Callable[[int], bool]:  # fmt: skip
    """Whether a seed learns every letter, and a loss below a bound."""
    reduction = "sum" if summed else "mean"

    def reached(seed: int) -> bool:
        scores = learn(
            make, lambda s: F.cross_entropy(s, target, reduction=reduction), 0.1, steps, seed
        )
        loss = F.cross_entropy(scores, target)
        return torch.equal(scores.argmax(1), target) and float(loss) <= below

    return reached


def counts(steps: int, *, every_step: bool) -> Callable[[int], bool]:
    """Whether a seed's error is below 0.3, in units."""
    target = TRIPLES + 3.0 if every_step else TRIPLES[:, -1] + 1.0

    def reached(seed: int) -> bool:
        predictions = learn(
            lambda: count(every_step=every_step), lambda s: F.mse_loss(s, target), 0.01, steps, seed
        )
        return float(F.mse_loss(predictions, target)) < 0.3**2

    return reached


Options = dict[str, Any]
TABLE: list[tuple[str, Options, Callable[[int], bool]]] = [
    ("hihell", {"train.init_from": "none", "train.epochs": 100}, spells(hihell, IHELLO, 100)),
    ("ohlol-cell", {}, spells(ohlol_cell, OHLOL, 15, summed=True)),
    ("ohlol-rnn", {}, spells(ohlol_rnn, OHLOL, 15)),
    ("ohlol-rnn", {"model.num_layers": 2}, spells(lambda: ohlol_rnn(2), OHLOL, 15)),
    ("ohlol-embedding", {}, spells(lambda: ohlol(nn.RNN), OHLOL, 15, 0.02)),
    (
        "ohlol-lstm",
        {},
        spells(lambda: ohlol(nn.LSTM, bidirectional=True), OHLOL, 25, 0.02),
    ),
    (
        "ohlol-lstm",
        {"model.bidirectional": False, "train.epochs": 40},
        spells(lambda: ohlol(nn.LSTM), OHLOL, 40, 0.02),
    ),
    ("count-last", {}, counts(100, every_step=False)),
    ("count-steps", {}, counts(300, every_step=True)),
]


def reached(recipe: str, options: Options, seed: int) -> bool:
    """Whether seqlab reaches what the recipe expects."""
    with tempfile.TemporaryDirectory() as folder:
        result = seqlab.run(recipe=recipe, options=options, seed=seed, out=Path(folder) / "run")
    return all(bool(each["reached"]) for each in result["expected"])


def main(arguments: list[str]) -> None:
    seeds = range(int(arguments[0]) if arguments else 10)
    for name, options, reference in TABLE:
        if arguments[1:] and name not in arguments[1:]:
            continue
        ours = sum(reached(name, options, seed) for seed in seeds)
        plain = sum(map(reference, seeds))
        recipe = read_recipe(installed().recipes.get(name))
        conditions = "; ".join(f"{number.name} {number.condition}" for number in recipe.expected)
        overridden = " ".join(f"{key}={value}" for key, value in options.items())
        print(
            f"{name} {overridden}: {conditions}: {ours} of {len(seeds)} seeds, plain torch {plain}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
