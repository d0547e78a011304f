"""Input streams → (B, T, D): one-hot vectors, learned vectors and numbers."""

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
    """One-hot vectors: (B, T) ids → (B, T, V); (B, T, K) ids → the sum of K vectors.

    Args:
        field: The stream of tokens.
    """

    def __init__(self, field: Ids) -> None:
        super().__init__()
        self.field = field
        self.output_size = field.size

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) or (B, T, K) → (B, T, V)."""
        vectors = F.one_hot(ids.clamp_min(0), self.output_size) * (ids >= 0)[..., None]
        return (vectors.sum(2) if self.field.many else vectors).float()  # (B, T, V)


class TokenEmbedding(nn.Module):
    """Learned vectors: (B, T) ids → (B, T, D); (B, T, K) ids → the sum of K vectors.

    Args:
        field: The stream of tokens.
        size: D.
        init_std: Standard deviation of the initial weights. A small one (0.1) trains faster
            than torch's default of 1 where many tokens are rare.
        token_dropout: Fraction of the tokens that training replaces by the unknown token, so
            that its vector is trained too.
    """

    def __init__(
        self, field: Ids, size: int, *, init_std: float = 0.1, token_dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.field = field
        self.output_size = size
        self.token_dropout = token_dropout if field.unknown is not None else 0.0
        self.table = nn.Embedding(field.size, size)
        nn.init.normal_(self.table.weight, 0.0, init_std)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) or (B, T, K) → (B, T, D)."""
        if self.training and self.token_dropout > 0:
            drop = torch.rand(ids.shape, device=ids.device) < self.token_dropout
            ids = torch.where(drop & (ids >= 0), self.field.unknown or 0, ids)
        if not self.field.many:
            return self.table(ids)  # type: ignore[no-any-return]  # (B, T, D)
        vectors = self.table(ids.clamp_min(0))  # (B, T, K, D)
        return (vectors * (ids >= 0)[..., None]).sum(2)  # type: ignore[no-any-return]


class CharacterEmbedding(nn.Module):
    """Vectors of tokens from their characters: convolution of width 3, then max pooling.

    Each distinct token of the batch is computed once (dos Santos and Zadrozny 2014).

    Args:
        field: The stream of tokens made of characters.
        size: D.
        init_std: Standard deviation of the initial weights of the characters' vectors.
    """

    def __init__(self, field: Characters, size: int, *, init_std: float = 0.1) -> None:
        super().__init__()
        self.output_size = size
        self.table = nn.Embedding(field.size, size)
        nn.init.normal_(self.table.weight, 0.0, init_std)
        self.convolution = nn.Conv1d(size, size, kernel_size=3, padding=1)

    def forward(self, characters: Tensor, lengths: Tensor, index: Tensor) -> Tensor:
        """Embed the tokens of a batch.

        Args:
            characters: (U, C) character ids of each distinct token.
            lengths: (U,) number of characters of each distinct token.
            index: (B, T) distinct token at each step.

        Returns:
            (B, T, D)
        """
        mask = step_mask(lengths, characters.size(1))[:, :, None]  # (U, C, 1)
        vectors = self.table(characters).masked_fill(~mask, 0.0)  # (U, C, D)
        convolved = self.convolution(vectors.transpose(1, 2)).transpose(1, 2)  # (U, C, D)
        tokens = torch.relu(convolved.masked_fill(~mask, -torch.inf).amax(1))  # (U, D)
        return tokens[index]  # (B, T, D)


class Embedder(nn.Module):
    """All input streams, embedded and concatenated: (B, T, D).

    Args:
        inputs: The streams, by name.
        kind: Learned vectors or one-hot vectors for tokens.
        size: Width of each learned vector.
        init_std: Standard deviation of the embeddings' initial weights.
        token_dropout: As in `TokenEmbedding`.

    Raises:
        UserError: There are no streams.
    """

    def __init__(
        self,
        inputs: Mapping[str, Field],
        kind: InputKind = "embedding",
        size: int = 128,
        init_std: float = 0.1,
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
            module: OneHot | TokenEmbedding | CharacterEmbedding
            if isinstance(field, Characters):
                module = CharacterEmbedding(field, size, init_std=init_std)
            elif kind == "one-hot":
                module = OneHot(field)
            else:
                module = TokenEmbedding(field, size, init_std=init_std, token_dropout=token_dropout)
            self.streams[name] = module
            self.output_size += module.output_size
        if self.output_size == 0:
            raise UserError("the task has no input streams", remedy="a ModelSpec needs inputs")

    def forward(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The concatenated streams, (B, T, D)."""
        embedded = [self._embed(name, inputs, lengths) for name in self.fields]
        return embedded[0] if len(embedded) == 1 else torch.cat(embedded, dim=2)  # (B, T, D)

    def full_lengths(self, inputs: Inputs) -> Tensor:
        """(B,) lengths of rows without padding."""
        name, field = next(iter(self.fields.items()))
        steps = inputs[f"{name}.index" if isinstance(field, Characters) else name]  # (B, T, …)
        return torch.full((steps.size(0),), steps.size(1), device=steps.device)

    def _embed(self, name: str, inputs: Inputs, lengths: Tensor) -> Tensor:
        x = inputs[name]
        if isinstance(self.fields[name], Numbers):  # NaN in the padding would spoil the gradients
            return x.masked_fill(~step_mask(lengths, x.size(1))[:, :, None], 0.0)  # (B, T, F)
        if isinstance(self.fields[name], Characters):
            return self.streams[name](  # type: ignore[no-any-return]
                x, inputs[f"{name}.lengths"], inputs[f"{name}.index"]
            )
        return self.streams[name](x)  # type: ignore[no-any-return]
