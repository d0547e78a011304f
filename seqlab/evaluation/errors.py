"""Where a model is wrong: the confusion of classes, and the worst cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqlab.metrics.metric import Metric, Outcome, Sums
from seqlab.metrics.softmax import log_softmax
from seqlab.spec import UNSEEN
from seqlab.types import Array, Floats, Integers


@dataclass(frozen=True)
class Case:
    """One target and its prediction.

    Args:
        example: The index of the example.
        step: The step within the example; None where there is one target per sequence.
        loss: For a class −log p(target), in nats; for values the absolute error in the units of
            the model, averaged over the values of the target.
        target: A class, or the values.
        prediction: Shaped like the target.
        probability: The probability of the predicted class; None for values.
    """

    example: int
    step: int | None
    loss: float
    target: Array
    prediction: Array
    probability: float | None = None


@dataclass
class Errors:
    """The errors over all outcomes.

    Args:
        top: How many of the worst cases are kept.
        count: The number of targets.
        confusion: (target, predicted) classes → how often the pair occurs.
        worst: The wrong predictions, or the values that are far off, with the highest loss,
            highest first. Targets that did not occur in training (`UNSEEN`) count as wrong, but
            are not among them.
        groups: Unit → group → (3,) correct, predicted and actual, as in `Breakdown`.
    """

    top: int
    count: int = 0
    confusion: Counter[tuple[int, int]] = field(default_factory=Counter)
    worst: list[Case] = field(default_factory=list)
    groups: dict[str, dict[str | None, Sums]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """The number of wrongly predicted classes."""
        return sum(n for (target, predicted), n in self.confusion.items() if target != predicted)

    def add_cases(self, cases: Iterable[Case]) -> None:
        """Add cases, of which the worst are kept; ties are in the order of the examples."""
        candidates = [*self.worst, *cases]
        candidates.sort(key=lambda case: (-case.loss, case.example, case.step or 0))
        self.worst = candidates[: self.top]

    def add_groups(self, metrics: Iterable[Metric], outcome: Outcome) -> None:
        """Add what the metrics count by group; of several with the same unit, the first."""
        breakdowns = [metric.breakdown(outcome) for metric in metrics]
        for breakdown in {found.unit: found for found in reversed(breakdowns) if found}.values():
            groups = self.groups.setdefault(breakdown.unit, {})
            for group, counts in breakdown.counts.items():
                groups[group] = groups.get(group, 0) + counts


def find_errors(
    outcomes: Iterable[tuple[Integers, Outcome]],
    *,
    classes: bool,
    top: int,
    metrics: Sequence[Metric] = (),
) -> Errors:
    """Collect the errors of all outcomes.

    Args:
        outcomes: The indices (B,) of examples, and their outcome.
        classes: Whether classes are predicted, or values.
        top: How many of the worst cases are kept.
        metrics: What they count by group is added up, too.
    """
    errors = Errors(top)
    cases_of = _wrong_classes if classes else _wrong_values
    for indices, outcome in outcomes:
        errors.count += int(outcome.mask.sum())
        if classes:
            errors.confusion.update(_confusion(outcome))
        errors.add_groups(metrics, outcome)
        errors.add_cases(cases_of(indices, outcome, top))
    return errors


def _confusion(outcome: Outcome) -> Counter[tuple[int, int]]:
    """How often each pair of target and predicted class occurs."""
    targets, predictions = outcome.targets[outcome.mask], outcome.predictions[outcome.mask]  # (N,)
    pairs, counts = np.unique(np.stack([targets, predictions], 1), axis=0, return_counts=True)
    return Counter(dict(zip(map(tuple, pairs.tolist()), counts.tolist(), strict=True)))


def _wrong_classes(indices: Integers, outcome: Outcome, top: int) -> list[Case]:
    """The worst wrong predictions of a batch."""
    targets, predictions = outcome.targets[outcome.mask], outcome.predictions[outcome.mask]  # (N,)
    wrong = np.flatnonzero((targets != predictions) & (targets != UNSEEN))
    log_probabilities = log_softmax(outcome.outputs[outcome.mask][wrong])  # (W, O)
    losses = -log_probabilities[np.arange(len(wrong)), targets[wrong]]
    cases = []
    for index in _highest(losses, top):
        number = int(wrong[index])
        probability = float(np.exp(log_probabilities[index, predictions[number]]))
        cases.append(_case(indices, outcome, number, losses[index], probability))
    return cases


def _wrong_values(indices: Integers, outcome: Outcome, top: int) -> list[Case]:
    """The values of a batch that are farthest off."""
    targets, predictions = (
        outcome.targets[outcome.mask],
        outcome.predictions[outcome.mask],
    )  # (N, …)
    differences = np.abs(predictions.astype(np.float64) - targets)
    errors = differences.reshape(len(targets), -1).mean(1)  # (N,)
    return [
        _case(indices, outcome, int(number), errors[number]) for number in _highest(errors, top)
    ]


def _case(
    indices: Integers,
    outcome: Outcome,
    number: int,
    loss: float,
    probability: float | None = None,
) -> Case:
    """The case of the real target of this number."""
    position = tuple(np.argwhere(outcome.mask)[number])  # row, and step where there are steps
    return Case(
        example=int(indices[position[0]]),
        step=int(position[1]) if len(position) > 1 else None,
        loss=float(loss),
        target=np.asarray(outcome.targets[position]),
        prediction=np.asarray(outcome.predictions[position]),
        probability=probability,
    )


def _highest(losses: Floats, top: int) -> Integers:
    """The indices of the highest losses, highest first."""
    return np.argsort(-losses, kind="stable")[:top]
