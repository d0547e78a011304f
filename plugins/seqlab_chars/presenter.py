"""Predictions for people: the loss of a text and its most probable next token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, SupportsInt, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import UNSEEN, Presenter, Tokenizer, log_softmax

Mode: TypeAlias = Literal["stateful", "windows", "last", "targets"]


class TextPresenter(Presenter):
    """The text, its loss per token and the most probable next token; or the predicted targets.

    Args:
        text: Tokenizer of the texts.
        target: Tokenizer of the targets; the same as `text` if targets are the next tokens.
        mode: Mode of the task.
        classes: Number of tokens that can be predicted.
    """

    def __init__(self, text: Tokenizer, target: Tokenizer, mode: Mode, classes: int) -> None:
        self.text, self.target, self.mode = text, target, mode
        self.labels = [target.decode([token]) for token in range(classes)]

    def parse(self, line: str) -> dict[str, str]:
        """The line is the text."""
        return {"text": line}

    def present(
        self,
        row: Mapping[str, Any],
        outputs: NDArray[np.floating],
        predictions: NDArray[np.number],
    ) -> dict[str, object]:
        """The text, `nats` per token, the `next` token and its probability as `score`."""
        if self.mode == "targets":
            return {"text": row["text"], "predicted": self._decode(predictions)}
        last = log_softmax(outputs[None] if outputs.ndim == 1 else outputs)[-1]  # (V,)
        best = int(last.argmax())
        prediction = {"next": self._decode([best]), "score": float(np.exp(last[best]))}
        if self.mode == "last":
            return {"text": row["text"], **prediction}
        return {"text": row["text"], "nats": self._nats(row["text"], outputs), **prediction}

    def _nats(self, text: str, logits: NDArray[np.floating]) -> float | None:
        """Mean loss of all known tokens but the first; None if there are none."""
        ids = self.text.encode([text]).values
        # the unknown token is not a class if it is the last id
        classes = np.where(ids >= len(self.labels), UNSEEN, ids.astype(np.int64))[1:]
        known = np.flatnonzero(classes != UNSEEN)
        if not len(known):
            return None
        return float(-log_softmax(logits)[known, classes[known]].mean())

    def _decode(self, classes: Iterable[SupportsInt]) -> str:
        return self.target.decode([int(token) for token in classes])
