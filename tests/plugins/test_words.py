from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import CharacterTable
from seqlab_pos.words import MAX_CHARACTERS, InputKind, WordInputs, features

COUNTS = Counter(
    {"walking": 3, "talking": 1, "Walk": 2, "talk": 5, "Paris": 1, "2024": 1, "1999": 1}
)


def inputs(kind: InputKind, *, lowercase: bool = True, min_count: int = 1) -> WordInputs:
    return WordInputs.of(COUNTS, kind, lowercase=lowercase, min_count=min_count)


def word_ids(word_inputs: WordInputs, words: list[str]) -> list[int]:
    ids = word_inputs.encode(words)["words"]
    assert isinstance(ids, np.ndarray)
    return [int(i) for i in ids]


def test_words_are_normalized() -> None:
    word_inputs = inputs("words")
    assert word_inputs.words.tokens == ["talk", "walking", "walk", "0000", "talking", "paris"]
    assert word_ids(word_inputs, ["TALK", "3000", "nothing"]) == [0, 3, 6]
    cased = inputs("words", lowercase=False)
    assert word_ids(cased, ["TALK", "Walk", "walk"]) == [6, 2, 6]


def test_rare_words_share_an_id() -> None:
    assert inputs("words", min_count=2).words.tokens == ["talk", "walking", "walk", "0000"]


def test_features() -> None:
    assert set(features("McDonald's-2")) == {
        "…0", "…-0", "…s-0", "…'s-0", "m…", "mc…", "mcd…", "mcdo…",
        "shape XxXx'x-d", "case capital 11 9",
    }  # fmt: skip
    assert set(features("Of")) == {"…f", "…of", "o…", "of…", "shape Xx", "case capital 00 2"}
    assert set(features("")) == {"shape ", "case other 00 0"}


def test_affixes_of_two_words_have_ids() -> None:
    word_inputs = inputs("affixes")
    assert word_inputs.affixes is not None
    known = set(word_inputs.affixes.tokens)
    assert {"…ing", "…king", "walk…", "shape d", "case lower 00 7"} <= known
    assert not known & {"…ris", "pari…", "shape ", "…2024"}
    table = word_inputs.encode(["barking", "walking", "barking", ""])["affixes"]
    assert isinstance(table, np.ndarray)
    assert table.shape == (4, 10)
    assert (table[0] == table[2]).all()
    assert (table[3] == -1).all()
    features_of_rows = [set(word_inputs.affixes.decode(row[row >= 0])) for row in table]
    assert features_of_rows[0] == {f for f in features("barking") if f in known}
    assert features_of_rows[0] < features_of_rows[1] | {"case lower 00 7"}


def test_each_distinct_word_has_its_characters() -> None:
    word_inputs = inputs("characters")
    assert word_inputs.characters is not None
    table = word_inputs.encode(["talk", "Talk", "talk", "été", ""])["characters"]
    assert isinstance(table, CharacterTable)
    assert table.index.tolist() == [0, 1, 0, 2, 3]
    spellings = [
        table.characters[a:b] for a, b in zip(table.offsets, table.offsets[1:], strict=False)
    ]
    unknown = "<unk>"
    assert ["".join(word_inputs.characters.decode(ids)) for ids in spellings] == [
        "talk", f"{unknown}alk", f"{unknown}t{unknown}", unknown,
    ]  # fmt: skip


def test_long_words_keep_both_ends() -> None:
    word_inputs = inputs("characters")
    table = word_inputs.encode(["t" * 20 + "alk" * 20])["characters"]
    assert isinstance(table, CharacterTable)
    assert word_inputs.characters is not None
    assert "".join(word_inputs.characters.decode(table.characters)) == "t" * 16 + ("alk" * 20)[-16:]
    assert len(table.characters) == MAX_CHARACTERS


@pytest.mark.parametrize("kind", ["affixes", "characters", "both", "words"])
@given(words=st.lists(st.text(max_size=40), min_size=1, max_size=20))
def test_ids_are_within_bounds(kind: InputKind, words: list[str]) -> None:
    word_inputs = inputs(kind)
    streams = word_inputs.encode(words)
    assert set(streams) == set(word_inputs.fields)
    for name, field in word_inputs.fields.items():
        stream = streams[name]
        if isinstance(stream, CharacterTable):
            assert len(stream.index) == len(words)
            assert stream.index.max() == len(stream.offsets) - 2
            assert (np.diff(stream.offsets) > 0).all()
            stream = stream.characters
        else:
            assert len(stream) == len(words)
        assert stream.min() >= -1
        assert stream.max() < field.size
    singles = [word_inputs.encode([word]) for word in words]
    batch = streams["words"]
    assert isinstance(batch, np.ndarray)
    assert batch.tolist() == [int(np.asarray(single["words"])[0]) for single in singles]


def test_words_are_read_however_they_are_typed() -> None:
    counts = Counter({"İzmir": 2, "café": 1, "हिन्दी": 1, "Übung": 1})
    word_inputs = WordInputs.of(counts, "both", lowercase=True, min_count=1)
    assert word_inputs.words.tokens == ["izmir", "café", "हिन्दी", "übung"]
    typed = ["izmir", "cafe\u0301", "I\u0307zmir", "U\u0308BUNG", "co\u00adfe"]
    assert word_ids(word_inputs, typed) == [0, 1, 0, 3, 4]
    first, second = (word_inputs.encode([word]) for word in ("café", "cafe\u0301"))
    assert np.array_equal(first["affixes"], second["affixes"])  # type: ignore[arg-type]
    assert isinstance(first["characters"], CharacterTable)
    assert isinstance(second["characters"], CharacterTable)
    assert np.array_equal(first["characters"].characters, second["characters"].characters)


def test_combining_marks_have_no_shape_and_no_length() -> None:
    assert {"shape x", "case other 00 3"} <= set(features("हिन्दी"))
    assert {"shape X", "case upper 00 2"} <= set(features("E\u0301A"))
    assert "…ी" in set(features("हिन्दी"))


def test_inputs_of_an_older_run_read_as_before() -> None:
    word_inputs = inputs("both")
    state = word_inputs.to_json()
    assert state.pop("format") == 2
    state["words"] = {"tokens": ["i\u0307zmir", "cafe\u0301"], "unknown": "id"}
    old = WordInputs.from_json(state)
    assert old.to_json() == state
    assert word_ids(old, ["İzmir", "izmir", "cafe\u0301", "café"]) == [0, 2, 1, 2]
    assert "shape xिx्xी" in set(features("हिन्दी", str.lower))
