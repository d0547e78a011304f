"""Adaptive softmax: a head whose loss does not need the logits of all classes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.nn import Criterion, CrossEntropy, Head, Objective, SequenceModel
from seqlab.spec import UNSEEN, Ids, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_model
from tests.contracts.training import examples_of, train
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"tokens": Ids(12)}, Outputs("class", (12,), "step"), causal=True)


class AdaptiveHead(Head):
    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(input_size, outputs.shape[0], [4, 8])

    def forward(self, features: Tensor) -> Tensor:
        logits = self.softmax.log_prob(features.flatten(0, -2))  # (…, O)
        return logits.view(*features.shape[:-1], -1)

    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        known = mask & (targets != UNSEEN)  # (B, T)
        log_probabilities = self.softmax(features[known], targets[known]).output  # (N,)
        losses = features.new_zeros(mask.shape).masked_scatter(known, -log_probabilities)  # (B, T)
        return losses.sum(1)  # (B,)


class LanguageModel(SequenceModel):
    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec, TinyLSTM, {"hidden_size": 16}, embedding_size=8)
        self.head = AdaptiveHead(16, spec.outputs)


def test_adaptive_softmax_learns_and_passes() -> None:
    torch.manual_seed(0)
    lengths = np.random.default_rng(0).integers(2, 9, 40)
    tokens = np.concatenate([(np.arange(n) + i) % 12 for i, n in enumerate(lengths)])
    examples = examples_of({"tokens": tokens}, lengths, (tokens + 1) % 12, "step")
    objective = Objective(LanguageModel(SPEC), CrossEntropy())
    history = train(objective, examples, epochs=8)
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_model(lambda: LanguageModel(SPEC), SPEC))


def test_the_loss_equals_that_of_all_logits() -> None:
    torch.manual_seed(0)
    head, features = AdaptiveHead(16, SPEC.outputs), torch.randn(2, 3, 16)
    targets = torch.tensor([[0, 5, 11], [8, UNSEEN, 3]])
    mask = torch.tensor([[True, True, True], [True, True, False]])
    expected = Head.loss(head, features, targets, mask, CrossEntropy())
    torch.testing.assert_close(head.loss(features, targets, mask, CrossEntropy()), expected)
