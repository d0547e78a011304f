"""Texts as a person reads them: how hard each was to predict, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import UNSEEN, Presenter, Tokenizer, log_softmax

Mode: TypeAlias = Literal["stateful", "windows", "last", "targets"]


class TextPresenter(Presenter):
    """The text, its loss per token and the likeliest next token; or the tokens that are learned.

    Args:
        text: The tokenizer of the texts.
        target: The tokenizer of what is predicted; the same one where that is the next token.
        mode: As in the task.
        classes: How many tokens can be predicted.
    """

    def __init__(self, text: Tokenizer, target: Tokenizer, mode: Mode, classes: int) -> None:
        self.text, self.target, self.mode = text, target, mode
        self.labels = [target.decode([token]) for token in range(classes)]

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the text."""
        return {"text": line}

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """The text, `nats` per token, the `next` token and its probability as `score`."""
        if self.mode == "targets":
            return {"text": row["text"], "predicted": self._decode(predictions)}
        last = log_softmax(outputs[None] if outputs.ndim == 1 else outputs)[-1]  # (V,)
        best = int(last.argmax())
        likeliest = {"next": self._decode([best]), "score": float(np.exp(last[best]))}
        if self.mode == "last":
            return {"text": row["text"], **likeliest}
        return {"text": row["text"], "nats": self._nats(row["text"], outputs), **likeliest}

    def _nats(self, text: str, logits: NDArray[Any]) -> float | None:
        """The mean loss of all tokens but the first; None where there is none."""
        ids = self.text.encode([text]).values
        # the unknown token is no class if it is the last one
        classes = np.where(ids >= len(self.labels), UNSEEN, ids.astype(np.int64))[1:]
        known = np.flatnonzero(classes != UNSEEN)
        if not len(known):
            return None
        return float(-log_softmax(logits)[known, classes[known]].mean())

    def _decode(self, classes: Iterable[Any]) -> str:
        return self.target.decode([int(each) for each in classes])
