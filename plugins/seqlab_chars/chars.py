"""The task: next-token prediction, or one target token per token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Annotated, ClassVar

from seqlab import (
    Column,
    Finding,
    LongText,
    Range,
    Split,
    Task,
    Text,
    Tokenizer,
    UserError,
    chunks_of,
)
from seqlab_chars.fitted import FittedChars, Settings, read_texts
from seqlab_chars.presenter import Mode

ROLES = ("text", "target")

MIN_OVERLAP = 0.5
"""Share of the targets' tokens that must occur in the texts for one shared vocabulary."""


class Chars(Task):
    """Language modelling (characters, words, subwords): predict the next token of a text.

    The tokenizer decides what a token is. A row's text may be short or long; a single text is
    split by position into training, validation and test split. If the data has a column `target`,
    which holds one token per token of the text, the model learns these tokens instead.

    In validation and test, every token is predicted once, in consecutive windows of
    `evaluate_length` predictions; the last window of a text may be shorter. Each window starts
    from the initial state, unless `evaluate.state=carried` carries the state over.

    Args:
        mode: "stateful" reads texts in chunks and carries the state from each chunk to the next
            (truncated back-propagation through time); "windows" reads chunks as independent
            texts; "last" predicts the token after a window from the window's last step;
            "targets" learns the column `target`. None selects "targets" if there is such a
            column, else "stateful".
        length: Number of steps per chunk or window.
        evaluate_length: Number of predictions per window in validation and test; mode "last" uses
            `length`.
        stride: Distance between the starts of two successive windows, for mode "last".
    """

    columns = (
        Column("text", ("text",), ("text", "content", "sentence", "input", "source")),
        Column("target", (), ("target", "targets", "output"), optional=True),
    )
    target = "target"
    cut_within = "text"
    fitted = FittedChars
    defaults: ClassVar[Mapping[str, object]] = {
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

    def check(self, split: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """Report line ends of Windows, which count as two characters each."""
        rows = [
            row
            for row, text in enumerate(split.column(columns["text"], lazy=True))
            if "\r\n" in (next(text.chunks(), "") if isinstance(text, LongText) else text or "")
        ]
        if rows:
            yield Finding.of_rows(
                split,
                "line ends",
                "kept",
                "{are} written with line ends of Windows: each is two characters, the second of "
                "which is easy to predict, so that the loss per character is lower",
                rows,
                remedy=r"write the file with line ends of Unix, such as with sed -i 's/\r$//' FILE",
                column=columns["text"],
            )

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedChars:
        """Fit the tokenizer and count the tokens of the training split."""
        if tokenizer is None:
            raise UserError(
                "texts need a tokenizer", location="--tokenizer", remedy="--tokenizer char"
            )
        mode: Mode = self.mode or ("targets" if "target" in columns else "stateful")
        if mode == "targets" and "target" not in columns:
            raise UserError(
                "mode 'targets' learns a column of targets, but there is none",
                location="task.mode",
                remedy="-o data.columns.target=NAME, or choose another mode",
            )
        settings: Settings = {
            "mode": mode,
            "length": self.length,
            "evaluate_length": self.evaluate_length,
            "stride": self.stride,
        }
        tokenizers = {"text": tokenizer}
        if mode == "targets":
            tokenizers = _fit_tokenizers(train, columns, tokenizer)
        else:
            tokenizer.fit(chunks_of(read_texts(train, columns["text"]), tokenizer))
        return FittedChars.from_training_split(train, columns, tokenizers, settings)


def _fit_tokenizers(
    train: Split, columns: Mapping[str, str], tokenizer: Tokenizer
) -> dict[str, Tokenizer]:
    """Fit one tokenizer for texts and targets if they share their tokens, else one for each."""

    def chunks(role: str) -> Iterable[Text]:
        return chunks_of(read_texts(train, columns[role]), tokenizer)

    texts, targets = (
        set(chain.from_iterable(map(tokenizer.tokenize, chunks(role)))) for role in ROLES
    )
    target_tokenizer = deepcopy(tokenizer)
    if len(targets & texts) >= MIN_OVERLAP * len(targets):
        tokenizer.fit(chain(chunks("text"), chunks("target")))
        return {"text": tokenizer}
    tokenizer.fit(chunks("text"))
    target_tokenizer.fit(chunks("target"))
    return {"text": tokenizer, "target": target_tokenizer}
