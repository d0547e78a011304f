"""Metrics of tagged sentences besides the accuracy of all tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqlab import Accuracy, Breakdown, Metric, Outcome
from seqlab_pos.entities import EntityTags, Spans, spans_of

Sums = NDArray[np.float64]

WORD = "word"
"""Name of the metadata: the id of each step's word in the lexicon, −1 for unknown words."""

ENTITY = "entity"
"""Name of the metadata: the code of each step's tag as a part of an entity, see `EntityTags`."""


class UnknownAccuracy(Metric):
    """The accuracy of the tags of words that are not in the training split."""

    name = "unknown_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """Number of correct tags and number of tags, of unknown words."""
        unknown = outcome.metadata[WORD] < 0  # (B, T)
        correct = unknown & (outcome.predictions == outcome.targets)
        return np.stack([outcome.by_example(correct), outcome.by_example(unknown)], 1)

    def value(self, total: Sums) -> Sums:
        """The share of correct tags; NaN if there is no unknown word."""
        return Accuracy().value(total)


class SentenceAccuracy(Metric):
    """The share of sentences whose tags are all correct."""

    name = "sentence_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """1 for a correct sentence, else 0; and 1 for each sentence with a tag."""
        errors = outcome.by_example(outcome.predictions != outcome.targets)  # (B,)
        is_tagged = outcome.mask.any(1)
        return np.stack([is_tagged & (errors == 0), is_tagged], 1).astype(np.float64)

    def value(self, total: Sums) -> Sums:
        """The share of correct sentences."""
        return Accuracy().value(total)


class EntityMetric(Metric):
    """The basis of the metrics of entities: exact spans, counted over all types together (micro).

    An entity is right if its first word, its last word and its type are. What entities a sequence
    of tags has is defined in `seqlab_pos.entities`; values equal those of conlleval and of seqeval
    in its default mode.

    Args:
        tags: The meaning of the tags.
    """

    def __init__(self, tags: EntityTags) -> None:
        self.tags = tags

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 3) how many entities are predicted correctly, predicted and actual."""
        predicted, actual = self._spans(outcome)
        columns = (predicted.equal(actual), predicted.begins, actual.begins)
        return np.stack([column.sum(1) for column in columns], 1).astype(np.float64)

    def breakdown(self, outcome: Outcome) -> Breakdown:
        """The entities of each type that occurs."""
        predicted, actual = self._spans(outcome)
        counted = [
            (predicted.types, predicted.equal(actual)),
            (predicted.types, predicted.begins),
            (actual.types, actual.begins),
        ]
        size = len(self.tags.types) + 1  # the last is for types that training does not have
        table = np.stack(
            [
                np.bincount(np.minimum(types[where], size - 1), minlength=size)
                for types, where in counted
            ],
            1,
        ).astype(np.float64)  # (types + 1, 3)
        names = [*self.tags.types, None]
        rows = zip(names, table, strict=True)
        return Breakdown("entity", {name: row for name, row in rows if row.any()})

    def _spans(self, outcome: Outcome) -> tuple[Spans, Spans]:
        """The predicted and the actual entities; a word without a tag is outside in both."""
        predicted = self.tags.codes[outcome.predictions]  # (B, T)
        actual = outcome.metadata[ENTITY]
        return spans_of(predicted * outcome.mask), spans_of(actual * outcome.mask)


class EntityF1(EntityMetric):
    """F1 of entities, 2 × correct / (predicted + actual): the harmonic mean of the two below."""

    name = "entity_f1"

    def value(self, total: Sums) -> Sums:
        """F1; NaN without any entity."""
        return _ratio(2 * total[..., 0], total[..., 1] + total[..., 2])


class EntityPrecision(EntityMetric):
    """The share of the predicted entities that are right."""

    name = "entity_precision"

    def value(self, total: Sums) -> Sums:
        """The share; 0 if there are entities and none is predicted, NaN without any entity."""
        return _share(total[..., 0], total[..., 1], total[..., 2])


class EntityRecall(EntityMetric):
    """The share of the actual entities that are predicted."""

    name = "entity_recall"

    def value(self, total: Sums) -> Sums:
        """The share; 0 if entities are predicted where there are none, NaN without any entity."""
        return _share(total[..., 0], total[..., 2], total[..., 1])


def _share(correct: Sums, whole: Sums, other: Sums) -> Sums:
    """`correct / whole`; 0 where only `whole` is 0, NaN where both counts are."""
    return _ratio(correct, np.where((whole == 0) & (other > 0), 1.0, whole))


def _ratio(part: Sums, whole: Sums) -> Sums:
    """`part / whole`; NaN where `whole` is 0."""
    return Accuracy().value(np.stack([part, whole], -1))
