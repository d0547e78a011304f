"""What a run comes to on each of its parts, and what needs no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.data.encoding.examples import Examples
from seqlab.device import Device
from seqlab.evaluation.evaluate import Evaluation, evaluate, evaluate_baseline
from seqlab.nn import Objective
from seqlab.task import Fitted


class Evaluator:
    """Evaluates a model as it is now.

    Args:
        objective: Model and criterion.
        fitted: The fitted task.
        settings: Section `evaluate`.
        device: Where.
        seed: Of the training rows that are drawn.
    """

    def __init__(
        self,
        objective: Objective,
        fitted: Fitted,
        settings: EvaluateSettings,
        *,
        device: Device,
        seed: int,
    ) -> None:
        self.objective, self.fitted, self.settings = objective, fitted, settings
        self.device, self.seed = device, seed

    def over(self, examples: Examples) -> Evaluation:
        """The metrics of one part."""
        settings = self.settings
        return evaluate(
            self.objective,
            examples,
            self.fitted.metrics,
            device=self.device,
            batch_size=settings.batch_size,
            stateful=settings.state == "carried",
        )

    def of_splits(self, examples: Mapping[str, Examples]) -> dict[str, dict[str, dict[str, float]]]:
        """The metrics of each split with their intervals; of the training split, on some rows."""
        splits = dict(examples)
        some = self._some(splits.pop("train"))
        if len(some):
            splits = {"train": some, **splits}
        resamples = self.settings.resamples
        return {name: self.over(split).intervals(resamples) for name, split in splits.items()}

    def _some(self, train: Examples) -> Examples:
        if train.stateful:  # as the other parts are
            train = self.fitted.cut(train, training=False)
        drawn = np.arange(len(train))
        if self.settings.state == "empty":  # else they follow each other
            drawn = np.random.default_rng(self.seed).permutation(drawn)
        return train.select(np.sort(drawn[: self.settings.train_rows]))

    def baseline(self, test: Examples) -> dict[str, Any]:
        """What a prediction that needs no model comes to on the test split."""
        baseline = self.fitted.baseline(test)
        found = evaluate_baseline(
            baseline,
            test,
            self.fitted.criterion(),
            self.fitted.metrics,
            batch_size=self.settings.batch_size,
        )
        return {"kind": baseline.kind, "metrics": found.values()}
