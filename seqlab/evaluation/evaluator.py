"""The results of a run on each of its splits, and those of the baseline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.data.encoding.examples import Examples
from seqlab.device import Device
from seqlab.evaluation.evaluate import Evaluation, evaluate, evaluate_baseline
from seqlab.nn import Objective
from seqlab.task import Fitted
from seqlab.types import JsonObject


class Evaluator:
    """Evaluates a model with the weights that it has at the time.

    Args:
        objective: Model and criterion.
        fitted: The fitted task.
        settings: Section `evaluate`.
        device: Where the model is.
        seed: Seed of the choice of training rows.
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
        """The metrics of one split."""
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
        """The metrics of each split with their intervals; of the training split, on a sample."""
        splits = dict(examples)
        sample = self._training_sample(splits.pop("train"))
        if len(sample):
            splits = {"train": sample, **splits}
        resamples = self.settings.resamples
        return {name: self.over(split).intervals(resamples) for name, split in splits.items()}

    def _training_sample(self, train: Examples) -> Examples:
        if train.stateful:  # chunks as long as those of the other splits
            train = self.fitted.cut(train, training=False)
        indices = np.arange(len(train))
        if self.settings.state == "empty":  # with carried state, chunks have to follow each other
            indices = np.random.default_rng(self.seed).permutation(indices)
        return train.select(np.sort(indices[: self.settings.train_rows]))

    def baseline(self, test: Examples) -> JsonObject:
        """The metrics of the baseline on the test split: `kind` and `metrics`."""
        baseline = self.fitted.baseline(test)
        evaluation = evaluate_baseline(
            baseline,
            test,
            self.fitted.criterion(),
            self.fitted.metrics,
            batch_size=self.settings.batch_size,
        )
        return {"kind": baseline.kind, "metrics": evaluation.values()}
