"""A conditional random field over words and their characters: a head of its own."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.nn import Criterion, CrossEntropy, Embedder, Head, Model, Objective, Stack
from seqlab.spec import UNSEEN, Characters, Ids, Inputs, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_model
from tests.contracts.training import examples_of, train
from tests.nn.tiny import TinyLSTM

SPEC = ModelSpec({"words": Ids(12), "characters": Characters(6)}, Outputs("class", (3,), "step"))


class Crf(Head):
    def __init__(self, input_size: int, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs
        self.linear = nn.Linear(input_size, outputs.shape[0])
        self.moves = nn.Parameter(torch.zeros(outputs.shape * 2))  # (O, O) from, to

    def forward(self, features: Tensor) -> Tensor:
        return self.linear(features)  # type: ignore[no-any-return]  # (B, T, O)

    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        scores = self(features)  # (B, T, O)
        tags = torch.arange(scores.size(2))  # (O,)
        # all paths through the targets: an unseen one stands for any tag
        allowed = (targets[:, :, None] == tags) | (targets == UNSEEN)[:, :, None]  # (B, T, O)
        return self.total(scores, mask) - self.total(scores.where(allowed, -torch.inf), mask)

    def total(self, scores: Tensor, mask: Tensor) -> Tensor:
        """(B,) log of the sum over all paths."""
        ahead = scores[:, 0]  # (B, O)
        for step in range(1, scores.size(1)):
            moved = (ahead[:, :, None] + self.moves).logsumexp(1) + scores[:, step]  # (B, O)
            ahead = torch.where(mask[:, step, None], moved, ahead)
        return ahead.logsumexp(1)

    def decode(self, scores: Tensor, lengths: Tensor) -> Tensor:
        best, stay, back = scores[:, 0], torch.arange(scores.size(2)), []  # (B, O), (O,)
        for step in range(1, scores.size(1)):
            top, origin = (best[:, :, None] + self.moves).max(1)  # (B, O)
            real = (step < lengths)[:, None]  # (B, 1)
            best = torch.where(real, top + scores[:, step], best)
            back.append(torch.where(real, origin, stay))
        path = [best.argmax(1)]  # (B,)
        for origin in reversed(back):
            path.append(origin.gather(1, path[-1][:, None])[:, 0])
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
    """A word's tag follows from its last character and the tag before."""
    draw = np.random.default_rng(0)
    spellings = [draw.integers(0, 6, draw.integers(1, 5)) for _ in range(12)]
    lengths = draw.integers(1, 9, 40)
    words = draw.integers(0, 12, lengths.sum())
    tags = np.array([spellings[word][-1] % 3 for word in words])
    offsets = np.cumsum([0, *map(len, spellings)]).astype(np.int64)
    table = CharacterTable(words, np.concatenate(spellings), offsets)
    return examples_of({"words": words, "characters": table}, lengths, tags, "step")


def brute_force(head: Crf, scores: Tensor, length: int) -> dict[tuple[int, ...], Tensor]:
    """The score of every path of one row (T, O)."""
    found = {}
    for path in itertools.product(range(scores.size(1)), repeat=length):
        emitted = sum(scores[step, tag] for step, tag in enumerate(path))
        found[path] = emitted + sum(head.moves[a, b] for a, b in itertools.pairwise(path))
    return found  # type: ignore[return-value]


def test_loss_and_decision_against_all_paths() -> None:
    torch.manual_seed(0)
    head = Crf(5, SPEC.outputs)
    nn.init.normal_(head.moves)
    features, lengths = torch.randn(3, 4, 5), torch.tensor([4, 1, 3])
    targets = torch.tensor([[0, 2, 1, 1], [2, 0, 0, 0], [1, UNSEEN, 0, 2]])
    mask = torch.arange(4) < lengths[:, None]
    losses = head.loss(features, targets, mask, CrossEntropy())
    scores = head(features)
    decoded = head.decode(scores, lengths)
    for row, length in enumerate(lengths.tolist()):
        paths = brute_force(head, scores[row], length)
        gold = [
            score
            for path, score in paths.items()
            if all(t in (tag, UNSEEN) for tag, t in zip(path, targets[row].tolist(), strict=False))
        ]
        total = torch.stack(list(paths.values())).logsumexp(0)
        torch.testing.assert_close(losses[row], total - torch.stack(gold).logsumexp(0))
        assert tuple(decoded[row, :length].tolist()) == max(paths, key=lambda path: paths[path])


def test_crf_learns_and_passes() -> None:
    torch.manual_seed(0)
    examples = tagged_words()
    history = train(Objective(CrfTagger(SPEC), CrossEntropy()), examples)
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_model(lambda: CrfTagger(SPEC), SPEC))
