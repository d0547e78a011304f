import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from seqlab.device import Device
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.metrics.metrics import Accuracy, Loss, MacroF1
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.task import Baseline
from tests.examples import random_examples
from tests.nn.tiny import TinyLSTM

METRICS = (Accuracy(), MacroF1(3), Loss())
CPU = Device(torch.device("cpu"), "fp32")


def objective() -> Objective:
    torch.manual_seed(0)
    spec = ModelSpec({"text": Ids(11)}, Outputs("class", (3,), "sequence"))
    return Objective(SequenceModel(spec, TinyLSTM, {}, embedding_dropout=0.5), CrossEntropy())


def test_the_batch_size_does_not_matter() -> None:
    made, examples = objective(), random_examples(50)
    found = [evaluate(made, examples, METRICS, device=CPU, batch_size=size) for size in (1, 7, 100)]
    for one in found[1:]:
        for ours, theirs in zip(one.sums, found[0].sums, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_each_example_stands_in_its_place() -> None:
    made, examples = objective(), random_examples(20)
    whole = evaluate(made, examples, METRICS, device=CPU, batch_size=6)
    for row in (0, 7, 19):
        alone = examples.select(np.array([row]))
        one = evaluate(made, alone, METRICS, device=CPU, batch_size=6)
        assert one.sums[2][0] == pytest.approx(whole.sums[2][row], abs=1e-6)


def test_training_mode_is_put_back() -> None:
    made = objective().train()
    evaluate(made, random_examples(5), METRICS, device=CPU, batch_size=2)
    assert made.training


def test_a_baseline_equals_sklearn() -> None:
    examples, shares = random_examples(40), np.array([0.2, 0.5, 0.3])
    scores = np.broadcast_to(np.log(shares).astype(np.float32), (40, 3))
    baseline = Baseline("most frequent class", scores)
    found = evaluate_baseline(baseline, examples, CrossEntropy(), METRICS, batch_size=7).values()
    assert found["accuracy"] == pytest.approx((examples.targets == 1).mean())
    expected = log_loss(examples.targets, np.tile(shares, (40, 1)), labels=[0, 1, 2])
    assert found["loss"] == pytest.approx(expected, abs=1e-6)
