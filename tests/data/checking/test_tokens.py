"""Unknown tokens and scripts without spaces are found, and each remedy helps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seqlab.data.checking.findings import DataError
from seqlab.inference.predictor import DataRequest, load
from seqlab.prepare.commands.check import check_data
from seqlab.runs.run import run

UNKNOWN, UNSPACED = "unknown tokens", "no spaces between words"
QUICK = {"model.hidden_size": 8, "model.embedding_size": 8}


def rows(*texts: str, count: int = 60) -> list[dict[str, str]]:
    """Rows with the labels 0 and 1 in turn; "#" in a text becomes a different letter each."""
    return [
        {"text": texts[n % len(texts)].replace("#", chr(0x4E00 + n)), "label": str(n % 2)}
        for n in range(count)
    ]


def split_in_three(train: list[dict[str, str]], test: list[dict[str, str]]) -> dict[str, Any]:
    return {"train": train, "validation": train[:20], "test": test}


def found(data: object, kind: str, **options: Any) -> list[Mapping[str, Any]]:
    tokenizer = options.pop("tokenizer", None)
    record = check_data(data, task="classify", tokenizer=tokenizer, options=options)
    return [finding for finding in record["findings"] if finding["kind"] == kind]


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (("商品#很好", "商品#很差"), "Han"),
        (("とてもよい#ものです", "とてもわるい#ものです"), "Hiragana"),
        (("สินค้านี้ดีมาก", "สินค้านี้แย่มาก"), "Thai"),
        (("ສິນຄ້ານີ້ດີ", "ສິນຄ້ານີ້ບໍ່ດີ"), "Lao"),
        (("ទំនិញនេះល្អ", "ទំនិញនេះអាក្រក់"), "Khmer"),
        (("ဒီပစ္စည်းကောင်းတယ်", "ဒီပစ္စည်းမကောင်းဘူး"), "Myanmar"),
    ],
)
def test_scripts_without_spaces_are_found(
    texts: tuple[str, ...], script: str, tmp_path: Path
) -> None:
    data = rows(*texts)
    (finding,) = found(data, UNSPACED)
    assert finding["action"] == "kept"
    assert f"without spaces between words ({script}): tokenizer 'word'" in finding["cause"]
    assert finding["cause"].startswith("48 of 48 training texts are in a script")
    assert finding["location"].endswith("train, column 'text'")
    assert finding["remedy"].startswith("--tokenizer char")
    assert not found(data, UNSPACED, tokenizer="char") + found(data, UNKNOWN, tokenizer="char")
    result = run(
        task="classify", data=data, model="rnn", tokenizer="char", epochs=3, out=tmp_path / "r"
    )
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
    assert not [f for f in result["findings"] if f["kind"] in (UNKNOWN, UNSPACED)]


def test_words_that_spaces_separate_are_no_finding() -> None:
    assert not found(rows("商品 # 很 好", "商品 # 很 差"), UNSPACED)


@pytest.mark.parametrize(
    "texts",
    [("a good thing", "a bad thing"), ("좋은 상품", "나쁜 상품"), ("अच्छा सामान", "बुरा सामान")],
)
def test_scripts_with_spaces_are_no_finding(texts: tuple[str, ...]) -> None:
    assert not found(rows(*texts), UNSPACED) + found(rows(*texts), UNKNOWN)


def test_a_few_texts_without_spaces_are_no_finding() -> None:
    assert not found(rows(*["a good thing"] * 19, "商品很好"), UNSPACED)


def test_unknown_words_of_one_split_are_found_and_characters_help() -> None:
    data = split_in_three(rows("good book", "bad book"), rows("goodbook", "badbook", count=20))
    (finding,) = found(data, UNKNOWN)
    assert finding["split"] == "test"
    assert finding["action"] == "kept"
    assert finding["cause"] == (
        "all 20 tokens of the test split are unknown to the tokenizer, which knows 3"
    )
    assert finding["remedy"].startswith("--tokenizer char: it knows the 7 characters")
    assert not found(data, UNKNOWN, tokenizer="char")


def test_texts_of_which_training_has_no_character() -> None:
    data = split_in_three(rows("good book", "bad book"), rows("хорошо", "плохо", count=20))
    (finding,) = found(data, UNKNOWN)
    assert finding["remedy"].startswith("train on texts like these")
    assert found(data, UNKNOWN, tokenizer="char")
    assert not found(split_in_three(data["test"] * 2 + data["train"], data["test"]), UNKNOWN)


def test_rare_characters() -> None:
    data = split_in_three(rows("#"), rows("#", count=20))
    (_, _, finding) = found(data, UNKNOWN, tokenizer="char", **{"tokenizer.min_count": 2})
    assert finding["remedy"].startswith("-o tokenizer.min_count=1")
    assert not found(data, UNKNOWN, tokenizer="char", **{"tokenizer.min_count": 1})


@pytest.mark.parametrize("policy", ["id", "drop"])
def test_training_without_any_known_word_is_refused(policy: str, tmp_path: Path) -> None:
    data = [{"text": f"w{n}x", "label": str(n % 2)} for n in range(60)]
    options = {"tokenizer.unknown": policy, **QUICK}
    with pytest.raises(DataError) as caught:
        run(task="classify", data=data, model="rnn", epochs=1, options=options, out=tmp_path / "r")
    assert "train split are unknown to the tokenizer, which knows 0" in caught.value.cause
    assert caught.value.location.endswith("train, column 'text'")
    assert caught.value.remedy.startswith("--tokenizer char")
    assert check_data(data, task="classify", options={"tokenizer.unknown": policy})["refused"]
    run(task="classify", data=data, model="rnn", tokenizer="char", epochs=1, out=tmp_path / "c")


def test_other_data_with_unknown_tokens(tmp_path: Path) -> None:
    data = rows("good book", "bad book")
    run(task="classify", data=data, model="rnn", epochs=1, options=QUICK, out=tmp_path / "r")
    predictor = load(tmp_path / "r")
    prepared = predictor._prepare(DataRequest(data=rows("хорошо", "плохо")))
    (finding,) = [finding for finding in prepared.findings if finding.kind == UNKNOWN]
    assert finding.cause.startswith("all 60 tokens of the train split are unknown")
    known = predictor._prepare(DataRequest(data=rows("good book", "bad")))
    assert {finding.kind for finding in known.findings} == {"trained on"}


@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
def test_letters_that_are_spelled_in_two_ways(tokenizer: str) -> None:
    data = split_in_three(
        rows("un café", "un thé"), rows("un cafe\u0301", "un the\u0301", count=20)
    )
    (finding,) = found(data, "mixed spellings", tokenizer=tokenizer)
    assert finding["cause"].startswith("20 of 100 texts have letters with accents")
    assert finding["remedy"].startswith("-o tokenizer.normalize=NFC")
    option = {"tokenizer.normalize": "NFC"}
    assert not found(data, "mixed spellings", tokenizer=tokenizer, **option)
    assert not found(data, "mixed spellings", tokenizer="word")
    same = split_in_three(rows("un cafe\u0301"), rows("un cafe\u0301"))
    assert not found(same, "mixed spellings", tokenizer=tokenizer)


def test_unknown_words_of_a_tagger_that_sees_words_only() -> None:
    def sentences(count: int, word: str) -> list[dict[str, list[str]]]:
        return [{"words": [f"{word}{n}", "so"], "tags": ["N", "X"]} for n in range(count)]

    data = {"train": sentences(40, "जल"), "validation": sentences(20, "जल"), "test": []}
    data["test"] = [{"words": ["घर", "वह"], "tags": ["N", "X"]}] * 20

    def unknown(inputs: str) -> list[dict[str, Any]]:
        findings = check_data(data, task="tag", options={"task.inputs": inputs})["findings"]
        return [finding for finding in findings if finding["kind"] == UNKNOWN]

    (finding,) = unknown("words")
    assert finding["cause"] == "40 of 40 words of the test split are unknown: training has 3 words"
    assert finding["remedy"].startswith("-o task.inputs=affixes")
    assert not unknown("affixes")
