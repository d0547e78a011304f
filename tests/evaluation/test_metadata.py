"""Metadata that only metrics read, and metrics that have nothing to count."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqlab.data.encoding.examples import Examples
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.metrics.classification import Accuracy, Loss
from seqlab.metrics.intervals import with_intervals
from seqlab.metrics.metric import Metric, Outcome, Sums
from seqlab.nn import CrossEntropy
from seqlab.task import Baseline
from tests.evaluation.test_evaluate import CPU, METRICS, build_objective
from tests.examples import random_examples


class FlaggedAccuracy(Metric):
    """The accuracy where the metadata `flag` is 1."""

    name = "flagged"

    def sums(self, outcome: Outcome) -> Sums:
        flagged = outcome.metadata["flag"] == 1
        correct = outcome.by_example(flagged & (outcome.predictions == outcome.targets))
        return np.stack([correct, outcome.by_example(flagged)], 1)

    def value(self, total: Sums) -> Sums:
        return Accuracy().value(total)


def examples_per_step(flag: int | None = None) -> tuple[Examples, Baseline]:
    """Three sentences over six steps; the baseline is correct at steps 0, 2 and 3."""
    flags = np.array([1, 0, 1, 1, 1, 0]) if flag is None else np.full(6, flag)
    examples = Examples(
        inputs={},
        starts=np.array([0, 1, 4]),
        lengths=np.array([1, 3, 2]),
        targets=np.array([0, 1, 0, 1, 1, 1]),
        per="step",
        rows=np.arange(3),
        metadata={"flag": flags},
    )
    predictions = np.array([0, 0, 0, 1, 0, 0])
    return examples, Baseline("by hand", np.eye(2, dtype=np.float32)[predictions])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_metric_reads_the_metadata_of_steps(size: int) -> None:
    examples, baseline = examples_per_step()
    evaluation = evaluate_baseline(
        baseline, examples, CrossEntropy(), [FlaggedAccuracy(), Accuracy()], batch_size=size
    )
    assert evaluation.sums[0].tolist() == [[1, 1], [2, 2], [0, 1]]
    assert evaluation.values() == {"flagged": 3 / 4, "accuracy": 3 / 6}


def test_metadata_of_sequences_stays_with_its_examples() -> None:
    examples = random_examples(30)
    examples = replace(examples, metadata={"flag": np.arange(30) % 2})
    indices = np.array([3, 8, 21])
    assert examples.select(indices).metadata["flag"].tolist() == [1, 0, 1]
    evaluation = evaluate(
        build_objective(), examples, [FlaggedAccuracy()], device=CPU, batch_size=7
    )
    assert evaluation.sums[0][:, 1].tolist() == (np.arange(30) % 2).tolist()


def test_a_metric_with_nothing_to_count_is_left_out() -> None:
    examples, baseline = examples_per_step(flag=0)
    evaluation = evaluate_baseline(
        baseline, examples, CrossEntropy(), [FlaggedAccuracy(), Accuracy()], batch_size=2
    )
    assert set(evaluation.values()) == {"accuracy"}
    assert set(evaluation.intervals(100)) == {"accuracy"}


def test_a_loss_that_is_nan_is_not_left_out() -> None:
    sums = [np.array([[np.nan, 1.0], [1.0, 1.0]])]
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        intervals = with_intervals([Loss()], sums, resamples=100)
    assert np.isnan(intervals["loss"]["value"])


def test_a_baseline_is_evaluated_without_options_of_training() -> None:
    examples, shares = random_examples(40), np.array([0.2, 0.5, 0.3])
    logits = np.broadcast_to(np.log(shares).astype(np.float32), (40, 3))
    baseline = Baseline("most frequent class", logits)
    weighted = CrossEntropy(torch.tensor([1.0, 5.0, 9.0]), label_smoothing=0.3)
    first, second = (
        evaluate_baseline(baseline, examples, criterion, METRICS, batch_size=7).values()
        for criterion in (weighted, CrossEntropy())
    )
    assert first == second
