from typing import Literal

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from seqlab.data.encoding.examples import Examples
from seqlab.device import Device
from seqlab.evaluation.evaluate import (
    MAX_STEPS,
    bounded_batches,
    evaluate,
    evaluate_baseline,
)
from seqlab.metrics.classification import Accuracy, Loss, MacroF1
from seqlab.metrics.metric import Sums
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.task import Baseline
from tests.examples import random_examples
from tests.nn.tiny import TinyLSTM

METRICS = (Accuracy(), MacroF1(3), Loss())
CPU = Device(torch.device("cpu"), "fp32")


def build_objective() -> Objective:
    torch.manual_seed(0)
    spec = ModelSpec({"text": Ids(11)}, Outputs("class", (3,), "sequence"))
    return Objective(SequenceModel(spec, TinyLSTM, {}, embedding_dropout=0.5), CrossEntropy())


def test_the_batch_size_does_not_matter() -> None:
    objective, examples = build_objective(), random_examples(50)
    first, *others = (
        evaluate(objective, examples, METRICS, device=CPU, batch_size=size) for size in (1, 7, 100)
    )
    for other in others:
        for actual, expected in zip(other.sums, first.sums, strict=True):
            np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_sums_are_in_the_order_of_the_examples() -> None:
    objective, examples = build_objective(), random_examples(20)
    whole = evaluate(objective, examples, METRICS, device=CPU, batch_size=6)
    for row in (0, 7, 19):
        alone = examples.select(np.array([row]))
        single = evaluate(objective, alone, METRICS, device=CPU, batch_size=6)
        assert single.sums[2][0] == pytest.approx(whole.sums[2][row], abs=1e-6)


@pytest.mark.parametrize("limit", ["MAX_STEPS", "MAX_OUTPUTS"])
def test_bounds_of_memory_do_not_matter(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    objective, examples = build_objective(), random_examples(50)
    logits = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    baseline = Baseline("random", logits)

    def sums() -> list[Sums]:
        evaluations = [
            evaluate(objective, examples, METRICS, device=CPU, batch_size=40),
            evaluate_baseline(baseline, examples, CrossEntropy(), METRICS, batch_size=40),
        ]
        return [values for evaluation in evaluations for values in evaluation.sums]

    expected = sums()
    monkeypatch.setattr(f"seqlab.evaluation.evaluate.{limit}", 9)
    for actual, values in zip(sums(), expected, strict=True):
        np.testing.assert_allclose(actual, values, atol=1e-6)


def test_training_mode_is_restored() -> None:
    objective = build_objective().train()
    evaluate(objective, random_examples(5), METRICS, device=CPU, batch_size=2)
    assert objective.training


def test_a_baseline_equals_sklearn() -> None:
    examples, shares = random_examples(40), np.array([0.2, 0.5, 0.3])
    logits = np.broadcast_to(np.log(shares).astype(np.float32), (40, 3))
    baseline = Baseline("most frequent class", logits)
    values = evaluate_baseline(baseline, examples, CrossEntropy(), METRICS, batch_size=7).values()
    assert values["accuracy"] == pytest.approx((examples.targets == 1).mean())
    expected = log_loss(examples.targets, np.tile(shares, (40, 1)), labels=[0, 1, 2])
    assert values["loss"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("per", ["step", "sequence"])
def test_batches_are_bounded_by_their_padded_steps(per: Literal["step", "sequence"]) -> None:
    lengths = np.array([4000, *[10] * 3000, 40_000])
    starts = np.cumsum(lengths) - lengths
    examples = Examples(
        inputs={"text": np.zeros(lengths.sum(), np.int32)},
        starts=starts,
        lengths=lengths,
        targets=np.zeros(lengths.sum() if per == "step" else len(lengths), np.int64),
        per=per,
        rows=np.arange(len(lengths)),
    )
    batches = list(bounded_batches(examples, batch_size=1024, outputs=2))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for indices in batches:
        padded = len(indices) * int(lengths[indices].max())
        assert len(indices) <= 1024
        assert padded <= MAX_STEPS or len(indices) == 1
