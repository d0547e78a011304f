"""A tag for each word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    UNSEEN,
    Accuracy,
    Baseline,
    Column,
    Examples,
    Finding,
    Fitted,
    Loss,
    ModelSpec,
    Outputs,
    Presenter,
    Ragged,
    Range,
    Split,
    Task,
    Tokenizer,
    UserError,
    softmax,
)
from seqlab.nn import Criterion, CrossEntropy, balanced_weights
from seqlab_pos.lexicon import Lexicon
from seqlab_pos.metrics import WORD, SentenceAccuracy, UnknownAccuracy
from seqlab_pos.rows import read_lists, read_tags, symbols, uneven
from seqlab_pos.words import InputKind, WordInputs

Weighting = Literal["none", "balanced"]


class TagPresenter(Presenter):
    """Words with the tag of each.

    Args:
        labels: The tags in the order of their ids.
        lexicon: The words of the training split.
    """

    def __init__(self, labels: Sequence[str], lexicon: Lexicon) -> None:
        self.labels, self.lexicon = list(labels), lexicon

    def parse(self, line: str) -> dict[str, Any]:
        """The words of a sentence; marks at a word's ends stand alone unless training has it so."""
        return {"words": list(chain.from_iterable(map(self._parted, line.split())))}

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """The words, the tag of each, and the probability of each tag."""
        words = symbols(row["words"])
        probabilities = softmax(outputs)  # (T, O)
        tags = [int(tag) for tag in predictions][: len(words)]
        return {
            **row,
            "words": words,
            "tags": [self.labels[tag] for tag in tags],
            "scores": [float(share[tag]) for share, tag in zip(probabilities, tags, strict=False)],
        }

    def _parted(self, word: str) -> list[str]:
        if word in self.lexicon:
            return [word]
        before, inner, after = re.fullmatch(r"(\W*)(.*?)(\W*)", word, re.DOTALL).groups()  # type: ignore[union-attr]
        return [*before, *([inner] if inner else []), *after]


