"""The family of CoNLL formats: which column of a file holds what, found by its content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from seqlab.data.reading.tagged.lines import DOCUMENT, fields_of

_GLOBAL_COLUMNS = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
_BEGIN_DOCUMENT = "#begin document"
_ID = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
_ENTITY = re.compile(r"O|[BIESLUMW]-\S.*", re.DOTALL)
OUTSIDE = "O"
"""The tag of a word outside of all entities."""
_ENTITY_LETTERS = frozenset("BIOESLUMW")
_MIN_NUMBERED = 0.9
"""Share of the sentences whose words must be numbered."""
_PLACEHOLDERS = frozenset("_-*O")
"""Values that stand for nothing."""
_MAX_POS = 60
"""Most different parts of speech in a column that is taken for them."""


@dataclass(frozen=True)
class Layout:
    """Where a file has its columns.

    Args:
        name: The format, for messages; "" where only the columns are known.
        columns: Name → index; two names may refer to one column.
        width: Number of columns of each line.
        is_open: Whether lines may have more columns.
        has_ids: Whether each word begins with its number in the sentence, and every line that
            begins with # is a comment.
        gaps: Columns in which "_" means that nothing is annotated.
        spans: The column with entities in brackets, such as `(PERSON*`.
        id_column: The column of the numbers, if there are any.
        is_guess: Whether the names of the columns were found by their values.
    """

    name: str
    columns: Mapping[str, int]
    width: int
    is_open: bool = False
    has_ids: bool = False
    gaps: frozenset[str] = frozenset()
    spans: str | None = None
    id_column: int = 0
    is_guess: bool = field(default=False, compare=False)

    @property
    def has_comments(self) -> bool:
        """Whether every line that begins with # is a comment."""
        return self.has_ids or self.spans is not None


_ANNOTATED = frozenset({"lemmas", "upos", "xpos"})
CONLL_U = Layout(
    "CoNLL-U", {"words": 1, "lemmas": 2, "upos": 3, "xpos": 4}, 10, has_ids=True, gaps=_ANNOTATED
)
CONLL_2008 = Layout(
    "CoNLL-2008",
    {"words": 1, "lemmas": 2, "pos": 3, "ppos": 4},
    11,
    is_open=True,
    has_ids=True,
    gaps=frozenset({"lemmas", "pos", "ppos"}),
)
CONLL_2009 = Layout(
    "CoNLL-2009",
    {"words": 1, "lemmas": 2, "plemmas": 3, "pos": 4, "ppos": 5},
    12,
    is_open=True,
    has_ids=True,
    gaps=frozenset({"lemmas", "plemmas", "pos", "ppos"}),
)
CONLL_2012 = Layout(
    "CoNLL-2012", {"words": 3, "pos": 4, "tags": 10}, 11, is_open=True, spans="tags", id_column=2
)
_PLUS_NAMES = {"form": "words", "lemma": "lemmas"}


def find_layout(lines: Sequence[str], *, conllu: bool = False) -> Layout | None:
    """The layout of a file.

    Args:
        lines: The first lines of the file.
        conllu: Whether it can only be CoNLL-U, or CoNLL-U Plus if the file names its columns.

    Returns:
        The layout; None if no line holds a word.
    """
    for line in lines:
        if match := _GLOBAL_COLUMNS.match(line):
            return _plus(match[1].split())
        if line.startswith(_BEGIN_DOCUMENT):
            return CONLL_2012
        if conllu and not line.startswith("#"):
            return CONLL_U
    sentences = sample_sentences(lines) or sample_sentences(lines, hashtags=not conllu)
    if not sentences:
        return None
    width = Counter(len(fields) for words in sentences for fields in words).most_common(1)[0][0]
    words = [fields for words in sentences for fields in words if len(fields) >= width]
    if width >= CONLL_2012.width and all(f[1].isdecimal() and f[2].isdecimal() for f in words):
        return CONLL_2012
    if width > 2 and _count_up([[fields[0] for fields in words] for words in sentences]):
        return _numbered(width, words)
    return _plain(width, words)


def sample_sentences(lines: Sequence[str], *, hashtags: bool = False) -> list[list[list[str]]]:
    """The fields of the words of each sentence, without lines that begin with #.

    Args:
        lines: The first lines of the file.
        hashtags: Whether lines that begin with # are words.
    """
    sentences: list[list[list[str]]] = [[]]
    for line in lines:
        fields = fields_of(line)
        if not fields or fields[0] == DOCUMENT:
            sentences.append([])
        elif hashtags or not line.startswith("#"):
            sentences[-1].append(fields)
    return [words for words in sentences if words]


