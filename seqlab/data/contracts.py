"""The contracts of tokenizers and data sources. Importing them does not import torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, runtime_checkable

from seqlab.spec import Ragged

if TYPE_CHECKING:
    from seqlab.data.split import Split

Text: TypeAlias = "str | Sequence[str] | Sequence[int]"
"""A text, or a list of its symbols where it is split already."""


@runtime_checkable
class Tokenizer(Protocol):
    """Text or symbols ↔ ids. Options are the parameters of `__init__` that have a default.

    With an attribute `cut_at`, a text that is larger than memory is fitted and encoded in pieces:
    "anywhere" where the ids of a text are those of its pieces wherever it is cut; "lines" where
    they are if it is cut after a line end between two characters that are not white space.
    """

    @property
    def size(self) -> int:
        """How many ids there are, once fitted."""

    @property
    def unknown(self) -> int | None:
        """The id of unknown symbols, where there is one."""

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary from the training split's texts."""

    def split(self, text: Text) -> list[str]:
        """The symbols of a text, as a person would see them."""

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text, int32.

        Raises:
            UserError: Texts that are split already, from a tokenizer that cannot take them.
        """

    def decode(self, ids: Sequence[int]) -> str:
        """A text that has these ids."""

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The fitted tokenizer that `to_json` described."""


@dataclass(frozen=True)
class Column:
    """A column that a task needs.

    Args:
        role: What the task calls it, such as "text".
        kinds: Which kinds of values can fill it; "numbers" is a list of these.
        names: Column names that are taken at once, best first.
        optional: Whether the data may lack it.
        instead_of: Another role; one of the two is needed, and one only is taken.
    """

    role: str
    kinds: tuple[Literal["text", "label", "number", "list", "numbers"], ...]
    names: tuple[str, ...]
    optional: bool = False
    instead_of: str | None = None


class DataSource(ABC):
    """A named data set, such as a built-in one.

    Options are the parameters of `__init__` that have a default.
    """

    @abstractmethod
    def load(self) -> Mapping[str, Split]:
        """The splits by name: "train" at least, "validation" and "test" where there are."""

    def fingerprint(self) -> str | None:
        """What decides the rows beside the options and the plugin's code, such as a file's hash.

        Returns:
            "" where there is nothing else; None where it is not known whether the rows will be
            the same the next time, so that nothing of them is kept in the cache.
        """
        return None
