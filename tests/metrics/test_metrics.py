import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from seqlab.metrics.metrics import Accuracy, Loss, MacroF1, Metric, Outcome
from seqlab.spec import UNSEEN


def outcome(decoded: object, targets: object, mask: object = None) -> Outcome:
    real = np.asarray(targets)
    kept = np.ones(real.shape, bool) if mask is None else np.asarray(mask)
    return Outcome(np.arange(len(real), dtype=float), np.asarray(decoded), np.zeros(1), real, kept)


def value(metric: Metric, *outcomes: Outcome) -> float:
    return float(metric.value(np.concatenate([metric.sums(each) for each in outcomes]).sum(0)))


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_sklearn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    decoded, targets = draw.integers(0, 4, 50), draw.integers(0, 3, 50)
    both = outcome(decoded, targets)
    assert value(Accuracy(), both) == pytest.approx(accuracy_score(targets, decoded))
    assert value(MacroF1(5), both) == pytest.approx(f1_score(targets, decoded, average="macro"))


@pytest.mark.parametrize("metric", [Accuracy(), MacroF1(4), Loss()])
def test_parts_make_the_whole(metric: Metric) -> None:
    draw = np.random.default_rng(0)
    decoded, targets = draw.integers(0, 4, 50), draw.integers(0, 4, 50)
    losses = draw.random(50)

    def piece(rows: slice) -> Outcome:
        mask = np.ones(len(targets[rows]), bool)
        return Outcome(losses[rows], decoded[rows], np.zeros(1), targets[rows], mask)

    whole = value(metric, piece(slice(0, 50)))
    assert value(metric, piece(slice(0, 7)), piece(slice(7, 50))) == pytest.approx(whole)


def test_padding_does_not_count() -> None:
    both = outcome([[1, 2, 0], [3, 0, 0]], [[1, 1, 0], [3, 0, 0]], [[1, 1, 0], [1, 0, 0]])
    both = Outcome(
        both.losses, both.predictions, both.outputs, both.targets, both.mask.astype(bool)
    )
    assert value(Accuracy(), both) == pytest.approx(2 / 3)
    assert value(Loss(), both) == pytest.approx(1 / 3)


def test_a_label_that_training_never_had_is_wrong_and_costs_nothing() -> None:
    both = outcome([0, 1, 1], [0, 1, UNSEEN])
    assert value(Accuracy(), both) == pytest.approx(2 / 3)
    assert value(Loss(), both) == pytest.approx(3 / 2)  # losses 0, 1, 2 over two known targets
