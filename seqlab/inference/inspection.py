"""A model's errors as a person reads them: labels, confusions, rows and symbols."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from seqlab.data.encoding.examples import Examples
from seqlab.data.split import Split
from seqlab.evaluation.errors import Case, Errors
from seqlab.spec import UNSEEN
from seqlab.task import Fitted

BESIDE = 5
"""Symbols that are shown before and after the one in question."""


class Inspection:
    """Makes a report of errors.

    Args:
        fitted: Knows labels, symbols and units.
        split: The rows.
        columns: Which column fills each role.
        examples: The part, encoded.
    """

    def __init__(
        self, fitted: Fitted, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> None:
        self.fitted, self.split, self.columns, self.examples = fitted, split, columns, examples
        self._symbols: dict[int, list[str]] = {}

    def report(self, errors: Errors) -> dict[str, Any]:
        """All that was found, in plain values.

        Returns:
            `kind`, `per`, `unit`, `count`, `worst`; of classes also `wrong`, `labels` (a record
            each) and `confusion` (a record for each pair that occurs, the most frequent first).
        """
        kind = self.fitted.spec.outputs.kind
        found: dict[str, Any] = {
            "kind": kind,
            "per": self.examples.per,
            "unit": self.examples.unit,
            "count": errors.count,
        }
        if kind == "class":
            found |= {"wrong": errors.wrong, "labels": self._labels(errors.pairs)}
            found["confusion"] = [
                {"target": self.name(target), "predicted": self.name(decoded), "count": count}
                for (target, decoded), count in errors.pairs.most_common()
            ]
        return {**found, "worst": [self._described(case) for case in errors.worst]}

    def name(self, label: int) -> str | None:
        """A class as a person reads it; None for one that training never had."""
        if label == UNSEEN:
            return None
        labels = self.fitted.presenter.labels
        return labels[label] if labels else str(label)

    def _labels(self, pairs: Counter[tuple[int, int]]) -> list[dict[str, Any]]:
        """Precision, recall and F1 of each class that occurs; None where nothing is divided."""
        real, decided = Counter[int](), Counter[int]()
        for (target, decoded), count in pairs.items():
            real[target] += count
            decided[decoded] += count
        found = []
        for label in sorted((real | decided).keys() - {UNSEEN}):
            right = pairs[label, label]
            record = {
                "label": self.name(label),
                "count": real[label],
                "predicted": decided[label],
                "precision": right / decided[label] if decided[label] else None,
                "recall": right / real[label] if real[label] else None,
                "f1": 2 * right / (real[label] + decided[label]),
            }
            found.append(record)
        return found

    def _described(self, case: Case) -> dict[str, Any]:
        row = int(self.examples.rows[case.example])
        record: dict[str, Any] = {"row": row, "loss": case.loss}
        if self.fitted.spec.outputs.kind == "class":
            names = (self.name(int(case.target)), self.name(int(case.predictions)))
            record |= dict(zip(("target", "predicted"), names, strict=True))
            record["probability"] = case.probability
        else:
            record |= self._values(case)
        return {**record, **self._seen(case, row)}

    def _values(self, case: Case) -> dict[str, Any]:
        """Target and decision in the user's units, and how far they are from each other."""
        base = (
            None
            if self.examples.target_offset is None
            else self.examples.target_offset[case.example]
        )
        both = [
            self.fitted.presenter.values(each, base) for each in (case.target, case.predictions)
        ]
        error = np.abs(both[1] - both[0])
        plain = [each.tolist() for each in (*both, error)]
        single = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in plain]
        return dict(zip(("target", "predicted", "error"), single, strict=True))

    def _seen(self, case: Case, row: int) -> dict[str, Any]:
        """The row; of a step, its symbol with those beside it."""
        whole = self.split[row]
        if case.step is None:
            return {"columns": {role: whole.get(name) for role, name in self.columns.items()}}
        if row not in self._symbols:
            self._symbols[row] = self._split(whole)
        symbols = self._symbols[row]
        begin = self.examples.starts[self.examples.rows == row].min()
        place = int(self.examples.starts[case.example] - begin) + case.step
        return {
            "step": place,
            "before": symbols[max(0, place - BESIDE) : place],
            "symbol": symbols[place] if place < len(symbols) else None,
            "after": symbols[place + 1 : place + 1 + BESIDE],
        }

    def _split(self, whole: Mapping[str, Any]) -> list[str]:
        """The symbols of a row's first input."""
        tokenizers = self.fitted.tokenizers
        for role, name in self.columns.items():
            value = whole.get(name)
            if isinstance(value, str):
                tokenizer = tokenizers.get(role)
                return value.split() if tokenizer is None else tokenizer.split(value)
            if isinstance(value, list | tuple | np.ndarray):
                return [str(each) for each in value]
        return []
