"""A report of the errors of a model with readable labels, rows and tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np

from seqlab.data.encoding.examples import Examples
from seqlab.data.split import Split
from seqlab.evaluation.errors import Case, Errors
from seqlab.spec import UNSEEN
from seqlab.task import Fitted
from seqlab.types import Floats, JsonObject, Row

CONTEXT = 5
"""Tokens that are shown before and after the token of an error."""

_ITEM = re.compile(r"[^ \t\n\r\f\v]+")
"""An item of a list that is written as text; a no-break space is part of it."""


class Inspection:
    """Makes a report of errors.

    Args:
        fitted: The fitted task, which provides labels, tokenizers and units.
        split: The rows.
        columns: The column of each role of the inputs.
        examples: The encoded rows.
    """

    def __init__(
        self, fitted: Fitted, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> None:
        self.fitted, self.split, self.columns, self.examples = fitted, split, columns, examples
        self._tokens: dict[int, list[str]] = {}

    def report(self, errors: Errors) -> JsonObject:
        """The errors as plain values.

        Returns:
            `kind`, `per`, `unit`, `count` and `worst`; for classes also `wrong`, `labels` (one
            record per class) and `confusion` (one record per pair that occurs, the most frequent
            first). Of the worst cases, `row` is the index in the split, from 0 on, and `number` the
            position in the source, from 1 on, as findings count. `groups` has a list of records per
            unit that a metric counts by group, such as entities by their type.
        """
        kind = self.fitted.spec.outputs.kind
        report: JsonObject = {
            "kind": kind,
            "per": self.examples.per,
            "unit": self.examples.unit,
            "count": errors.count,
        }
        if kind == "class":
            report |= {"wrong": errors.wrong, "labels": self._labels(errors.confusion)}
            report["confusion"] = [
                {"target": self.name(target), "predicted": self.name(predicted), "count": count}
                for (target, predicted), count in errors.confusion.most_common()
            ]
        if errors.groups:
            report["groups"] = {
                unit: [
                    scores(group, *map(int, counts))
                    for group, counts in sorted(groups.items(), key=lambda item: item[0] or "")
                ]
                for unit, groups in errors.groups.items()
            }
        return {**report, "worst": [self._record(case) for case in errors.worst]}

    def name(self, label: int) -> str | None:
        """The readable name of a class; None for one that did not occur in training."""
        if label == UNSEEN:
            return None
        labels = self.fitted.presenter.labels
        return labels[label] if labels else str(label)

    def _labels(self, confusion: Counter[tuple[int, int]]) -> list[JsonObject]:
        """Precision, recall and F1 of each class that occurs; None if a denominator is 0."""
        actual, predicted = Counter[int](), Counter[int]()
        for (target, prediction), count in confusion.items():
            actual[target] += count
            predicted[prediction] += count
        return [
            scores(self.name(label), confusion[label, label], predicted[label], actual[label])
            for label in sorted((actual | predicted).keys() - {UNSEEN})
        ]

    def _record(self, case: Case) -> JsonObject:
        row = int(self.examples.rows[case.example])
        record: JsonObject = {"row": row, "number": self.split.number(row), "loss": case.loss}
        if self.fitted.spec.outputs.kind == "class":
            record["target"] = self.name(int(case.target))
            record["predicted"] = self.name(int(case.prediction))
            record["probability"] = case.probability
        else:
            record |= self._values(case)
        return {**record, **self._location(case, row)}

    def _values(self, case: Case) -> JsonObject:
        """Target, prediction and absolute error in the units of the user."""
        offsets = self.examples.target_offset
        offset = None if offsets is None else offsets[case.example]
        target = self.fitted.presenter.values(case.target, offset)
        predicted = self.fitted.presenter.values(case.prediction, offset)
        return {
            "target": _plain(target),
            "predicted": _plain(predicted),
            "error": _plain(np.abs(predicted - target)),
        }

    def _location(self, case: Case, row: int) -> JsonObject:
        """The values of the row; for a step, its token and the tokens around it."""
        values = self.split[row]
        if case.step is None:
            return {"columns": {role: values.get(name) for role, name in self.columns.items()}}
        if row not in self._tokens:
            self._tokens[row] = self._tokenize(values)
        tokens = self._tokens[row]
        row_start = self.examples.starts[self.examples.rows == row].min()
        step = int(self.examples.starts[case.example] - row_start) + case.step
        return {
            "step": step,
            "before": tokens[max(0, step - CONTEXT) : step],
            "token": tokens[step] if step < len(tokens) else None,
            "after": tokens[step + 1 : step + 1 + CONTEXT],
        }

    def _tokenize(self, row: Row) -> list[str]:
        """The tokens of the first input of a row."""
        for role, name in self.columns.items():
            value = row.get(name)
            if isinstance(value, str):
                tokenizer = self.fitted.tokenizers.get(role)
                return _ITEM.findall(value) if tokenizer is None else tokenizer.tokenize(value)
            if isinstance(value, list | tuple | np.ndarray):
                return [str(item) for item in value]
        return []


def scores(label: str | None, correct: int, predicted: int, actual: int) -> JsonObject:
    """Precision, recall and F1 of a class or group that occurs; None if a denominator is 0."""
    return {
        "label": label,
        "count": actual,
        "predicted": predicted,
        "precision": correct / predicted if predicted else None,
        "recall": correct / actual if actual else None,
        "f1": 2 * correct / (actual + predicted),
    }


def _plain(values: Floats) -> object:
    """The values as a list, or the only one of them."""
    return (values[0] if values.ndim > 0 and len(values) == 1 else values).tolist()
