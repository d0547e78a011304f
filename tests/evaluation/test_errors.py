from collections import Counter
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from seqlab.evaluation.errors import find_errors
from seqlab.metrics.metric import Outcome
from seqlab.spec import UNSEEN


def sequence_outcome(rows: int, classes: int, seed: int) -> Outcome:
    """Random logits and targets, one per sequence."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, classes)).astype(np.float32)
    targets = rng.integers(0, classes, rows)
    return Outcome(np.zeros(rows), logits.argmax(1), logits, targets, np.ones(rows, np.bool_))


def select(outcome: Outcome, rows: NDArray[np.int64]) -> Outcome:
    return Outcome(*(getattr(outcome, field.name)[rows] for field in fields(outcome)[:5]))


@given(st.integers(1, 40), st.integers(2, 5), st.integers(0, 9), st.integers(0, 6))
def test_classes_equal_sklearn_and_a_sort(rows: int, classes: int, seed: int, top: int) -> None:
    outcome = sequence_outcome(rows, classes, seed)
    errors = find_errors([(np.arange(rows), outcome)], classes=True, top=top)
    matrix = confusion_matrix(outcome.targets, outcome.predictions, labels=range(classes))
    for target in range(classes):
        for predicted in range(classes):
            assert errors.confusion[target, predicted] == matrix[target, predicted]
    assert (errors.count, errors.wrong) == (rows, rows - np.trace(matrix))
    probabilities = np.exp(outcome.outputs) / np.exp(outcome.outputs).sum(1, keepdims=True)
    losses = -np.log(probabilities[np.arange(rows), outcome.targets])
    wrong = np.flatnonzero(outcome.targets != outcome.predictions)
    expected = wrong[np.argsort(-losses[wrong], kind="stable")][:top]
    assert [case.example for case in errors.worst] == expected.tolist()
    for case in errors.worst:
        assert case.loss == pytest.approx(losses[case.example], rel=1e-4)
        assert case.probability == pytest.approx(probabilities[case.example].max(), rel=1e-4)


@pytest.mark.parametrize("size", [1, 7, 30])
def test_batches_do_not_matter(size: int) -> None:
    outcome, order = sequence_outcome(30, 3, 0), np.random.default_rng(1).permutation(30)
    whole = find_errors([(np.arange(30), outcome)], classes=True, top=5)
    batches = [order[i : i + size] for i in range(0, 30, size)]
    batched = find_errors([(rows, select(outcome, rows)) for rows in batches], classes=True, top=5)
    assert batched.confusion == whole.confusion
    assert [case.example for case in batched.worst] == [case.example for case in whole.worst]


def test_steps_by_hand() -> None:
    mask = np.array([[True, True, False], [True, True, True]])
    logits = np.log([
        [[0.9, 0.1], [0.6, 0.4], [0.0001, 0.9999]],  # the last is padding
        [[0.2, 0.8], [0.7, 0.3], [0.99, 0.01]],
    ])  # fmt: skip
    targets = np.array([[0, 1, 0], [0, 0, UNSEEN]])
    outcome = Outcome(np.zeros(2), logits.argmax(2), logits, targets, mask)
    errors = find_errors([(np.array([4, 9]), outcome)], classes=True, top=10)
    assert errors.confusion == Counter({(0, 0): 2, (1, 0): 1, (0, 1): 1, (UNSEEN, 0): 1})
    assert (errors.count, errors.wrong) == (5, 3)
    assert [(case.example, case.step) for case in errors.worst] == [(9, 0), (4, 1)]
    assert [(int(case.target), int(case.prediction)) for case in errors.worst] == [(0, 1), (1, 0)]
    assert errors.worst[0].loss == pytest.approx(-np.log(0.2))
    assert errors.worst[0].probability == pytest.approx(0.8)


def test_values_by_hand() -> None:
    targets = np.array([[1.0, 2.0], [0.0, 0.0], [5.0, 5.0]])
    predictions = np.array([[1.0, 3.0], [4.0, -4.0], [5.0, 5.0]])
    outcome = Outcome(np.zeros(3), predictions, predictions, targets, np.ones(3, np.bool_))
    errors = find_errors([(np.array([7, 8, 9]), outcome)], classes=False, top=2)
    assert [(case.example, case.step, case.loss) for case in errors.worst] == [
        (8, None, 4.0), (7, None, 0.5),
    ]  # fmt: skip
    assert errors.worst[0].prediction.tolist() == [4.0, -4.0]
    assert not errors.confusion
