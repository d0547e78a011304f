"""Words, lower case and normal forms in many scripts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.data import words
from seqlab.data.words import (
    count_words,
    find_words,
    fold,
    is_segmented,
    lowercase,
    normalize,
    unspaced_script,
)

TEXTS = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("aA1 İIıßẞſΣσςαéfi\u0301\u0307\u0323'’ʼ·‧\"״-_.\u200b\u200c\u200d\u00ad"),
        st.sampled_from(
            "हिन्दी\u094dक्षதமிழ்ভাষাภาษาไทยำខ្មែរမြန်မာລາວ漢字のーテ々한글가\u1100\u1161שָׁלוֹםسَلام"
        ),
        st.sampled_from(
            "👩👍🏽🇩🇪❤\ufe0f\u20e3\u00a0\u202f\x85\x1c\u2028\ufeff\u200f\U000e0100Ａ１ﬁ²½①＿ｶﾞ"
        ),
    )
)
SPACES = "\u200b\x1c\x1d\x1e\x1f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("İstanbul İyi 1", "İstanbul|İyi|1"),
        ("e\u0301te\u0301 nai\u0308f", "e\u0301te\u0301|nai\u0308f"),
        ("हिन्दी में क्षेत्र।", "हिन्दी|में|क्षेत्र|।"),
        ("தமிழ் மொழி", "தமிழ்|மொழி"),
        ("বাংলা ভাষা", "বাংলা|ভাষা"),
        ("می\u200cخواهم کتاب", "می\u200cخواهم|کتاب"),
        ("سَلام، عليكم", "سَلام|،|عليكم"),
        ('שָׁלוֹם צה״ל צה"ל ג׳ירפה', 'שָׁלוֹם|צה״ל|צה"ל|ג׳ירפה'),
        ('שלום "אבא"', 'שלום|"|אבא|"'),
        ("我爱你。OK", "我|爱|你|。|OK"),
        ("東京タワーへ行く", "東|京|タワー|へ|行|く"),
        ("ｶﾞｽ ガス", "ｶﾞｽ|ガス"),
        ("한국어는 쉽다", "한국어는|쉽다"),
        ("ทำดี", "ทำ|ดี"),
        ("ខ្មែរ ລາວ", "ខ្មែ|រ|ລ|າ|ວ"),
        ("don't don’t donʼt l＇eau", "don't|don’t|donʼt|l＇eau"),
        ("“so” ‘so’ «so»", "“|so|”|‘|so|’|«|so|»"),
        ("col·lecció 3·5 a · b", "col·lecció|3|·|5|a|·|b"),
        ("co\u00adoperate point\u00ad.", "co\u00adoperate|point|\u00ad|."),
        ("10\u00a0000\u202f! a\x85b\u3000c\u2028d", "10|000|!|a|b|c|d"),
        ("snake_case ＿a 1½ x² ①", "snake_case|＿a|1½|x²|①"),
        ("👩\u200d👩\u200d👧👍🏽 🇩🇪🇫🇷 ❤️ 1️⃣ #️⃣", "👩\u200d👩\u200d👧|👍🏽|🇩🇪|🇫🇷|❤️|1️⃣|#️⃣"),
        ("3.5 e.g. U.S. a-b", "3|.|5|e|.|g|.|U|.|S|.|a|-|b"),
        ("3.5 e.g. हिन्दी", "3|.|5|e|.|g|.|हिन्दी"),
        ("\u0600 ١ \u0600١", "\u0600|١|\u0600١"),
        ("मैं\u200bहूँ \u0301", "मैं|हूँ|\u0301"),
    ],
)
def test_words_of_many_scripts(text: str, expected: str) -> None:
    assert find_words(text) == expected.split("|")


@given(TEXTS)
@example("I\u0307")
@example("a\u200d❤")
def test_nothing_but_white_space_is_lost(text: str) -> None:
    found = "".join(find_words(text))
    assert found == "".join(c for c in text if not c.isspace() and c not in SPACES)


@given(TEXTS, st.booleans())
def test_words_are_the_words_of_their_joined_text(text: str, segmented: bool) -> None:
    found = find_words(text, segmented=segmented)
    assert find_words(" ".join(found), segmented=segmented) == found


def full_words(text: str) -> list[str]:
    """The words by the rules for all scripts."""
    chunks = words._SPACES.split(text)
    return [word for chunk in chunks for word in words._words(chunk, words._UNSPACED)]


@given(st.text(st.characters(max_codepoint=0xD7FF)))
def test_simple_texts_have_the_words_of_the_full_rules(text: str) -> None:
    simple = "".join(c for c in text if words._is_simple(c))
    full = full_words(simple)
    assert find_words(simple) == full
    assert find_words(simple, lower=True) == [lowercase(word) for word in full]


def test_simple_characters_are_in_normal_form_and_need_no_other_rules() -> None:
    simple = [c for c in map(chr, range(0xE000)) if words._is_simple(c)]
    assert len(simple) > 14_000
    for character in simple:
        assert normalize(character) == character
        text = f"a{character}b {character}1 {character}{character}'{character}"
        assert find_words(text) == full_words(text)


@given(TEXTS)
def test_lower_case_stays_lower_case_and_normal(text: str) -> None:
    lower = lowercase(text)
    assert lowercase(lower) == lower
    composed = lowercase(normalize(text))
    assert unicodedata.is_normalized("NFC", composed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("İİ", "ii"), ("I\u0307zmir", "izmir"), ("ΟΔΟΣ", "οδος"), ("STRAẞE", "straße"), ("Ǆ", "ǆ")],
)
def test_lower_case(text: str, expected: str) -> None:
    assert lowercase(text) == expected


def test_the_final_sigma_is_that_of_the_word() -> None:
    assert find_words("ΟΔΟΣ.ΑΒ", lower=True) == ["οδος", ".", "αβ"]
    assert find_words("ΟΔΟΣ", lower=True) == ["οδος"]


@given(TEXTS, st.sampled_from(["NFC", "NFKC"]))
def test_normal_forms_are_stable(text: str, form: words.NormalForm) -> None:
    normal = normalize(text, form)
    assert normalize(normal, form) == normal


def test_normal_forms() -> None:
    assert normalize("e\u0301") == "é"
    assert normalize("co\u00adoperate – so \u00ad") == "cooperate – so \u00ad"
    assert normalize("\ufeffשלום\u200f") == "שלום"
    assert normalize("می\u200cخواهم") == "می\u200cخواهم"
    assert normalize("ﬁne Ａ１ ſo", "NFKC") == "fine A1 so"
    assert normalize("ﬁne") == "ﬁne"
    assert normalize("e\u0301", "none") == "e\u0301"


@given(TEXTS)
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("İyi", "iyi"),
        ("cafe\u0301!", "Café"),
        ("STRASSE", "straße"),
        ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"),
        ("ＯＫ", "ok"),
        ("我 爱，你", "我爱你"),
        ("co\u00adoperate", "cooperate"),
    ],
)
def test_texts_that_fold_alike(first: str, second: str) -> None:
    assert fold(first) == fold(second) != ""


@pytest.mark.parametrize(
    ("first", "second"), [("कि", "की"), ("ดี", "ดำ"), ("résumé", "resume"), ("x²", "x³ a")]
)
def test_texts_that_differ_in_marks_do_not_fold_alike(first: str, second: str) -> None:
    assert fold(first) != fold(second)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("e.g. two", 2),
        ("“Zoë” – so", 3),
        ("हिन्दी में है।", 3),
        ("我爱你。", 3),
        ("我 爱你 。", 3),
        ("Das ist 東京!", 4),
        ("한국어는 쉽다", 2),
        ("", 0),
    ],
)
def test_number_of_words(text: str, count: int) -> None:
    assert count_words(text) == count


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("我爱你 OK", "Han"),
        ("ひらがな", "Hiragana"),
        ("ภาษาไทย", "Thai"),
        ("ພາສາລາວ", "Lao"),
        ("ភាសាខ្មែរ", "Khmer"),
        ("မြန်မာ", "Myanmar"),
        ("한국어", None),
        ("हिन्दी", None),
        ("the word 東京", None),
        ("👍", None),
    ],
)
def test_scripts_without_spaces(text: str, script: str | None) -> None:
    assert unspaced_script(text) == script


def test_words_that_spaces_separate_in_a_script_without_spaces() -> None:
    assert is_segmented(["今天 天气 真 好 ， 我 很 开心"])
    assert is_segmented(["ฉัน รัก ภาษา ไทย มาก"])
    assert not is_segmented(["今天天气真好，我很开心 是的"])
    assert not is_segmented(["ฉันรักภาษาไทยมาก และ ชอบอาหารไทย"])
    assert not is_segmented(["so", "한국어는 쉽다", "हिन्दी में"])
    assert find_words("今天 天气真 OK", segmented=True) == ["今天", "天气真", "OK"]
