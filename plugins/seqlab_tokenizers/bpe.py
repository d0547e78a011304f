"""Byte-pair encoding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Self

from seqlab import NormalForm, Ragged, Range, Text, UserError
from seqlab_tokenizers.ragged import to_ragged

if TYPE_CHECKING:
    import tokenizers
    from tokenizers import normalizers

BATCH_SIZE = 1024
"""Number of texts that are encoded together."""

PATTERN = (
    r"'(?:[sdmt]|ll|ve|re)"
    "| ?\\p{L}+(?:[\\p{M}\u200c\u200d]+\\p{L}*)*"
    r"| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
)
"""The pieces of a text that subwords do not cross: as in GPT-2, and with marks in their word."""


class BPETokenizer:
    """Subwords, built from bytes by merging the most frequent pairs (Sennrich 2016).

    Byte-level as in GPT-2: any text can be encoded, so there is no unknown token, and decoding
    restores the text exactly, apart from `lowercase` and `normalize`.

    Args:
        vocab_size: Maximum number of ids: the 256 bytes and the learned subwords.
        min_count: Pairs that occur less often in the training split are not merged.
        lowercase: Whether to convert text to lower case.
        normalize: Unicode normal form of texts: "NFC" composes letters and accents, "NFKC" replaces
            ligatures and fullwidth letters, too. "none" changes nothing.
    """

    cut_at = "lines"

    def __init__(
        self,
        vocab_size: Annotated[int, Range(256)] = 8000,
        min_count: Annotated[int, Range(1)] = 2,
        lowercase: bool = False,
        normalize: NormalForm = "none",
    ) -> None:
        self.vocab_size, self.min_count, self.lowercase = vocab_size, min_count, lowercase
        self.normalize = normalize
        self._tokenizer = self._untrained()

    @property
    def size(self) -> int:
        """Number of ids."""
        return self._tokenizer.get_vocab_size()

    @property
    def unknown(self) -> None:
        """None, because there is no unknown token."""
        return None

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the merges from the training split."""
        from tokenizers import pre_tokenizers, trainers

        trainer = trainers.BpeTrainer(
            vocab_size=self.vocab_size,
            min_frequency=self.min_count,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=[],
            show_progress=False,
        )
        self._tokenizer = self._untrained()
        self._tokenizer.train_from_iterator(map(_valid_text, texts), trainer)

    def tokenize(self, text: Text) -> list[str]:
        """Split a text into subwords; an incomplete character is shown as U+FFFD."""
        encoding = self._tokenizer.encode(_valid_text(text), add_special_tokens=False)
        return [self.decode([token]) for token in encoding.ids]

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """Ids of the subwords of each text."""
        return to_ragged(self._encode_in_batches(map(_valid_text, texts)))

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=False)

    def to_json(self) -> dict[str, object]:
        """State that `from_json` restores."""
        names = ("vocab_size", "min_count", "lowercase", "normalize")
        options = {name: getattr(self, name) for name in names}
        return {"options": options, "tokenizer": self._tokenizer.to_str()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Restore the tokenizer from the result of `to_json`."""
        import tokenizers

        tokenizer = cls(**state["options"])
        tokenizer._tokenizer = tokenizers.Tokenizer.from_str(state["tokenizer"])
        return tokenizer

    def _untrained(self) -> tokenizers.Tokenizer:
        from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

        tokenizer = Tokenizer(models.BPE())
        if steps := self._normalizers():
            tokenizer.normalizer = steps
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PATTERN), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer

    def _normalizers(self) -> normalizers.Normalizer | None:
        from tokenizers import normalizers

        steps: list[normalizers.Normalizer] = []
        if self.normalize != "none":
            steps.append(getattr(normalizers, self.normalize)())
        if self.lowercase:  # "İ" becomes one letter, as by `seqlab.lowercase`
            dotted = [normalizers.Replace(capital, "i") for capital in ("İ", "I\u0307")]
            steps += [*dotted, normalizers.Lowercase()]
        return normalizers.Sequence(steps) if steps else None

    def _encode_in_batches(self, texts: Iterator[str]) -> Iterator[list[int]]:
        while batch := list(islice(texts, BATCH_SIZE)):
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                yield encoding.ids


def _valid_text(text: Text) -> str:
    """The text with each lone surrogate, which UTF-8 cannot encode, replaced by "?"."""
    if not isinstance(text, str):
        raise UserError(
            "bpe takes text, not lists of tokens",
            location="--tokenizer bpe",
            remedy="--tokenizer word takes lists of any tokens",
        )
    return text.encode("utf-8", "replace").decode("utf-8")