class FittedTag(Fitted):
    """Knows the tags, the words, and how often each word has each tag in training.

    Args:
        labels: The tags in the order of their ids.
        lexicon: The words of the training split with their tags.
        inputs: What a model sees of a word.
        label_smoothing: Of the loss in training.
        class_weights: Whether rare tags weigh more in training.
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
    ) -> None:
        self.labels, self.lexicon, self.inputs = list(labels), lexicon, inputs
        self.label_smoothing, self.class_weights = label_smoothing, class_weights
        self.presenter = TagPresenter(labels, lexicon)
        self.spec = ModelSpec(inputs.fields, Outputs("class", (len(labels),), per="step"))
        self.metrics = (Accuracy(), UnknownAccuracy(), SentenceAccuracy(), Loss())

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """The words' streams and the tags' ids; sentences without words are left out.

        Where there are no targets, these hold one unknown word instead, for every row to predict
        has its answer.
        """
        name = columns["words"]
        sentences = [words or [""] * (not targets) for words in read_lists(split, name, "words")]
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        words = list(chain.from_iterable(sentences))
        ids = np.zeros(len(words), np.int64)
        if targets:
            tags = chain.from_iterable(read_tags(split, columns, lengths))
            known = {label: place for place, label in enumerate(self.labels)}
            ids = np.fromiter((known.get(tag, UNSEEN) for tag in tags), np.int64, len(words))
        rows = np.flatnonzero(lengths)
        if not len(rows):
            raise UserError(
                "there is no word in any row",
                location=f"{split.origin}, {split.name}, column '{name}'",
                remedy="give rows with words, or another column with -o data.columns.words=NAME",
            )
        return Examples(
            inputs=self.inputs.encode(words),
            starts=Ragged(ids, lengths).starts[rows],
            lengths=lengths[rows],
            targets=ids,
            per="step",
            rows=rows,
            unit="sentence",
            metadata={WORD: self.lexicon.encode(words)},
        )

    def tokens(self, stream: str) -> Sequence[str] | None:
        """Of the stream of words, these after `normalized`; affixes are no words."""
        words = self.inputs.words
        return words.decode(range(len(words))) if stream == "words" else None

    def criterion(self) -> Criterion:
        """Cross entropy."""
        counts = self.lexicon.tags()
        weights = None
        if self.class_weights == "balanced":
            weights = balanced_weights([counts[label] for label in self.labels])
        return CrossEntropy(weights, label_smoothing=self.label_smoothing)

    def baseline(self, examples: Examples) -> Baseline:
        """Each word's most frequent tag in training; of other words, that of all words."""
        shares = self.lexicon.shares(examples.metadata[WORD], self.labels)
        return Baseline("most frequent tag of the word", np.log(shares))

    def to_json(self) -> dict[str, Any]:
        """Tags, words and options."""
        options = ("labels", "label_smoothing", "class_weights")
        state = {name: getattr(self, name) for name in options}
        return {**state, "inputs": self.inputs.to_json(), "lexicon": self.lexicon.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedTag:
        """As `to_json` described it."""
        del tokenizers
        known = {
            "inputs": WordInputs.from_json(state["inputs"]),
            "lexicon": Lexicon.from_json(state["lexicon"]),
        }
        return cls(**{**state, **known})


class Tag(Task):
    """A tag for each word.

    Args:
        inputs: What a model sees of a word beside the word itself: affixes with case and shape
            (quick), its characters, both, or nothing more.
        lowercase: Whether the words' case is dropped; affixes and characters keep it.
        min_count: Words seen less often in training share one id.
        label_smoothing: Share of probability that the loss spreads over all tags.
        class_weights: Whether all words weigh the same in training, or all tags (balanced).
    """

    columns = (
        Column("words", ("list",), ("words", "tokens", "form")),
        Column("tags", ("list",), ("tags", "labels", "upos", "xpos")),
    )
    target = "tags"
    fitted = FittedTag
    defaults: ClassVar[Mapping[str, Any]] = {
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
    ) -> None:
        self.inputs, self.lowercase, self.min_count = inputs, lowercase, min_count
        self.label_smoothing, self.class_weights = label_smoothing, class_weights

    def check(self, split: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """Rows with more or fewer tags than words."""
        return uneven(split, columns)

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedTag:
        """Words and tags of the training split."""
        if tokenizer is not None:
            raise UserError(
                "the words are given: nothing is left for a tokenizer",
                location="--tokenizer",
                remedy="leave it out",
            )
        sentences = list(read_lists(train, columns["words"], "words"))
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        tags = chain.from_iterable(read_tags(train, columns, lengths))
        lexicon = Lexicon.of(chain.from_iterable(sentences), tags)
        labels = sorted(lexicon.tags())
        if len(labels) < 2:
            raise UserError(
                f"the training split has {len(labels)} kind of tag: {', '.join(labels)}",
                location=f"{train.origin}, column '{columns['tags']}'",
                remedy="give rows with at least two, or name another column with "
                "-o data.columns.tags=NAME",
            )
        return FittedTag(
            labels,
            lexicon,
            WordInputs.of(
                lexicon.words(), self.inputs, lowercase=self.lowercase, min_count=self.min_count
            ),
            label_smoothing=self.label_smoothing,
            class_weights=self.class_weights,
        )


class Pos(Tag):
    """The part of speech of each word: a tag for each, UPOS before other columns.

    Args:
        inputs: What a model sees of a word beside the word itself: affixes with case and shape
            (quick), its characters, both, or nothing more.
        lowercase: Whether the words' case is dropped; affixes and characters keep it.
        min_count: Words seen less often in training share one id.
        label_smoothing: Share of probability that the loss spreads over all tags.
        class_weights: Whether all words weigh the same in training, or all tags (balanced).
    """

    columns = (Tag.columns[0], Column("tags", ("list",), ("upos", "tags", "xpos", "labels")))
