import numpy as np
import pytest

from seqlab import UNSEEN, Metric, Outcome
from seqlab_pos.metrics import WORD, SentenceAccuracy, UnknownAccuracy

MASK = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]], bool)


def outcome() -> Outcome:
    predictions = np.array([[0, 1, 2], [1, 1, 9], [0, 9, 9]])
    targets = np.array([[0, 1, 1], [1, 1, 9], [UNSEEN, 9, 9]])
    words = np.array([[4, -1, -1], [-1, 0, -1], [-1, -1, -1]])
    return Outcome(np.zeros(3), predictions, np.zeros(1), targets, MASK, metadata={WORD: words})


def value(metric: Metric) -> float:
    return float(metric.value(metric.sums(outcome()).sum(0)))


def test_unknown_accuracy() -> None:
    # unknown words: two of the first sentence, one of them correct; one of the second sentence,
    # correct; one of the third, whose tag does not occur in training; padding does not count
    assert UnknownAccuracy().sums(outcome()).tolist() == [[1, 2], [1, 1], [0, 1]]
    assert value(UnknownAccuracy()) == pytest.approx(2 / 4)


def test_sentence_accuracy() -> None:
    assert SentenceAccuracy().sums(outcome()).tolist() == [[0, 1], [1, 1], [0, 1]]
    assert value(SentenceAccuracy()) == pytest.approx(1 / 3)
