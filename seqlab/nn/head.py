"""From features to outputs, losses and decisions."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from seqlab.errors import UserError
from seqlab.nn.criterion import Criterion
from seqlab.spec import Outputs


class Head(nn.Module, ABC):
    """The last part of a model. A CRF or an adaptive softmax overrides `loss` and `decode`."""

    outputs: Outputs

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """(…, D) features → (…, *shape) outputs."""

    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        """The sum of the losses of each row's real targets.

        Args:
            features: (B, T, D) a step, (B, D) a sequence.
            targets: (B, T, …) or (B, …); one that is `UNSEEN` costs nothing.
            mask: (B, T) or (B,) where a real target stands.
            criterion: One loss a target.

        Returns:
            (B,)
        """
        losses = criterion(self(features[mask]), targets[mask])  # (N,)
        spread = losses.new_zeros(mask.shape).masked_scatter(mask, losses)  # (B, T) or (B,)
        summed: Tensor = spread.flatten(1).sum(1) if spread.dim() > 1 else spread
        return summed

    def decode(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """The decision: the best class, or the value itself.

        Args:
            outputs: As `forward` gives them.
            lengths: (B,), for heads that decide over a whole row.
        """
        del lengths  # each step is decided alone
        return outputs.argmax(-1) if self.outputs.kind == "class" else outputs


class LinearHead(Head):
    """One linear map.

    Args:
        input_size: D.
        outputs: What to give.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        self.linear = nn.Linear(input_size, math.prod(outputs.shape))

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, *shape)."""
        return self.linear(features).unflatten(-1, self.outputs.shape)  # type: ignore[no-any-return]


class LogisticHead(Head):
    """Two classes from one number z: the second one has the probability σ(z).

    The outputs are (0, z), whose softmax is (1 − σ(z), σ(z)): cross entropy of them is binary cross
    entropy of z, and decisions, weights of classes and label smoothing are those of two outputs.

    Args:
        input_size: D.
        outputs: What to give: two classes.

    Raises:
        UserError: Other than two classes are asked for.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        if outputs.kind != "class" or outputs.shape != (2,):
            classes = outputs.kind == "class"
            asked = f"{math.prod(outputs.shape)} classes" if classes else "values"
            raise UserError(
                f"a logistic head tells two classes apart, and {asked} are asked for",
                location="model.head",
                remedy="-o model.head=linear",
            )
        self.linear = nn.Linear(input_size, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, 2)."""
        return F.pad(self.linear(features), (1, 0))  # (…, 1) → (…, 2): a 0 before it


class IdentityHead(Head):
    """The features are the outputs, as in a cell whose state is the logits.

    Args:
        input_size: D; must equal the number of outputs.
        outputs: What to give.

    Raises:
        UserError: D is not the number of outputs.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        wanted = math.prod(outputs.shape)
        if input_size != wanted:
            raise UserError(
                f"without a head the model gives {input_size} outputs where {wanted} are needed",
                location="model.head",
                remedy=f"-o model.hidden_size={wanted}, or -o model.head=linear",
            )

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, *shape)."""
        return torch.unflatten(features, -1, self.outputs.shape)
