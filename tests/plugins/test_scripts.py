"""Tokenizers and texts in many scripts: one word is one token, however it is typed."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import UserError
from seqlab_tokenizers.bpe import BPETokenizer
from seqlab_tokenizers.char import CharTokenizer
from seqlab_tokenizers.integer import IntegerTokenizer
from seqlab_tokenizers.word import WordTokenizer

OLD_PATTERN = r"\w+(?:['’]\w+)*|[^\w\s]"
TEXTS = st.text(
    st.one_of(
        st.characters(), st.sampled_from("İIıi\u0307éΣσς 'हिन्दी漢字ภา👍🏽🇩🇪\u00ad\u200bשל\u200fﬁ")
    )
)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("İstanbul", "istanbul"),
        ("I\u0307STANBUL", "istanbul"),
        ("Cafe\u0301", "café"),
        ("co\u00adoperate", "cooperate"),
        ("\ufeffso", "so"),
        ("שלום\u200f", "שלום"),
        ("ΟΔΟΣ", "οδος"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("ᾺΣ", "ὰς"),
    ],
)
def test_one_word_however_it_is_typed(typed: str, plain: str) -> None:
    tokenizer = WordTokenizer()
    assert tokenizer.tokenize(typed) == tokenizer.tokenize(plain) == [plain]
    assert tokenizer.tokenize([typed]) == [plain]


def test_options_of_normalization_and_case() -> None:
    assert WordTokenizer(lowercase=False).tokenize("İstanbul İyi 1") == ["İstanbul", "İyi", "1"]
    assert WordTokenizer(normalize="none").tokenize("e\u0301 co\u00adop") == [
        "e\u0301",
        "co\u00adop",
    ]
    assert WordTokenizer(normalize="NFKC").tokenize("ﬁne Ａ１ ſo") == ["fine", "a1", "so"]
    assert CharTokenizer(normalize="NFKC").tokenize("ﬁ") == ["f", "i"]
    assert CharTokenizer().tokenize("e\u0301") == ["e", "\u0301"]
    assert CharTokenizer(normalize="NFC").cut_at == "lines"


def test_a_pattern_of_the_user_replaces_the_word_boundaries() -> None:
    assert WordTokenizer(pattern=r"\S+").tokenize("İyi, 我爱你!") == ["iyi,", "我爱你!"]
    assert WordTokenizer(pattern="[a-z]").tokenize("a-B") == ["a", "b"]
    with pytest.raises(UserError) as caught:
        WordTokenizer(pattern="(")
    assert caught.value.remedy.endswith(r"-o 'tokenizer.pattern=\S+'")
    WordTokenizer(pattern=r"\S+")


@given(TEXTS)
def test_a_tokenizer_of_an_older_run_reads_as_before(text: str) -> None:
    """States as they were saved before texts had normal forms, and what these runs did."""
    options = {"max_size": 9, "min_count": 1, "lowercase": True, "pattern": OLD_PATTERN}
    vocabulary = {"tokens": ["i", "\u0307", "so"], "unknown": "id"}
    state = {"options": {**options, "markup": "space"}, "vocabulary": vocabulary}
    word = WordTokenizer.from_json(state)
    assert word.tokenize(text) == re.findall(OLD_PATTERN, text.lower())
    assert word.tokenize([text]) == [text.lower()]
    assert word.to_json() == state
    names = {"lowercase": True, "max_size": None, "min_count": 1, "characters": None}
    old = {"options": names, "vocabulary": vocabulary | {"tokens": ["i"]}}
    char = CharTokenizer.from_json(old)
    assert char.tokenize(text) == list(text.lower())
    assert char.to_json() == old


@given(st.lists(TEXTS, min_size=1))
@pytest.mark.parametrize("normalize", ["none", "NFC", "NFKC"])
def test_texts_survive_encoding_and_json(normalize: str, texts: list[str]) -> None:
    for tokenizer in (
        WordTokenizer(min_count=1, normalize=normalize),  # type: ignore[arg-type]
        CharTokenizer(lowercase=True, normalize=normalize),  # type: ignore[arg-type]
    ):
        tokenizer.fit(texts)
        restored = type(tokenizer).from_json(json.loads(json.dumps(tokenizer.to_json())))
        for text in texts:
            ids = tokenizer.encode([text]).values
            assert np.array_equal(ids, restored.encode([text]).values)
            assert np.array_equal(ids, tokenizer.encode([tokenizer.decode(ids.tolist())]).values)


def test_words_that_spaces_separate_stay_words() -> None:
    texts = ["今天 天气 真 好 。", "我 很 开心 。"]
    tokenizer = WordTokenizer(min_count=1)
    assert tokenizer.tokenize(texts[0])[:4] == ["今", "天", "天", "气"]
    tokenizer.fit(texts)
    assert tokenizer.tokenize(texts[0]) == ["今天", "天气", "真", "好", "。"]
    assert not tokenizer.needs_spaces
    restored = WordTokenizer.from_json(tokenizer.to_json())
    assert restored.tokenize("天气") == ["天气"]
    tokenizer.fit(["今天天气真好。"])
    assert tokenizer.needs_spaces
    assert tokenizer.tokenize("天气") == ["天", "气"]


def test_subwords_cross_combining_marks() -> None:
    tokenizer = BPETokenizer(vocab_size=400)
    words = ["हिन्दी", "தமிழ்", "می\u200cخواهم"]
    tokenizer.fit(words * 9)
    for word in words:
        assert len(tokenizer.encode([word]).values) == 1
    assert tokenizer.decode(tokenizer.encode(["हिन्दी में"]).values.tolist()) == "हिन्दी में"


def test_subwords_in_lower_case() -> None:
    tokenizer = BPETokenizer(vocab_size=300, lowercase=True, normalize="NFC")
    tokenizer.fit(["istanbul café"] * 9)
    expected = tokenizer.encode(["istanbul café"]).values.tolist()
    assert tokenizer.encode(["İSTANBUL cafe\u0301"]).values.tolist() == expected
    assert tokenizer.encode(["I\u0307stanbul café"]).values.tolist() == expected
    restored = BPETokenizer.from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert restored.encode(["İSTANBUL cafe\u0301"]).values.tolist() == expected


def test_subwords_of_an_older_run_read_as_before() -> None:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    old = Tokenizer(models.BPE({"i": 0, "Ì": 1, "ĩ": 2}, []))
    old.normalizer = normalizers.Lowercase()
    old.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    old.decoder = decoders.ByteLevel()
    options = {"vocab_size": 256, "min_count": 2, "lowercase": True}
    tokenizer = BPETokenizer.from_json({"options": options, "tokenizer": old.to_str()})
    assert tokenizer.encode(["İ"]).values.tolist() == old.encode("İ").ids
    assert tokenizer.to_json()["tokenizer"] == old.to_str()


def test_integers_in_other_scripts() -> None:
    tokenizer = IntegerTokenizer()
    assert tokenizer.tokenize("１２，３、٤، 5") == ["12", "3", "4", "5"]
