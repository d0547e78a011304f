"""From streams of symbols and numbers to (B, T, D)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from seqlab.errors import UserError
from seqlab.nn.masking import step_mask
from seqlab.spec import Characters, Field, Ids, Inputs, Numbers

InputKind = Literal["embedding", "one-hot"]


class OneHot(nn.Module):
    """(B, T) ids → (B, T, V); (B, T, K) → their sum.

    Args:
        field: The stream's symbols.
    """

    def __init__(self, field: Ids) -> None:
        super().__init__()
        self.field = field
        self.output_size = field.size

    def forward(self, ids: Tensor) -> Tensor:
        """The symbols as unit vectors."""
        hot = F.one_hot(ids.clamp_min(0), self.output_size) * (ids >= 0)[..., None]
        return (hot.sum(2) if self.field.many else hot).float()  # (B, T, V)


class TokenEmbedding(nn.Module):
    """(B, T) ids → (B, T, D), or the sum over (B, T, K).

    Args:
        field: The stream's symbols.
        size: D.
        deviation: Standard deviation of the start weights. A small one (0.1) learns faster
            than the usual 1 where many symbols are rare.
        token_dropout: Share of symbols that training replaces by the unknown one, so that
            this one is learned too.
    """

    def __init__(
        self, field: Ids, size: int, *, deviation: float = 0.1, token_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.field = field
        self.output_size = size
        self.token_dropout = token_dropout if field.unknown is not None else 0.0
        self.table = nn.Embedding(field.size, size)
        nn.init.normal_(self.table.weight, 0.0, deviation)

    def forward(self, ids: Tensor) -> Tensor:
        """The symbols' vectors."""
        if self.training and self.token_dropout > 0:
            drop = torch.rand(ids.shape, device=ids.device) < self.token_dropout
            ids = torch.where(drop & (ids >= 0), self.field.unknown or 0, ids)
        if not self.field.many:
            return self.table(ids)  # type: ignore[no-any-return]  # (B, T, D)
        vectors = self.table(ids.clamp_min(0))  # (B, T, K, D)
        return (vectors * (ids >= 0)[..., None]).sum(2)  # type: ignore[no-any-return]


class CharacterEmbedding(nn.Module):
    """Symbols from their pieces: convolution of width 3, then the maximum over the pieces.

    Each distinct symbol of the batch is read once (dos Santos and Zadrozny 2014).

    Args:
        field: The pieces.
        size: D.
    """

    def __init__(self, field: Characters, size: int) -> None:
        super().__init__()
        self.output_size = size
        self.table = nn.Embedding(field.size, size)
        nn.init.normal_(self.table.weight, 0.0, 0.1)
        self.convolution = nn.Conv1d(size, size, kernel_size=3, padding=1)

    def forward(self, pieces: Tensor, lengths: Tensor, index: Tensor) -> Tensor:
        """(U, C) pieces, (U,) lengths and the (B, T) index of each step's symbol → (B, T, D)."""
        mask = step_mask(lengths, pieces.size(1))[:, :, None]  # (U, C, 1)
        vectors = self.table(pieces).masked_fill(~mask, 0.0)  # (U, C, D)
        seen = self.convolution(vectors.transpose(1, 2)).transpose(1, 2)  # (U, C, D)
        symbols = torch.relu(seen.masked_fill(~mask, -torch.inf).amax(1))  # (U, D)
        return symbols[index]  # (B, T, D)


class Embedder(nn.Module):
    """All streams, each in its way, joined: (B, T, D).

    Args:
        inputs: The streams.
        kind: Symbols as learned vectors or as unit vectors.
        size: Width of each learned vector.
        deviation: Standard deviation of the embeddings' start weights.
        token_dropout: As in `TokenEmbedding`.
    """

    def __init__(
        self,
        inputs: Mapping[str, Field],
        kind: InputKind = "embedding",
        size: int = 128,
        deviation: float = 0.1,
        token_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.fields = dict(inputs)
        self.streams = nn.ModuleDict()
        self.output_size = 0
        for name, field in inputs.items():
            if isinstance(field, Numbers):
                self.output_size += field.size
                continue
            part: OneHot | TokenEmbedding | CharacterEmbedding
            if isinstance(field, Characters):
                part = CharacterEmbedding(field, size)
            elif kind == "one-hot":
                part = OneHot(field)
            else:
                part = TokenEmbedding(field, size, deviation=deviation, token_dropout=token_dropout)
            self.streams[name] = part
            self.output_size += part.output_size
        if self.output_size == 0:
            raise UserError("the task gives no input stream", remedy="a ModelSpec needs inputs")

    def forward(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The streams as (B, T, D)."""
        parts = [self._stream(name, inputs, lengths) for name in self.fields]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)  # (B, T, D)

    def full_lengths(self, inputs: Inputs) -> Tensor:
        """(B,) lengths of rows without padding."""
        name, field = next(iter(self.fields.items()))
        steps = inputs[f"{name}.index" if isinstance(field, Characters) else name]  # (B, T, …)
        return torch.full((steps.size(0),), steps.size(1), device=steps.device)

    def _stream(self, name: str, inputs: Inputs, lengths: Tensor) -> Tensor:
        x = inputs[name]
        if isinstance(self.fields[name], Numbers):  # NaN in padding would poison gradients
            return x.masked_fill(~step_mask(lengths, x.size(1))[:, :, None], 0.0)  # (B, T, F)
        if isinstance(self.fields[name], Characters):
            return self.streams[name](  # type: ignore[no-any-return]
                x, inputs[f"{name}.lengths"], inputs[f"{name}.index"]
            )
        return self.streams[name](x)  # type: ignore[no-any-return]
