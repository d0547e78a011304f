"""Text generation: tokens are sampled one after the other from the predictions of a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from seqlab.device import Device
from seqlab.errors import UserError
from seqlab.nn import Model
from seqlab.spec import Ids, State
from seqlab.task import Fitted

BATCH_SIZE = 16
"""Rows that the model always reads at a time. Equal shapes give equal numbers to the last bit, so
that a sample does not depend on how many others are drawn with it."""

INCOMPLETE = "\N{REPLACEMENT CHARACTER}"
"""The last character of a text while some of its bytes are not generated yet."""


@dataclass(frozen=True)
class Sampling:
    """How texts are sampled.

    Args:
        length: Number of tokens to generate.
        temperature: Divides the logits; 0 takes the most probable token.
        top_k: Sample from the k most probable tokens only; None for all tokens.
        top_p: Sample from the most probable tokens with this total probability only; None for all.
        seed: The random seed.
        samples: Number of texts.

    Raises:
        UserError: A value is out of range.
    """

    length: int = 200
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0
    samples: int = 1

    def __post_init__(self) -> None:
        _check("length", self.length, "≥ 1", self.length >= 1)
        _check("temperature", self.temperature, "≥ 0", 0 <= self.temperature < float("inf"))
        _check("top_k", self.top_k, "≥ 1", self.top_k is None or self.top_k >= 1)
        _check("top_p", self.top_p, "> 0 and ≤ 1", self.top_p is None or 0 < self.top_p <= 1)
        _check("seed", self.seed, "≥ 0", self.seed >= 0)
        _check("samples", self.samples, "≥ 1", self.samples >= 1)


@torch.no_grad()
def sample_tokens(
    model: Model,
    stream: str,
    prompt: Tensor,
    sampling: Sampling,
    device: Device,
    *,
    numbers: range = range(1),
    window: int | None = None,
    excluded: int | None = None,
) -> Iterator[Tensor]:
    """Sample token after token, for several texts at a time.

    A model with one output per step reads the prompt once and continues from its state. A model
    with one output per sequence reads the last `window` tokens again for each new token.

    Args:
        model: Its outputs are the logits of the next token.
        stream: The name of its only input.
        prompt: (P,) ids, at least one.
        sampling: The options; `length` tokens are drawn.
        device: The device of the model.
        numbers: The numbers of the texts, at most `BATCH_SIZE`; each has its own random generator.
        window: For a model with one output per sequence.
        excluded: The id of a token that is never drawn.

    Yields:
        (S,) the next token of each text.
    """
    generators = [_generator(sampling.seed, number) for number in numbers]
    reader = _Windowed(model, stream, window) if window else _Stateful(model, stream)
    with device.autocast():
        logits = reader.read_prompt(prompt.to(device.torch_device))  # (BATCH_SIZE, V)
    for step in range(sampling.length):
        logits = logits[: len(generators)].double().cpu()
        if excluded is not None and excluded < logits.size(1):
            logits[:, excluded] = -torch.inf
        tokens = _sample(logits, sampling, generators)  # (S,)
        yield tokens
        if step + 1 < sampling.length:
            ids = torch.zeros(BATCH_SIZE, 1, dtype=torch.int64)
            ids[: len(tokens), 0] = tokens
            with device.autocast():  # not around a yield: it would apply to the caller, too
                logits = reader.read(ids.to(device.torch_device))


class _Stateful:
    """Logits of the next token from a model that continues from its state."""

    def __init__(self, model: Model, stream: str) -> None:
        self.model, self.stream = model, stream
        self.state: State = {}

    def read_prompt(self, prompt: Tensor) -> Tensor:
        """(P,) → (BATCH_SIZE, V); the prompt is read once for all texts."""
        self.state = self.model.initial_state(1)
        logits = self.read(prompt[None])
        self.state = {
            name: entry.expand(BATCH_SIZE, *entry.shape[1:]).contiguous()
            for name, entry in self.state.items()
        }
        return logits.expand(BATCH_SIZE, -1)

    def read(self, ids: Tensor) -> Tensor:
        """(B, T) → (B, V)."""
        features, self.state = self.model.advance({self.stream: ids}, self.state)
        logits: Tensor = self.model.head(features[:, -1])
        return logits


class _Windowed:
    """Logits of the next token from a model that reads the last tokens again each time."""

    def __init__(self, model: Model, stream: str, window: int) -> None:
        self.model, self.stream, self.window = model, stream, window
        self.context = torch.empty(0)

    def read_prompt(self, prompt: Tensor) -> Tensor:
        """(P,) → (BATCH_SIZE, V)."""
        self.context = prompt[-self.window :].expand(BATCH_SIZE, -1)
        return self._logits()

    def read(self, ids: Tensor) -> Tensor:
        """(BATCH_SIZE, 1) → (BATCH_SIZE, V)."""
        self.context = torch.cat([self.context, ids], 1)[:, -self.window :]
        return self._logits()

    def _logits(self) -> Tensor:
        steps = self.context.size(1)
        lengths = torch.full((BATCH_SIZE,), steps, device=self.context.device)
        logits: Tensor = self.model({self.stream: self.context}, lengths)
        return logits


def _sample(logits: Tensor, sampling: Sampling, generators: Sequence[Generator]) -> Tensor:
    """(S, V) → (S,): inverse transform sampling with one random number per text."""
    if sampling.temperature == 0:
        return logits.argmax(1)
    probabilities = _filtered(logits / sampling.temperature, sampling).softmax(1)
    cumulative = probabilities.cumsum(1)  # (S, V)
    uniform = torch.cat([torch.rand(1, generator=g, dtype=torch.float64) for g in generators])
    thresholds = (uniform * cumulative[:, -1])[:, None]
    tokens = torch.searchsorted(cumulative, thresholds, right=True)[:, 0]
    # rounding errors could select a token beyond the last one with a probability above 0
    last = (probabilities > 0).long().mul(torch.arange(probabilities.size(1))).amax(1)
    return torch.minimum(tokens, last)


def _filtered(logits: Tensor, sampling: Sampling) -> Tensor:
    """Logits (S, V), −∞ for tokens that `top_k` or `top_p` exclude."""
    if sampling.top_k is not None and sampling.top_k < logits.size(1):
        lowest = logits.topk(sampling.top_k, dim=1).values[:, -1:]
        logits = logits.masked_fill(logits < lowest, -torch.inf)
    if sampling.top_p is not None:
        ordered, indices = logits.softmax(1).sort(dim=1, descending=True, stable=True)
        before = ordered.cumsum(1) - ordered  # the total probability of the more probable tokens
        dropped = torch.empty_like(logits, dtype=torch.bool)
        dropped.scatter_(1, indices, before >= sampling.top_p)
        logits = logits.masked_fill(dropped, -torch.inf)
    return logits


def _generator(seed: int, number: int) -> Generator:
    """The random generator of one text, independent of those of the others."""
    mixed = np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]
    return Generator().manual_seed(int(mixed))


def _check(name: str, value: object, valid: str, is_valid: bool) -> None:
    if not is_valid:
        raise UserError(
            f"{name} is {value}",
            location=f"--{name.replace('_', '-')}",
            remedy=f"give a value {valid}",
        )


class Writer:
    """Generates text with a model of a task that predicts the next token.

    Args:
        model: A trained model.
        fitted: The fitted task.
        name: The name of the task, for messages.
        device: The device of the model.

    Raises:
        UserError: The task predicts something other than the next token.
    """

    def __init__(self, model: Model, fitted: Fitted, name: str, device: Device) -> None:
        if fitted.generation is None:
            raise UserError(
                f"this run of task '{name}' does not predict the next token, "
                "so it cannot write text",
                location="RUN",
                remedy="give a run of a task that does, such as `seqlab run --task chars`",
            )
        self.model, self.device = model, device
        self.stream, self.window = fitted.generation.stream, fitted.generation.window
        self.tokenizer = fitted.tokenizers[self.stream]
        field = fitted.spec.inputs[self.stream]
        self.excluded = field.unknown if isinstance(field, Ids) else None

    def texts(self, prompt: str, sampling: Sampling) -> list[str]:
        """Texts that consist of the prompt and its continuation.

        Args:
            prompt: The text that the model reads first.
            sampling: The options.

        Raises:
            UserError: The prompt is empty.
        """
        ids = self._encode(prompt)
        prompt_length = len(self.tokenizer.decode(ids))
        texts: list[str] = []
        for first in range(0, sampling.samples, BATCH_SIZE):
            numbers = range(first, min(first + BATCH_SIZE, sampling.samples))
            tokens = torch.stack(list(self._sample(ids, sampling, numbers)), 1)  # (S, length)
            for row in tokens.tolist():
                texts.append(prompt + self.tokenizer.decode([*ids, *row])[prompt_length:])
        return texts

    def stream_text(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        """The continuation of the prompt in chunks, as they are generated.

        Args:
            prompt: The text that the model reads first.
            sampling: The options, for one sample.

        Raises:
            UserError: The prompt is empty, or there are several samples.
        """
        if sampling.samples != 1:
            raise UserError(
                f"one sample is streamed at a time, not {sampling.samples}",
                location="--samples",
                remedy="stream one sample, or generate all texts at once",
            )
        return self._pieces(self._encode(prompt), sampling)

    def _pieces(self, ids: list[int], sampling: Sampling) -> Iterator[str]:
        written = len(self.tokenizer.decode(ids))
        for tokens in self._sample(ids, sampling, range(1)):
            ids.append(int(tokens[0]))
            text = self.tokenizer.decode(ids)
            if not text.endswith(INCOMPLETE) and len(text) > written:
                yield text[written:]
                written = len(text)
        if len(text := self.tokenizer.decode(ids)) > written:
            yield text[written:]

    def _sample(self, ids: list[int], sampling: Sampling, numbers: range) -> Iterator[Tensor]:
        return sample_tokens(
            self.model,
            self.stream,
            torch.tensor(ids),
            sampling,
            self.device,
            numbers=numbers,
            window=self.window,
            excluded=self.excluded,
        )

    def _encode(self, prompt: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode([prompt]).values.tolist()
        if not ids:
            raise UserError(
                "the prompt has no token to start from",
                location="--prompt",
                remedy="give a word or a few characters",
            )
        return ids
