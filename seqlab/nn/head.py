"""Heads: from features to outputs, losses and predictions."""

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
    """The last module of a model. A CRF or an adaptive softmax overrides `loss` and `decode`."""

    outputs: Outputs

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """(…, D) features → (…, *shape) outputs: logits of classes, or values."""

    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        """The sum of the losses of each row's real targets.

        Args:
            features: (B, T, D) per step, (B, D) per sequence.
            targets: (B, T, …) or (B, …); the loss of an `UNSEEN` target is 0.
            mask: (B, T) or (B,), True at real targets.
            criterion: One loss per target.

        Returns:
            (B,)
        """
        losses = criterion(self(features[mask]), targets[mask])  # (N,)
        padded = losses.new_zeros(mask.shape).masked_scatter(mask, losses)  # (B, T) or (B,)
        sums: Tensor = padded.flatten(1).sum(1) if padded.dim() > 1 else padded
        return sums

    def decode(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """The predictions: the class with the highest logit, or the values themselves.

        Args:
            outputs: Outputs of `forward`.
            lengths: (B,), for heads that predict all steps of a row together.
        """
        del lengths  # each step is predicted independently
        return outputs.argmax(-1) if self.outputs.kind == "class" else outputs


class LinearHead(Head):
    """One linear map.

    Args:
        input_size: D.
        outputs: The outputs to compute.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        self.linear = nn.Linear(input_size, math.prod(outputs.shape))

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, *shape)."""
        return self.linear(features).unflatten(-1, self.outputs.shape)  # type: ignore[no-any-return]


class LogisticHead(Head):
    """Two classes from one logit z: the second class has the probability σ(z).

    The outputs are (0, z), and their softmax is (1 − σ(z), σ(z)). Their cross entropy is the
    binary cross entropy of z; predictions, class weights and label smoothing are those of a head
    with two outputs.

    Args:
        input_size: D.
        outputs: The outputs to compute: two classes.

    Raises:
        UserError: The outputs are not two classes.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        if outputs.kind != "class" or outputs.shape != (2,):
            is_class = outputs.kind == "class"
            needed = f"{math.prod(outputs.shape)} classes" if is_class else "values"
            raise UserError(
                f"a logistic head predicts exactly two classes, but the task needs {needed}",
                location="model.head",
                remedy="-o model.head=linear",
            )
        self.linear = nn.Linear(input_size, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, 2)."""
        return F.pad(self.linear(features), (1, 0))  # (…, 1) → (…, 2): a 0 before z


class IdentityHead(Head):
    """The features are the outputs, as for a cell whose state is the logits.

    Args:
        input_size: D, which must equal the number of outputs.
        outputs: The outputs to compute.

    Raises:
        UserError: D is not the number of outputs.
    """

    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        needed = math.prod(outputs.shape)
        if input_size != needed:
            raise UserError(
                f"without a head the model has {input_size} outputs, but the task needs {needed}",
                location="model.head",
                remedy=f"-o model.hidden_size={needed}, or -o model.head=linear",
            )

    def forward(self, features: Tensor) -> Tensor:
        """(…, D) → (…, *shape)."""
        return torch.unflatten(features, -1, self.outputs.shape)
