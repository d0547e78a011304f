"""The next symbol of a text, or a symbol for each of its symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Annotated, Any, ClassVar

from seqlab import Column, Range, Split, Task, Text, Tokenizer, UserError, chunks_of
from seqlab_chars.fitted import FittedChars, Settings, checked
from seqlab_chars.presenter import Mode

ROLES = ("text", "target")

SAME = 0.5
"""From this share of the targets' symbols in the texts on, both have one vocabulary."""


class Chars(Task):
    """The next symbol: a character, a word or a piece of a word, as the tokenizer has it.

    A row's text may be short or long; a single text is cut by position into training and
    validation. Where the data has a column `target`, which holds as many symbols as the text,
    these are learned instead, one a step.

    Validation and test: every symbol is predicted once, in windows of `evaluate_length`
    predictions one after the other, each from an empty state, a text's last one as long as what
    is left (`evaluate.state=carried` carries the state on).

    Args:
        mode: "stateful" reads whole texts in pieces and carries the state from each to the next
            (truncated back-propagation); "windows" reads pieces as if each were a text; "last"
            predicts the symbol after a window from the window's last step; "targets" learns the
            column `target`. None is "targets" where there is such a column, else "stateful".
        length: Steps of a piece or window.
        evaluate_length: Predictions of a window in validation and test; "last" has `length`.
        stride: Symbols from one window's start to the next one's, for "last".
    """

    columns = (
        Column("text", ("text",), ("text", "content", "sentence", "input", "source")),
        Column("target", (), ("target", "targets", "output"), optional=True),
    )
    target = "target"
    cut_within = "text"
    fitted = FittedChars
    defaults: ClassVar[Mapping[str, Any]] = {
        "data.source": "stdlib",
        "data.megabytes": 0.12,
        "data.whole": True,
        "tokenizer.name": "char",
        "model.embedding_size": 64,
        "model.embedding_init_std": 0.5,
        "model.hidden_size": 256,
        "model.head_dropout": 0.15,
        "train.epochs": 8,
        "train.batch_size": 32,
        "train.optimizer": "adamw",
        "train.learning_rate": 3e-3,
        "train.beta2": 0.99,
        "train.lr_schedule": "cosine",
        "train.warmup_ratio": 0.05,
        "train.reset_state": 0.15,
    }

    def __init__(
        self,
        mode: Mode | None = None,
        length: Annotated[int, Range(1)] = 64,
        evaluate_length: Annotated[int, Range(1)] = 256,
        stride: Annotated[int, Range(1)] = 1,
    ) -> None:
        self.mode, self.length = mode, length
        self.evaluate_length, self.stride = evaluate_length, stride

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedChars:
        """Symbols of the training split."""
        if tokenizer is None:
            raise UserError(
                "texts need a tokenizer", location="--tokenizer", remedy="--tokenizer char"
            )
        mode: Mode = self.mode or ("targets" if "target" in columns else "stateful")
        if mode == "targets" and "target" not in columns:
            raise UserError(
                "mode 'targets' learns the column of targets, and there is none",
                location="task.mode",
                remedy="-o data.columns.target=NAME, or another mode",
            )
        settings: Settings = {
            "mode": mode,
            "length": self.length,
            "evaluate_length": self.evaluate_length,
            "stride": self.stride,
        }
        tokenizers = {"text": tokenizer}
        if mode == "targets":
            tokenizers = _fit_both(train, columns, tokenizer)
        else:
            tokenizer.fit(chunks_of(checked(train, columns["text"]), tokenizer))
        return FittedChars.counted(train, columns, tokenizers, settings)


def _fit_both(
    train: Split, columns: Mapping[str, str], tokenizer: Tokenizer
) -> dict[str, Tokenizer]:
    """One tokenizer for texts and targets if they have the same symbols, else one each."""

    def read(role: str) -> Iterable[Text]:
        return chunks_of(checked(train, columns[role]), tokenizer)

    texts, targets = (set(chain.from_iterable(map(tokenizer.split, read(role)))) for role in ROLES)
    of_targets = deepcopy(tokenizer)
    if len(targets & texts) >= SAME * len(targets):
        tokenizer.fit(chain(read("text"), read("target")))
        return {"text": tokenizer}
    tokenizer.fit(read("text"))
    of_targets.fit(read("target"))
    return {"text": tokenizer, "target": of_targets}
