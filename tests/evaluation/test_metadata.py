"""What examples hold for metrics alone, and metrics that find nothing to count."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqlab.data.encoding.examples import Examples
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.metrics.intervals import with_intervals
from seqlab.metrics.metrics import Accuracy, Loss, Metric, Outcome, Sums
from seqlab.nn import CrossEntropy
from seqlab.task import Baseline
from tests.evaluation.test_evaluate import CPU, METRICS, objective
from tests.examples import random_examples


class Marked(Metric):
    """The share of right decisions where the mark is 1."""

    name = "marked"

    def sums(self, outcome: Outcome) -> Sums:
        chosen = outcome.metadata["mark"] == 1
        right = outcome.by_example(chosen & (outcome.predictions == outcome.targets))
        return np.stack([right, outcome.by_example(chosen)], 1)

    def value(self, total: Sums) -> Sums:
        return Accuracy().value(total)


def stepwise(mark: int | None = None) -> tuple[Examples, Baseline]:
    """Three sentences over six steps; the baseline is right at steps 0, 2 and 3."""
    marks = np.array([1, 0, 1, 1, 1, 0]) if mark is None else np.full(6, mark)
    examples = Examples(
        inputs={},
        starts=np.array([0, 1, 4]),
        lengths=np.array([1, 3, 2]),
        targets=np.array([0, 1, 0, 1, 1, 1]),
        per="step",
        rows=np.arange(3),
        metadata={"mark": marks},
    )
    decided = np.array([0, 0, 0, 1, 0, 0])
    return examples, Baseline("by hand", np.eye(2, dtype=np.float32)[decided])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_metric_reads_marks_beside_its_steps(size: int) -> None:
    examples, baseline = stepwise()
    found = evaluate_baseline(
        baseline, examples, CrossEntropy(), [Marked(), Accuracy()], batch_size=size
    )
    assert found.sums[0].tolist() == [[1, 1], [2, 2], [0, 1]]
    assert found.values() == {"marked": 3 / 4, "accuracy": 3 / 6}


def test_marks_of_sequences_go_with_their_examples() -> None:
    examples = random_examples(30)
    examples = replace(examples, metadata={"mark": np.arange(30) % 2})
    chosen = np.array([3, 8, 21])
    assert examples.select(chosen).metadata["mark"].tolist() == [1, 0, 1]
    counted = evaluate(objective(), examples, [Marked()], device=CPU, batch_size=7).sums[0][:, 1]
    assert counted.tolist() == (np.arange(30) % 2).tolist()


def test_a_metric_without_anything_to_count_is_left_out() -> None:
    examples, baseline = stepwise(mark=0)
    found = evaluate_baseline(
        baseline, examples, CrossEntropy(), [Marked(), Accuracy()], batch_size=2
    )
    assert set(found.values()) == {"accuracy"}
    assert set(found.intervals(100)) == {"accuracy"}


def test_a_loss_that_is_no_number_is_not_left_out() -> None:
    sums = [np.array([[np.nan, 1.0], [1.0, 1.0]])]
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        found = with_intervals([Loss()], sums, resamples=100)
    assert np.isnan(found["loss"]["value"])


def test_a_baseline_is_judged_as_a_model_is() -> None:
    examples, shares = random_examples(40), np.array([0.2, 0.5, 0.3])
    scores = np.broadcast_to(np.log(shares).astype(np.float32), (40, 3))
    baseline = Baseline("most frequent class", scores)
    weighted = CrossEntropy(torch.tensor([1.0, 5.0, 9.0]), label_smoothing=0.3)
    first, second = (
        evaluate_baseline(baseline, examples, each, METRICS, batch_size=7).values()
        for each in (weighted, CrossEntropy())
    )
    assert first == second
