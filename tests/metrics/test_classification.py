import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from seqlab.metrics.classification import Accuracy, Loss, MacroF1
from seqlab.metrics.metric import Metric, Outcome
from seqlab.spec import UNSEEN


def outcome_of(predictions: object, targets: object, mask: object = None) -> Outcome:
    """An outcome whose losses are 0, 1, 2, …"""
    target_array = np.asarray(targets)
    kept = np.ones(target_array.shape, bool) if mask is None else np.asarray(mask, bool)
    losses = np.arange(len(target_array), dtype=float)
    return Outcome(losses, np.asarray(predictions), np.zeros(1), target_array, kept)


def value(metric: Metric, *outcomes: Outcome) -> float:
    sums = np.concatenate([metric.sums(outcome) for outcome in outcomes])
    return float(metric.value(sums.sum(0)))


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_sklearn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    predictions, targets = rng.integers(0, 4, 50), rng.integers(0, 3, 50)
    outcome = outcome_of(predictions, targets)
    assert value(Accuracy(), outcome) == pytest.approx(accuracy_score(targets, predictions))
    expected = f1_score(targets, predictions, average="macro")
    assert value(MacroF1(5), outcome) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [Accuracy(), MacroF1(4), Loss()])
def test_batches_do_not_matter(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    predictions, targets = rng.integers(0, 4, 50), rng.integers(0, 4, 50)
    losses = rng.random(50)

    def batch(rows: slice) -> Outcome:
        mask = np.ones(len(targets[rows]), bool)
        return Outcome(losses[rows], predictions[rows], np.zeros(1), targets[rows], mask)

    whole = value(metric, batch(slice(0, 50)))
    assert value(metric, batch(slice(0, 7)), batch(slice(7, 50))) == pytest.approx(whole)


def test_padding_does_not_count() -> None:
    outcome = outcome_of([[1, 2, 0], [3, 0, 0]], [[1, 1, 0], [3, 0, 0]], [[1, 1, 0], [1, 0, 0]])
    assert value(Accuracy(), outcome) == pytest.approx(2 / 3)
    assert value(Loss(), outcome) == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_a_label_that_training_lacks_is_one_more_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    predictions, targets = rng.integers(0, 3, 50), rng.integers(0, 4, 50)
    targets[0] = 3
    outcome = outcome_of(predictions, np.where(targets == 3, UNSEEN, targets))
    expected = f1_score(targets, predictions, average="macro")
    assert value(MacroF1(3), outcome) == pytest.approx(expected)


def test_an_unseen_label_is_a_wrong_prediction_without_a_loss() -> None:
    outcome = outcome_of([0, 1, 1], [0, 1, UNSEEN])
    assert value(Accuracy(), outcome) == pytest.approx(2 / 3)
    assert value(Loss(), outcome) == pytest.approx(3 / 2)  # losses 0, 1, 2 over two known targets
