from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from seqlab.evaluation.errors import find_errors
from seqlab.metrics.metrics import Outcome
from seqlab.spec import UNSEEN


def by_sequence(rows: int, classes: int, seed: int) -> Outcome:
    draw = np.random.default_rng(seed)
    scores = draw.normal(size=(rows, classes)).astype(np.float32)
    targets = draw.integers(0, classes, rows)
    return Outcome(np.zeros(rows), scores.argmax(1), scores, targets, np.ones(rows, np.bool_))


def rows_of(outcome: Outcome, rows: NDArray[np.int64]) -> Outcome:
    names = ("losses", "predictions", "outputs", "targets", "mask")
    return Outcome(**{name: getattr(outcome, name)[rows] for name in names})


@given(st.integers(1, 40), st.integers(2, 5), st.integers(0, 9), st.integers(0, 6))
def test_classes_equal_sklearn_and_a_sort(rows: int, classes: int, seed: int, top: int) -> None:
    outcome = by_sequence(rows, classes, seed)
    found = find_errors([(np.arange(rows), outcome)], classes=True, top=top)
    matrix = confusion_matrix(outcome.targets, outcome.predictions, labels=range(classes))
    for target in range(classes):
        for decoded in range(classes):
            assert found.pairs[target, decoded] == matrix[target, decoded]
    assert (found.count, found.wrong) == (rows, rows - np.trace(matrix))
    shares = np.exp(outcome.outputs) / np.exp(outcome.outputs).sum(1, keepdims=True)
    losses = -np.log(shares[np.arange(rows), outcome.targets])
    wrong = np.flatnonzero(outcome.targets != outcome.predictions)
    expected = wrong[np.argsort(-losses[wrong], kind="stable")][:top]
    assert [case.example for case in found.worst] == expected.tolist()
    for case in found.worst:
        assert case.loss == pytest.approx(losses[case.example], rel=1e-4)
        assert case.probability == pytest.approx(shares[case.example].max(), rel=1e-4)


@pytest.mark.parametrize("size", [1, 7, 30])
def test_batches_do_not_matter(size: int) -> None:
    outcome, order = by_sequence(30, 3, 0), np.random.default_rng(1).permutation(30)
    whole = find_errors([(np.arange(30), outcome)], classes=True, top=5)
    batches = [order[i : i + size] for i in range(0, 30, size)]
    splits = find_errors(
        [(rows, rows_of(outcome, rows)) for rows in batches], classes=True, top=5
    )
    assert splits.pairs == whole.pairs
    assert [case.example for case in splits.worst] == [case.example for case in whole.worst]


def test_steps_by_hand() -> None:
    mask = np.array([[True, True, False], [True, True, True]])
    scores = np.log([
        [[0.9, 0.1], [0.6, 0.4], [0.0001, 0.9999]],  # the last is padding
        [[0.2, 0.8], [0.7, 0.3], [0.99, 0.01]],
    ])  # fmt: skip
    targets = np.array([[0, 1, 0], [0, 0, UNSEEN]])
    outcome = Outcome(np.zeros(2), scores.argmax(2), scores, targets, mask)
    found = find_errors([(np.array([4, 9]), outcome)], classes=True, top=10)
    assert found.pairs == Counter({(0, 0): 2, (1, 0): 1, (0, 1): 1, (UNSEEN, 0): 1})
    assert (found.count, found.wrong) == (5, 3)
    assert [(case.example, case.step) for case in found.worst] == [(9, 0), (4, 1)]
    assert found.worst[0].loss == pytest.approx(-np.log(0.2))
    assert found.worst[0].probability == pytest.approx(0.8)


def test_values_by_hand() -> None:
    targets = np.array([[1.0, 2.0], [0.0, 0.0], [5.0, 5.0]])
    decoded = np.array([[1.0, 3.0], [4.0, -4.0], [5.0, 5.0]])
    outcome = Outcome(np.zeros(3), decoded, decoded, targets, np.ones(3, np.bool_))
    found = find_errors([(np.array([7, 8, 9]), outcome)], classes=False, top=2)
    assert [(case.example, case.step, case.loss) for case in found.worst] == [
        (8, None, 4.0), (7, None, 0.5),
    ]  # fmt: skip
    assert not found.pairs
