"""Sequence labelling: the tasks `tag` and `pos`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    NO_TARGET,
    Accuracy,
    Baseline,
    Column,
    Examples,
    Finding,
    Fitted,
    Labels,
    Loss,
    Metric,
    ModelSpec,
    Outputs,
    Ragged,
    Range,
    Split,
    Task,
    Tokenizer,
    UserError,
)
from seqlab.nn import Criterion, CrossEntropy, balanced_weights
from seqlab_pos.entities import EntityTags, odd_tags
from seqlab_pos.lexicon import Lexicon
from seqlab_pos.metrics import (
    ENTITY,
    WORD,
    EntityF1,
    EntityPrecision,
    EntityRecall,
    SentenceAccuracy,
    UnknownAccuracy,
)
from seqlab_pos.presenter import TagPresenter
from seqlab_pos.rows import (
    find_mismatches,
    find_odd_tags,
    find_untagged,
    read_tags,
    read_words,
)
from seqlab_pos.words import InputKind, WordInputs

Weighting = Literal["none", "balanced"]


class FittedTag(Fitted):
    """The tagging task after it has seen the training split.

    Args:
        labels: The tags in the order of their ids.
        lexicon: The words of the training split with their tags.
        inputs: Encodes words as the streams that a model reads.
        label_smoothing: Label smoothing of the training loss.
        class_weights: "balanced" weights the training loss by inverse tag frequency.
        no_tag: The tag that means that a word has none.
    """

    monitor = "accuracy"

    def __init__(
        self,
        labels: Sequence[str],
        lexicon: Lexicon,
        inputs: WordInputs,
        *,
        label_smoothing: float,
        class_weights: Weighting,
        no_tag: str | None = None,
    ) -> None:
        self.labels, self.lexicon, self.inputs = list(labels), lexicon, inputs
        self.no_tag = no_tag
        self.label_smoothing, self.class_weights = label_smoothing, class_weights
        self.presenter = TagPresenter(labels, lexicon)
        self.spec = ModelSpec(inputs.fields, Outputs("class", (len(labels),), per="step"))
        self.entities = EntityTags.of(self.labels)
        self.metrics = (Accuracy(), UnknownAccuracy(), *self._entity_metrics(), SentenceAccuracy())
        self.metrics += (Loss(),)

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Encode words and tags; sentences without words, or without any tag, are left out.

        Without targets a sentence without words becomes one unknown word instead, because every
        row to predict needs a prediction.
        """
        column = columns["words"]
        sentences = [words or [""] * (not targets) for words in read_words(split, column)]
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        words = list(chain.from_iterable(sentences))
        if not words:
            raise UserError(
                "there is no word in any row",
                location=split.location(column),
                remedy="give rows with words, or another column with -o data.columns.words=NAME",
            )
        metadata: dict[str, NDArray[Any]] = {WORD: self.lexicon.encode(words)}
        tag_ids = np.zeros(len(words), np.int64)
        if targets:
            tags = list(chain.from_iterable(read_tags(split, columns, lengths, self.no_tag)))
            tag_ids = self._tag_ids(tags)
            if self.entities is not None:
                metadata[ENTITY] = self.entities.encode(tags)
        examples = Examples(
            inputs=self.inputs.encode(words),
            starts=Ragged(tag_ids, lengths).starts,
            lengths=lengths,
            targets=tag_ids,
            per="step",
            rows=np.arange(len(lengths)),
            unit="sentence",
            metadata=metadata,
        )
        kept = _with_tags(examples)
        if not len(kept):
            raise UserError(
                "no word of any row has a tag",
                location=split.location(columns["tags"]),
                remedy="tag some words, or name another column with -o data.columns.tags=NAME",
            )
        return examples.select(kept)

    def _tag_ids(self, tags: Sequence[str | None]) -> NDArray[np.int64]:
        """(N,) the id of each tag."""
        labels = Labels(self.labels)
        ids: dict[str | None, int] = {tag: labels.id(tag) for tag in set(tags)}
        ids[None] = NO_TARGET
        return np.fromiter((ids[tag] for tag in tags), np.int64, len(tags))

    def _entity_metrics(self) -> tuple[Metric, ...]:
        if self.entities is None:
            return ()
        kinds = (EntityF1, EntityPrecision, EntityRecall)
        return tuple(kind(self.entities) for kind in kinds)

    def tokens(self, stream: str) -> Sequence[str] | None:
        """The normalized words of the stream "words"; the other streams have no words."""
        words = self.inputs.words
        return words.decode(range(len(words))) if stream == "words" else None

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """Report tags because of which entities are not evaluated, and mostly unknown words."""
        odd = odd_tags(self.labels) if self.entities is None and split.name == "train" else []
        if odd:
            yield from find_odd_tags(split, columns["tags"], odd)
        words = examples.inputs["words"]
        assert isinstance(words, np.ndarray)
        unknown = int(np.count_nonzero(words == self.inputs.words.unknown))
        if list(self.inputs.fields) == ["words"] and 2 * unknown > len(words):
            yield Finding(
                "unknown tokens",
                "kept",
                f"{unknown:,} of {len(words):,} words of the {split.name} split are unknown: "
                f"training has {len(self.inputs.words.tokens):,} words",
                split.location(columns["words"]),
                "-o task.inputs=affixes, by which a model sees the parts of unknown words",
                split.name,
            )

    def criterion(self) -> Criterion:
        """Cross entropy with the chosen label smoothing and class weights."""
        counts = self.lexicon.tags()
        weights = None
        if self.class_weights == "balanced":
            weights = balanced_weights([counts[label] for label in self.labels])
        return CrossEntropy(weights, label_smoothing=self.label_smoothing)

    def baseline(self, examples: Examples) -> Baseline:
        """Predict the most frequent tag of each word; for unknown words, that of all words."""
        probabilities = self.lexicon.tag_probabilities(examples.metadata[WORD], self.labels)
        return Baseline("most frequent tag of the word", np.log(probabilities))

    def to_json(self) -> dict[str, object]:
        """Tags, words and options."""
        return {
            "labels": self.labels,
            "label_smoothing": self.label_smoothing,
            "class_weights": self.class_weights,
            "no_tag": self.no_tag,
            "inputs": self.inputs.to_json(),
            "lexicon": self.lexicon.to_json(),
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedTag:
        """Restore the fitted task from the result of `to_json`."""
        del tokenizers  # the task has none
        inputs, lexicon = WordInputs.from_json(state["inputs"]), Lexicon.from_json(state["lexicon"])
        return cls(**{**state, "inputs": inputs, "lexicon": lexicon})


def _with_tags(examples: Examples) -> NDArray[np.int64]:
    """The sentences with a word, and with at least one tag where the words have tags."""
    words = np.flatnonzero(examples.lengths)
    tagged = examples.select(words).weights > 0
    kept: NDArray[np.int64] = words[tagged]
    return kept


class Tag(Task):
    """Sequence labelling: a tag for each word.

    Args:
        inputs: What a model sees of a word besides the word itself: its affixes with case and
            shape (fast), its characters, both, or nothing ("words").
        lowercase: Whether words are lowercased; affixes and characters keep their case.
        min_count: Words that occur less often in the training split share one id.
        label_smoothing: Share of the probability that the training loss spreads over all tags.
        class_weights: Weighting of the training loss: "none" weights all words equally,
            "balanced" all tags.
        no_tag: The tag that means that a word has none, such as "_". Such words are context: no
            loss and no metric counts them.
    """

    columns = (
        Column("words", ("list",), ("words", "tokens", "form")),
        Column(
            "tags",
            ("list",),
            ("tags", "ner_tags", "labels", "upos", "pos", "pos_tags", "xpos"),
            gaps=True,
        ),
    )
    target = "tags"
    fitted = FittedTag
    defaults: ClassVar[Mapping[str, object]] = {
        "data.source": "tagged",
        "model.bidirectional": True,
        "model.hidden_size": 200,
        "model.embedding_size": 100,
        "model.embedding_init_std": 0.05,
        "model.embedding_dropout": 0.3,
        "model.token_dropout": 0.05,
        "model.head_dropout": 0.3,
        "train.epochs": 6,
        "train.batch_size": 32,
        "train.optimizer": "adamw",
        "train.learning_rate": 3e-3,
        "train.lr_schedule": "cosine",
        "train.warmup_ratio": 0.1,
        "train.max_grad_norm": 5.0,
    }

    def __init__(
        self,
        inputs: InputKind = "affixes",
        lowercase: bool = True,
        min_count: Annotated[int, Range(1)] = 1,
        label_smoothing: Annotated[float, Range(0, 0.5)] = 0.05,
        class_weights: Weighting = "none",
        no_tag: str | None = None,
    ) -> None:
        self.inputs, self.lowercase, self.min_count = inputs, lowercase, min_count
        self.label_smoothing, self.class_weights = label_smoothing, class_weights
        self.no_tag = no_tag

    def check(self, split: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """Report rows that do not have one tag per word, and words without a tag."""
        yield from find_mismatches(split, columns)
        yield from find_untagged(split, columns["tags"], self.no_tag)

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedTag:
        """Collect the words and tags of the training split."""
        if tokenizer is not None:
            raise UserError(
                "the sentences are already split into words: this task takes no tokenizer",
                location="--tokenizer",
                remedy="leave it out",
            )
        sentences = list(read_words(train, columns["words"]))
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        tags = chain.from_iterable(read_tags(train, columns, lengths, self.no_tag))
        words = list(chain.from_iterable(sentences))
        lexicon = Lexicon.of(words, tags)
        labels = Labels.of(lexicon.tags()).names
        if len(labels) < 2:
            raise UserError(
                f"the training split has fewer than two tags: {', '.join(labels) or 'none'}",
                location=train.location(columns["tags"]),
                remedy="give rows with at least two tags, or name another column with "
                "-o data.columns.tags=NAME",
            )
        inputs = WordInputs.of(
            Counter(words), self.inputs, lowercase=self.lowercase, min_count=self.min_count
        )
        return FittedTag(
            labels,
            lexicon,
            inputs,
            label_smoothing=self.label_smoothing,
            class_weights=self.class_weights,
            no_tag=self.no_tag,
        )


class Pos(Tag):
    """Part-of-speech tagging: as `tag`, but the column of UPOS tags comes first.

    Args:
        inputs: What a model sees of a word besides the word itself: its affixes with case and
            shape (fast), its characters, both, or nothing ("words").
        lowercase: Whether words are lowercased; affixes and characters keep their case.
        min_count: Words that occur less often in the training split share one id.
        label_smoothing: Share of the probability that the training loss spreads over all tags.
        class_weights: Weighting of the training loss: "none" weights all words equally,
            "balanced" all tags.
        no_tag: The tag that means that a word has none, such as "_". Such words are context: no
            loss and no metric counts them.
    """

    columns = (
        Tag.columns[0],
        replace(Tag.columns[1], names=("upos", "pos", "pos_tags", "tags", "xpos", "labels")),
    )
