"""The contracts of tokenizers and data sources. Importing them does not import torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias, runtime_checkable

from seqlab.spec import Ragged
from seqlab.types import JsonObject

if TYPE_CHECKING:
    from seqlab.data.split import Split

Text: TypeAlias = "str | Sequence[str] | Sequence[int]"
"""A text, or the list of its tokens if it is tokenized already."""


@runtime_checkable
class Tokenizer(Protocol):
    """Converts texts or tokens to ids and back.

    The parameters of `__init__` that have a default are the tokenizer's options.

    A tokenizer with an attribute `cut_at` fits and encodes a text that is larger than memory in
    chunks. The value is "anywhere" if the ids of a text are the concatenated ids of its chunks
    wherever it is cut, or "lines" if this holds for cuts after a line end between two characters
    that are not white space.

    A tokenizer with a true attribute `needs_spaces` finds words by the spaces between them; texts
    in scripts without spaces, such as Chinese, then give a finding.
    """

    @property
    def size(self) -> int:
        """The number of ids of the fitted tokenizer."""

    @property
    def unknown(self) -> int | None:
        """The id of unknown tokens, if there is one."""

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary from the texts of the training split."""

    def tokenize(self, text: Text) -> list[str]:
        """The tokens of a text, in readable form."""

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text, int32.

        Raises:
            UserError: The texts are tokenized already, and the tokenizer needs plain texts.
        """

    def decode(self, ids: Sequence[int]) -> str:
        """A text that has these ids."""

    def to_json(self) -> JsonObject:
        """The state of the fitted tokenizer, complete for `from_json`."""

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Restore the fitted tokenizer from the result of `to_json`."""


@dataclass(frozen=True)
class Column:
    """A column that a task needs.

    Args:
        role: What the task calls the column, such as "text".
        kinds: The kinds of values that the column may hold; "numbers" is a list of numbers.
        names: Column names that are recognized, in order of preference.
        optional: Whether the data may lack the column.
        instead_of: Role of another column; the data needs exactly one of the two.
        gaps: Whether entries of a list may be missing, as the tag of a word that nobody has tagged.
    """

    role: str
    kinds: tuple[Literal["text", "label", "number", "list", "numbers"], ...]
    names: tuple[str, ...]
    optional: bool = False
    instead_of: str | None = None
    gaps: bool = False


class DataSource(ABC):
    """A named data set, such as a built-in one.

    The parameters of `__init__` that have a default are the options of the source.
    """

    @abstractmethod
    def load(self) -> Mapping[str, Split]:
        """The splits by name: "train" at least, "validation" and "test" if they exist."""

    def fingerprint(self) -> str | None:
        """Identify everything besides the options and the plugin's code that determines the rows.

        Returns:
            Such as the hash of a file; "" if the rows depend on nothing else; None if they may
            differ next time, so that they must not be cached.
        """
        return None
