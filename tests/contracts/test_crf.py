"""A conditional random field over words and their characters: a model with a custom head."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.data.sampling.batching import gather
from seqlab.nn import Criterion, CrossEntropy, Embedder, Head, Model, Objective, Stack
from seqlab.spec import NO_TARGET, UNSEEN, Characters, Ids, Inputs, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_model
from tests.contracts.training import examples_of, train
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"words": Ids(12), "characters": Characters(6)}, Outputs("class", (3,), "step"))


class Crf(Head):
    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        self.linear = nn.Linear(input_size, outputs.shape[0])
        self.transitions = nn.Parameter(torch.zeros(outputs.shape * 2))  # (O, O) from, to

    def forward(self, features: Tensor) -> Tensor:
        return self.linear(features)  # type: ignore[no-any-return]  # (B, T, O)

    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        logits = self(features)  # (B, T, O)
        tags = torch.arange(logits.size(2))  # (O,)
        # an unseen target matches all tags, so its loss is summed over all paths through them
        allowed = (targets[:, :, None] == tags) | (targets == UNSEEN)[:, :, None]  # (B, T, O)
        target_paths = logits.where(allowed, -torch.inf)
        return self.log_partition(logits, mask) - self.log_partition(target_paths, mask)

    def log_partition(self, logits: Tensor, mask: Tensor) -> Tensor:
        """(B,) log of the sum over all paths."""
        alpha = logits[:, 0]  # (B, O)
        for step in range(1, logits.size(1)):
            scores = alpha[:, :, None] + self.transitions  # (B, O, O)
            alpha_next = scores.logsumexp(1) + logits[:, step]  # (B, O)
            alpha = torch.where(mask[:, step, None], alpha_next, alpha)
        return alpha.logsumexp(1)

    def decode(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        best, stay = outputs[:, 0], torch.arange(outputs.size(2))  # (B, O), (O,)
        pointers = []
        for step in range(1, outputs.size(1)):
            highest, origin = (best[:, :, None] + self.transitions).max(1)  # (B, O)
            real = (step < lengths)[:, None]  # (B, 1)
            best = torch.where(real, highest + outputs[:, step], best)
            pointers.append(torch.where(real, origin, stay))
        path = [best.argmax(1)]  # (B,)
        for pointer in reversed(pointers):
            path.append(pointer.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], dim=1)  # (B, T)


class CrfTagger(Model):
    def __init__(self, spec: ModelSpec, hidden_size: int = 8) -> None:
        super().__init__()
        self.embedder = Embedder(spec.inputs, size=6)
        options = {"hidden_size": hidden_size}
        self.stack = Stack(TinyLSTM, self.embedder.output_size, options, bidirectional=True)
        self.head = Crf(self.stack.output_size, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        return self.stack(self.embedder(inputs, lengths), lengths)  # type: ignore[no-any-return]


def tagged_words() -> Examples:
    """Sentences in which a word's tag follows from its last character."""
    generator = np.random.default_rng(0)
    spellings = [generator.integers(0, 6, generator.integers(1, 5)) for _ in range(12)]
    lengths = generator.integers(1, 9, 40)
    words = generator.integers(0, 12, lengths.sum())
    tags = np.array([spellings[word][-1] % 3 for word in words])
    offsets = np.cumsum([0, *map(len, spellings)]).astype(np.int64)
    table = CharacterTable(words, np.concatenate(spellings), offsets)
    return examples_of({"words": words, "characters": table}, lengths, tags, "step")


def path_scores(head: Crf, logits: Tensor, length: int) -> dict[tuple[int, ...], Tensor]:
    """The score of every path of one row; `logits` is (T, O)."""
    scores = {}
    for path in itertools.product(range(logits.size(1)), repeat=length):
        emissions = torch.stack([logits[step, tag] for step, tag in enumerate(path)])
        transitions = [head.transitions[a, b] for a, b in itertools.pairwise(path)]
        scores[path] = emissions.sum() + sum(transitions)
    return scores


def test_loss_and_predictions_equal_those_of_all_paths() -> None:
    torch.manual_seed(0)
    head = Crf(5, SPEC.outputs)
    nn.init.normal_(head.transitions)
    features, lengths = torch.randn(3, 4, 5), torch.tensor([4, 1, 3])
    targets = torch.tensor([[0, 2, 1, 1], [2, 0, 0, 0], [1, UNSEEN, 0, 2]])
    mask = torch.arange(4) < lengths[:, None]
    losses = head.loss(features, targets, mask, CrossEntropy())
    logits = head(features)
    predictions = head.decode(logits, lengths)
    for row, length in enumerate(lengths.tolist()):
        scores = path_scores(head, logits[row], length)
        target_scores = [
            score
            for path, score in scores.items()
            if all(t in (tag, UNSEEN) for tag, t in zip(path, targets[row].tolist(), strict=False))
        ]
        total = torch.stack(list(scores.values())).logsumexp(0)
        torch.testing.assert_close(losses[row], total - torch.stack(target_scores).logsumexp(0))
        best = max(scores, key=lambda path: float(scores[path].detach()))
        assert tuple(predictions[row, :length].tolist()) == best


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_a_step_without_a_target_costs_nothing(gap: int) -> None:
    """A head that predicts all steps together passes over it, also where it is the first."""
    torch.manual_seed(0)
    head = Crf(5, SPEC.outputs)
    features, tags = torch.randn(1, 4, 5), np.array([0, 2, 1, 1])
    tags[gap] = NO_TARGET
    batch = gather(examples_of({"words": np.arange(4)}, np.array([4]), tags, "step"), np.arange(1))
    loss = head.loss(features, batch.targets, batch.mask, CrossEntropy())
    assert batch.weight == 3
    assert 0 < float(loss.detach()) < torch.inf


def test_crf_learns_and_passes() -> None:
    torch.manual_seed(0)
    examples = tagged_words()
    history = train(Objective(CrfTagger(SPEC), CrossEntropy()), examples)
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_model(lambda: CrfTagger(SPEC), SPEC))
