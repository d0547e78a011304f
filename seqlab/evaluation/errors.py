"""Where a model is wrong: which classes are taken for which, and the worst cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.metrics.metrics import Outcome
from seqlab.spec import UNSEEN


@dataclass(frozen=True)
class Case:
    """One target and what was decided for it.

    Args:
        example: Its number.
        step: Within the example; None where there is one target a sequence.
        loss: Of a class −log p(target), in nats; of a value the distance in the model's units,
            averaged over what one target holds.
        target: A class, or the values.
        predictions: As the target.
        probability: Of the class that was decided; None for values.
    """

    example: int
    step: int | None
    loss: float
    target: NDArray[Any]
    predictions: NDArray[Any]
    probability: float | None = None


@dataclass
class Errors:
    """What was found over all outcomes.

    Args:
        top: How many of the worst cases are kept.
        count: Targets.
        pairs: How often each class (first) was taken for each (second).
        worst: The wrong decisions, or the values far off, with the highest loss, highest first.
            Targets that training never had (`UNSEEN`) count as wrong and are not among them.
    """

    top: int
    count: int = 0
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    worst: list[Case] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many classes were decided wrong."""
        return sum(n for (target, predictions), n in self.pairs.items() if target != predictions)

    def keep(self, cases: Iterable[Case]) -> None:
        """Take further cases; the worst ones stay, ties in order of the examples."""
        every = [*self.worst, *cases]
        every.sort(key=lambda case: (-case.loss, case.example, case.step or 0))
        self.worst = every[: self.top]


def find_errors(
    outcomes: Iterable[tuple[NDArray[np.int64], Outcome]], *, classes: bool, top: int
) -> Errors:
    """Look through what came out.

    Args:
        outcomes: Which examples (B,), and what came out for them.
        classes: Whether decisions are classes, or values.
        top: How many of the worst cases are kept.
    """
    found = Errors(top)
    for chosen, outcome in outcomes:
        found.count += int(outcome.mask.sum())
        found.keep(_classes(found, chosen, outcome) if classes else _values(found, chosen, outcome))
    return found


def _classes(found: Errors, chosen: NDArray[np.int64], outcome: Outcome) -> list[Case]:
    """Count a batch's pairs; its worst wrong decisions."""
    targets, predictions = outcome.targets[outcome.mask], outcome.predictions[outcome.mask]  # (N,)
    both, counts = np.unique(np.stack([targets, predictions], 1), axis=0, return_counts=True)
    for (target, taken), count in zip(both.tolist(), counts.tolist(), strict=True):
        found.pairs[target, taken] += count
    wrong = np.flatnonzero((targets != predictions) & (targets != UNSEEN))
    shares = _log_shares(outcome.outputs[outcome.mask][wrong])  # (W, O)
    rows = np.arange(len(wrong))
    losses = -shares[rows, targets[wrong]]
    cases = []
    for place in _highest(losses, found.top):
        at = int(wrong[place])
        probability = float(np.exp(shares[place, predictions[at]]))
        cases.append(
            _case(chosen, outcome, at, losses[place], targets[at], predictions[at], probability)
        )
    return cases


def _values(found: Errors, chosen: NDArray[np.int64], outcome: Outcome) -> list[Case]:
    """A batch's values that are farthest off."""
    targets, predictions = (
        outcome.targets[outcome.mask],
        outcome.predictions[outcome.mask],
    )  # (N, …)
    distances = np.abs(predictions.astype(np.float64) - targets).reshape(len(targets), -1).mean(1)
    return [
        _case(chosen, outcome, int(at), distances[at], targets[at], predictions[at], None)
        for at in _highest(distances, found.top)
    ]


def _case(
    chosen: NDArray[np.int64],
    outcome: Outcome,
    at: int,
    loss: float,
    target: Any,
    predictions: Any,
    probability: float | None,
) -> Case:
    """The case of the `at`-th real target."""
    place = np.argwhere(outcome.mask)[at]  # row, and step where there are steps
    step = int(place[1]) if len(place) > 1 else None
    both = (np.asarray(target), np.asarray(predictions))
    return Case(int(chosen[place[0]]), step, float(loss), *both, probability)


def _highest(losses: NDArray[Any], top: int) -> NDArray[np.int64]:
    return np.argsort(-losses, kind="stable")[:top]


def _log_shares(scores: NDArray[Any]) -> NDArray[np.float64]:
    """(N, O) scores → log probabilities."""
    scores = scores.astype(np.float64)
    scores = scores - scores.max(1, keepdims=True, initial=-np.inf)
    found: NDArray[np.float64] = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    return found