def is_entity_column(values: Sequence[str]) -> bool:
    """Whether values are tags of entities, such as `B-PER` and `O`; "_" may be among them.

    A column of `O` alone is one: there is no entity in these sentences.
    """
    tags = set(values)
    if tags <= {OUTSIDE, "_"}:
        return OUTSIDE in tags
    letters = tags <= _ENTITY_LETTERS | {"_"} and "O" in tags and bool(tags & {"B", "I"})
    return letters or are_entities(tags)


def are_entities(tags: Collection[str]) -> bool:
    """Whether tags are such as `B-PER` and `O`, and at least one has a type."""
    has_type = any(len(tag) > 1 for tag in tags)
    return has_type and all(tag == "_" or _ENTITY.fullmatch(tag) for tag in tags)


def _plus(names: Sequence[str]) -> Layout:
    """CoNLL-U Plus, whose first line names the columns."""
    lower = [name.lower() for name in names]
    columns = {_PLUS_NAMES.get(name, name): i for i, name in enumerate(lower) if name != "id"}
    if "words" in columns:  # comes first, as in every layout
        columns = {"words": columns.pop("words"), **columns}
    return Layout(
        "CoNLL-U Plus",
        columns,
        len(names),
        has_ids="id" in lower,
        gaps=frozenset(columns) - {"words"},
        id_column=lower.index("id") if "id" in lower else 0,
    )


def _count_up(sentences: Sequence[Sequence[str]]) -> bool:
    """Whether the first fields of sentences are the numbers of their words."""
    counts = [_counts_up(ids) for ids in sentences if len(ids) > 1]
    return len(counts) > 0 and sum(counts) >= _MIN_NUMBERED * len(counts)


def _counts_up(ids: Sequence[str]) -> bool:
    plain = [int(word) for word in ids if word.isdecimal()]
    return (
        all(map(_ID.fullmatch, ids))
        and plain[:1] in ([0], [1])
        and plain == list(range(plain[0], plain[0] + len(plain)))
    )


def _numbered(width: int, words: Sequence[Sequence[str]]) -> Layout:
    """A layout in which each line begins with the number of the word."""
    if width >= CONLL_2008.width:
        heads = {fields[9] for fields in words}
        return CONLL_2009 if all(h == "_" or h.isdecimal() for h in heads) else CONLL_2008
    if width == CONLL_U.width:
        return CONLL_U
    columns = {"words": 1, **{f"column{index + 1}": index for index in range(2, width)}}
    roles = _roles([[fields[index] for fields in words] for index in range(2, width)], 2)
    if width == 4 and all(is_entity_column([f[index] for f in words]) for index in (2, 3)):
        roles = {"tags": 2, "inner_tags": 3}  # GermEval: entities, and entities inside them
    columns |= roles if width > 3 else {"tags": 2}
    if width == 3:
        del columns["column3"]
    gaps = frozenset(columns) - {"words"}
    return Layout("numbered words", columns, width, has_ids=True, gaps=gaps, is_guess=True)


def _plain(width: int, words: Sequence[Sequence[str]]) -> Layout:
    """A layout in which each line begins with the word, or of two columns ends with it."""
    is_reversed = False
    if width == 2:
        first, last = ([fields[index] for fields in words] for index in range(2))
        is_reversed = is_entity_column(first) and not is_entity_column(last)
        columns = {"words": 1, "tags": 0} if is_reversed else {"words": 0, "tags": 1}
    else:
        columns = {"words": 0, **{f"column{index + 1}": index for index in range(1, width)}}
        columns |= _roles([[fields[index] for fields in words] for index in range(1, width)], 1)
    tags = columns.get("tags")
    is_entity = tags is not None and is_entity_column([fields[tags] for fields in words])
    gaps = frozenset(name for name, index in columns.items() if is_entity and index == tags)
    return Layout("", columns, width, gaps=gaps, is_guess=width > 2 or is_reversed)


def _roles(columns: Sequence[Sequence[str]], first: int) -> dict[str, int]:
    """Which columns hold the tags and the parts of speech.

    The tags are the last column with tags of entities, or else the only one whose values differ.
    The parts of speech are the column before the tags of entities, if it has few values.

    Args:
        columns: The values of each column after the words.
        first: The index of the first of them.
    """
    entities = [index for index, values in enumerate(columns) if is_entity_column(values)]
    if not entities:
        varied = [index for index, values in enumerate(columns) if len(set(values)) > 1]
        return {"tags": first + varied[0]} if len(varied) == 1 else {}
    before = [i for i, v in enumerate(columns[: entities[0]]) if not set(v) <= _PLACEHOLDERS]
    roles = {"tags": first + entities[-1]}
    if before and _are_parts_of_speech(columns[before[-1]]):
        roles["pos"] = first + before[-1]
    return roles


def _are_parts_of_speech(values: Sequence[str]) -> bool:
    kinds = set(values)
    return len(kinds) <= _MAX_POS and (
        4 * len(kinds) <= len(values) or all(kind == kind.upper() for kind in kinds)
    )
