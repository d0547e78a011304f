from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import CharacterTable
from seqlab_pos.words import LONGEST, InputKind, WordInputs, features

COUNTS = Counter(
    {"walking": 3, "talking": 1, "Walk": 2, "talk": 5, "Paris": 1, "2024": 1, "1999": 1}
)


def inputs(kind: InputKind, *, lowercase: bool = True, min_count: int = 1) -> WordInputs:
    return WordInputs.of(COUNTS, kind, lowercase=lowercase, min_count=min_count)


def words_of(made: WordInputs, words: list[str]) -> list[int]:
    found = made.encode(words)["words"]
    assert isinstance(found, np.ndarray)
    return [int(i) for i in found]


def test_case_and_digits_of_words() -> None:
    made = inputs("words")
    assert made.words.symbols == ["talk", "walking", "walk", "0000", "talking", "paris"]
    assert words_of(made, ["TALK", "3000", "nothing"]) == [0, 3, 6]
    kept = inputs("words", lowercase=False)
    assert words_of(kept, ["TALK", "Walk", "walk"]) == [6, 2, 6]


def test_rare_words_share_an_id() -> None:
    assert inputs("words", min_count=2).words.symbols == ["talk", "walking", "walk", "0000"]


def test_features_of_a_word() -> None:
    assert set(features("McDonald's-2")) == {
        "…0", "…-0", "…s-0", "…'s-0", "m…", "mc…", "mcd…", "mcdo…",
        "shape XxXx'x-d", "case capital 11 9",
    }  # fmt: skip
    assert set(features("Of")) == {"…f", "…of", "o…", "of…", "shape Xx", "case capital 00 2"}
    assert set(features("")) == {"shape ", "case other 00 0"}


def test_affixes_that_two_words_share() -> None:
    made = inputs("affixes")
    assert made.affixes is not None
    known = set(made.affixes.symbols)
    assert {"…ing", "…king", "walk…", "shape d", "case lower 00 7"} <= known
    assert not known & {"…ris", "pari…", "shape ", "…2024"}
    table = made.encode(["barking", "walking", "barking", ""])["affixes"]
    assert isinstance(table, np.ndarray)
    assert table.shape == (4, 10)
    assert (table[0] == table[2]).all()
    assert (table[3] == -1).all()
    held = [set(made.affixes.decode(row[row >= 0])) for row in table]
    assert held[0] == {f for f in features("barking") if f in known}
    assert held[0] < held[1] | {"case lower 00 7"}


def test_characters_of_each_distinct_word_once() -> None:
    made = inputs("characters")
    assert made.characters is not None
    table = made.encode(["talk", "Talk", "talk", "été", ""])["characters"]
    assert isinstance(table, CharacterTable)
    assert table.index.tolist() == [0, 1, 0, 2, 3]
    pieces = [table.pieces[a:b] for a, b in zip(table.offsets, table.offsets[1:], strict=False)]
    unknown = "<unk>"
    assert ["".join(made.characters.decode(each)) for each in pieces] == [
        "talk", f"{unknown}alk", f"{unknown}t{unknown}", unknown,
    ]  # fmt: skip


def test_long_words_keep_both_ends() -> None:
    made = inputs("characters")
    table = made.encode(["t" * 20 + "alk" * 20])["characters"]
    assert isinstance(table, CharacterTable)
    assert made.characters is not None
    assert "".join(made.characters.decode(table.pieces)) == "t" * 16 + ("alk" * 20)[-16:]
    assert len(table.pieces) == LONGEST


@pytest.mark.parametrize("kind", ["affixes", "characters", "both", "words"])
@given(words=st.lists(st.text(max_size=40), min_size=1, max_size=20))
def test_any_word_has_ids_within_bounds(kind: InputKind, words: list[str]) -> None:
    made = inputs(kind)
    streams = made.encode(words)
    assert set(streams) == set(made.fields)
    for name, field in made.fields.items():
        stream = streams[name]
        if isinstance(stream, CharacterTable):
            assert len(stream.index) == len(words)
            assert stream.index.max() == len(stream.offsets) - 2
            assert (np.diff(stream.offsets) > 0).all()
            stream = stream.pieces
        else:
            assert len(stream) == len(words)
        assert stream.min() >= -1
        assert stream.max() < field.size
    alone = [made.encode([word]) for word in words]
    together = streams["words"]
    assert isinstance(together, np.ndarray)
    assert together.tolist() == [int(np.asarray(each["words"])[0]) for each in alone]
