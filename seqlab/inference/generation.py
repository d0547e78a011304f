"""Symbols drawn one after the other from what a model says comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Generator, Tensor

from seqlab.device import Device
from seqlab.errors import UserError
from seqlab.nn import Model
from seqlab.spec import Ids, State
from seqlab.task import Fitted

BLOCK = 16
"""Samples that the model reads side by side. Always as many: the same shapes give the same numbers
to the last bit, so that a sample does not depend on how many others are drawn."""

UNFINISHED = "\N{REPLACEMENT CHARACTER}"
"""Where a text ends with it, a character may lack some of its bytes yet."""


class SamplingOptions(TypedDict, total=False):
    """The names of `Sampling`, where they are given one by one."""

    length: int
    temperature: float
    top_k: int | None
    top_p: float | None
    seed: int


@dataclass(frozen=True)
class Sampling:
    """How a symbol is drawn.

    Args:
        length: How many are drawn.
        temperature: What scores are divided by; 0 takes the best symbol.
        top_k: Only so many of the best symbols; None for all.
        top_p: Only the best symbols that together have this probability; None for all.
        seed: The same seed draws the same symbols.

    Raises:
        UserError: A number out of its range.
    """

    length: int = 200
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _check("length", self.length, "≥ 1", self.length >= 1)
        _check("temperature", self.temperature, "≥ 0", 0 <= self.temperature < float("inf"))
        _check("top_k", self.top_k, "≥ 1", self.top_k is None or self.top_k >= 1)
        _check("top_p", self.top_p, "above 0, to 1", self.top_p is None or 0 < self.top_p <= 1)
        _check("seed", self.seed, "≥ 0", self.seed >= 0)


@torch.no_grad()
def draw(
    model: Model,
    stream: str,
    prompt: Tensor,
    sampling: Sampling,
    device: Device,
    *,
    samples: range = range(1),
    window: int | None = None,
    never: int | None = None,
) -> Iterator[Tensor]:
    """Draw symbol after symbol, for several samples at a time.

    A model with one output a step reads the prompt once and goes on from its state; one with one
    output a sequence reads the last `window` symbols anew for each.

    Args:
        model: Gives a score for each symbol that can come next.
        stream: Its one input.
        prompt: (P,) ids, at least one.
        sampling: How.
        device: Where the model is.
        samples: Numbers of the samples, at most `BLOCK`; each has its own random numbers.
        window: Of a model with one output a sequence.
        never: A symbol that is not drawn.

    Yields:
        (S,) the next symbol of each sample.
    """
    generators = [_generator(sampling.seed, number) for number in samples]
    reader = _Whole(model, stream, window) if window else _Carried(model, stream)
    with device.autocast():
        scores = reader.start(prompt.to(device.torch_device))  # (BLOCK, V)
    for step in range(sampling.length):
        scores = scores[: len(generators)].double().cpu()
        if never is not None and never < scores.size(1):
            scores[:, never] = -torch.inf
        symbols = _choose(scores, sampling, generators)  # (S,)
        yield symbols
        if step + 1 < sampling.length:
            filled = torch.zeros(BLOCK, 1, dtype=torch.int64)
            filled[: len(symbols), 0] = symbols
            with device.autocast():  # not around a yield: it would hold for the caller, too
                scores = reader.read(filled.to(device.torch_device))


class _Carried:
    """Goes on from a state."""

    def __init__(self, model: Model, stream: str) -> None:
        self.model, self.stream = model, stream
        self.state: State = {}

    def start(self, prompt: Tensor) -> Tensor:
        """(P,) → (BLOCK, V); the prompt is read once for all samples."""
        self.state = self.model.initial_state(1)
        scores = self.read(prompt[None])
        self.state = {
            name: entry.expand(BLOCK, *entry.shape[1:]).contiguous()
            for name, entry in self.state.items()
        }
        return scores.expand(BLOCK, -1)

    def read(self, ids: Tensor) -> Tensor:
        """(B, T) → (B, V)."""
        features, self.state = self.model.advance({self.stream: ids}, self.state)
        return self.model.head(features[:, -1])  # type: ignore[no-any-return]


class _Whole:
    """Reads the last symbols anew each time."""

    def __init__(self, model: Model, stream: str, window: int) -> None:
        self.model, self.stream, self.window = model, stream, window
        self.seen = torch.empty(0)

    def start(self, prompt: Tensor) -> Tensor:
        """(P,) → (BLOCK, V)."""
        self.seen = prompt[-self.window :].expand(BLOCK, -1)
        return self._scores()

    def read(self, ids: Tensor) -> Tensor:
        """(BLOCK, 1) → (BLOCK, V)."""
        self.seen = torch.cat([self.seen, ids], 1)[:, -self.window :]
        return self._scores()

    def _scores(self) -> Tensor:
        lengths = torch.full((BLOCK,), self.seen.size(1), device=self.seen.device)
        return self.model({self.stream: self.seen}, lengths)  # type: ignore[no-any-return]


def _choose(scores: Tensor, sampling: Sampling, generators: Sequence[Generator]) -> Tensor:
    """(S, V) → (S,): one number between 0 and 1 a sample says where in the sum it falls."""
    if sampling.temperature == 0:
        return scores.argmax(1)
    shares = _kept(scores / sampling.temperature, sampling).softmax(1)
    sums = shares.cumsum(1)  # (S, V)
    numbers = torch.cat([torch.rand(1, generator=g, dtype=torch.float64) for g in generators])
    found = torch.searchsorted(sums, (numbers * sums[:, -1])[:, None], right=True)[:, 0]
    # rounding could point behind the last symbol that may be drawn
    last = (shares > 0).long().mul(torch.arange(shares.size(1))).amax(1)
    return torch.minimum(found, last)


def _kept(scores: Tensor, sampling: Sampling) -> Tensor:
    """Scores (S, V), −∞ where a symbol is not among the best."""
    if sampling.top_k is not None and sampling.top_k < scores.size(1):
        worst = scores.topk(sampling.top_k, dim=1).values[:, -1:]
        scores = scores.masked_fill(scores < worst, -torch.inf)
    if sampling.top_p is not None:
        ordered, places = scores.softmax(1).sort(dim=1, descending=True, stable=True)
        before = ordered.cumsum(1) - ordered  # what the better ones have together
        drop = torch.empty_like(scores, dtype=torch.bool)
        drop.scatter_(1, places, before >= sampling.top_p)
        scores = scores.masked_fill(drop, -torch.inf)
    return scores


def _generator(seed: int, number: int) -> Generator:
    """Random numbers of one sample, whatever the others are."""
    mixed = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]
    return Generator().manual_seed(int(mixed))


def _check(name: str, value: object, wanted: str, fits: bool) -> None:
    if not fits:
        raise UserError(
            f"{name} is {value}",
            location=f"--{name.replace('_', '-')}",
            remedy=f"give a value {wanted}",
        )


class Writer:
    """Writes texts with a model of a task that predicts what comes next.

    Args:
        model: Trained.
        fitted: The task.
        name: What the task is called, for messages.
        device: Where the model is.

    Raises:
        UserError: The task predicts something else.
    """

    def __init__(self, model: Model, fitted: Fitted, name: str, device: Device) -> None:
        if fitted.generation is None:
            raise UserError(
                f"this run of task '{name}' does not predict what comes next, so it cannot write",
                location="RUN",
                remedy="give a run of a task that does, such as `seqlab run --task chars`",
            )
        self.model, self.device = model, device
        self.stream, self.window = fitted.generation.stream, fitted.generation.window
        self.tokenizer = fitted.tokenizers[self.stream]
        field = fitted.spec.inputs[self.stream]
        self.never = field.unknown if isinstance(field, Ids) else None

    def stream_text(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        """What follows the prompt, in pieces as they are drawn."""
        ids = self._read(prompt)
        said = len(self.tokenizer.decode(ids))
        for symbols in self._draw(ids, sampling, range(1)):
            ids.append(int(symbols[0]))
            text = self.tokenizer.decode(ids)
            if not text.endswith(UNFINISHED) and len(text) > said:
                yield text[said:]
                said = len(text)
        if len(text := self.tokenizer.decode(ids)) > said:
            yield text[said:]

    def texts(self, prompt: str, sampling: Sampling, samples: int) -> list[str]:
        """The prompt and what follows it, several times."""
        _check("samples", samples, "≥ 1", samples >= 1)
        ids = self._read(prompt)
        said = len(self.tokenizer.decode(ids))
        found: list[str] = []
        for first in range(0, samples, BLOCK):
            block = range(first, min(first + BLOCK, samples))
            drawn = torch.stack(list(self._draw(ids, sampling, block)), 1)  # (S, length)
            for own in drawn.tolist():
                found.append(prompt + self.tokenizer.decode([*ids, *own])[said:])
        return found

    def _draw(self, ids: list[int], sampling: Sampling, samples: range) -> Iterator[Tensor]:
        return draw(
            self.model,
            self.stream,
            torch.tensor(ids),
            sampling,
            self.device,
            samples=samples,
            window=self.window,
            never=self.never,
        )

    def _read(self, prompt: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode([prompt]).values.tolist()
        if not ids:
            raise UserError(
                "the prompt holds no symbol to start from",
                location="--prompt",
                remedy="give a word or a few characters",
            )
        return ids
