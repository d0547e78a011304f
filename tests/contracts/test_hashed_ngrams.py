"""A bag of hashed n-grams: a model without a sequence layer."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.nn import CrossEntropy, LinearHead, Model, Objective, Pooling, TokenEmbedding
from seqlab.spec import Ids, Inputs, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_model
from tests.contracts.training import examples_of, train

NGRAMS = Ids(64, many=True)
SPEC = ModelSpec({"ngrams": NGRAMS}, Outputs("class", (2,), "sequence"))


class BagOfNgrams(Model):
    def __init__(self, spec: ModelSpec, embedding_size: int = 8) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(NGRAMS, embedding_size)
        self.pooling = Pooling("mean", embedding_size)
        self.head = LinearHead(embedding_size, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        return self.pooling(self.embedding(inputs["ngrams"]), lengths)  # type: ignore[no-any-return]


def texts_with_a_bigram() -> Examples:
    """Texts of four distinct tokens; the class is whether 0 is followed by 1 anywhere."""
    generator = np.random.default_rng(0)
    ngrams, labels, lengths = [], [], generator.integers(2, 8, 120)
    for length in lengths:
        text = generator.integers(0, 4, length)
        bigrams = 4 + (text[:-1] * 4 + text[1:]) * 7 % 60
        ngrams.append(np.stack([text, np.append(bigrams, -1)], axis=1))  # (T, 2)
        labels.append(int(((text[:-1] == 0) & (text[1:] == 1)).any()))
    inputs = {"ngrams": np.concatenate(ngrams)}
    return examples_of(inputs, lengths, np.array(labels), "sequence")


def test_hashed_ngrams_learn_and_pass() -> None:
    torch.manual_seed(0)
    model = BagOfNgrams(SPEC)
    history = train(Objective(model, CrossEntropy()), texts_with_a_bigram(), epochs=10)
    assert history[-1] < 0.6 * history[0]
    assert_passes(check_model(lambda: BagOfNgrams(SPEC), SPEC))
