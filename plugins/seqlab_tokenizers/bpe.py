"""Byte pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Self

from seqlab import Ragged, Range, Text, UserError
from seqlab_tokenizers.flat import end_to_end

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Pairs

AT_ONCE = 1024
"""Texts that are encoded together."""


class BPETokenizer:
    """Subwords, from bytes by joining the most frequent pairs (Sennrich 2016).

    Works on bytes as GPT-2 does: any text can be written, so that no symbol is unknown, and
    decoding gives back the very text (without its case, if that is dropped).

    Args:
        vocab_size: Ids at most: the 256 bytes and the pieces that are learned.
        min_count: Pairs seen less often in training are not joined.
        lowercase: Whether case is dropped.
    """

    cut_at = "lines"

    def __init__(
        self,
        vocab_size: Annotated[int, Range(256)] = 8000,
        min_count: Annotated[int, Range(1)] = 2,
        lowercase: bool = False,
    ) -> None:
        self.vocab_size, self.min_count, self.lowercase = vocab_size, min_count, lowercase
        self._pairs = self._empty()

    @property
    def size(self) -> int:
        """How many ids there are."""
        return self._pairs.get_vocab_size()

    @property
    def unknown(self) -> None:
        """No text is unknown."""
        return None

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the pieces of the training split."""
        from tokenizers import pre_tokenizers, trainers

        trainer = trainers.BpeTrainer(
            vocab_size=self.vocab_size,
            min_frequency=self.min_count,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=[],
            show_progress=False,
        )
        self._pairs = self._empty()
        self._pairs.train_from_iterator(map(_read, texts), trainer)

    def split(self, text: Text) -> list[str]:
        """The pieces of a text; one that is part of a character only is shown as U+FFFD."""
        ids = self._pairs.encode(_read(text), add_special_tokens=False).ids
        return [self.decode([place]) for place in ids]

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text's pieces."""
        return end_to_end(self._ids(map(_read, texts)))

    def decode(self, ids: Sequence[int]) -> str:
        """The text."""
        return self._pairs.decode(list(ids), skip_special_tokens=False)

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        options = {name: getattr(self, name) for name in ("vocab_size", "min_count", "lowercase")}
        return {"options": options, "tokenizer": self._pairs.to_str()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The tokenizer that `to_json` described."""
        from tokenizers import Tokenizer as Pairs

        made = cls(**state["options"])
        made._pairs = Pairs.from_str(state["tokenizer"])
        return made

    def _empty(self) -> Pairs:
        from tokenizers import Tokenizer as Pairs
        from tokenizers import decoders, models, normalizers, pre_tokenizers

        pairs = Pairs(models.BPE())
        if self.lowercase:
            pairs.normalizer = normalizers.Lowercase()
        pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        pairs.decoder = decoders.ByteLevel()
        return pairs

    def _ids(self, texts: Iterator[str]) -> Iterator[list[int]]:
        while some := list(islice(texts, AT_ONCE)):
            for encoding in self._pairs.encode_batch_fast(some, add_special_tokens=False):
                yield encoding.ids


def _read(text: Text) -> str:
    """The text; half of a surrogate pair, which is no character, becomes a question mark."""
    if not isinstance(text, str):
        raise UserError(
            "bpe splits texts itself, and these are split already",
            location="--tokenizer bpe",
            remedy="--tokenizer word takes lists of any symbols",
        )
    return text.encode("utf-8", "replace").decode("utf-8")
