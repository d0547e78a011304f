from __future__ import annotations

import hashlib
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import seqlab
from seqlab import Split
from seqlab_pos.tagged import Tagged
from seqlab_pos.two_sentences import TwoSentences

FINGERPRINT = "bbf913453f7412092a47799b4d816e88129c3f1f605c9c1992a78022315f0eb0"


@pytest.fixture(scope="module")
def splits() -> dict[str, Split]:
    return dict(Tagged().load())


def sentences(split: Split) -> list[tuple[list[str], list[str]]]:
    return list(zip(split.column("words"), split.column("tags"), strict=True))


def test_sizes(splits: dict[str, Split]) -> None:
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 3200,
        "validation": 400,
        "test": 400,
    }
    for split in splits.values():
        assert split.column_names == ["words", "tags"]
        assert all(2 <= len(words) == len(tags) <= 18 for words, tags in sentences(split))


def test_sentences_are_distinct(splits: dict[str, Split]) -> None:
    all_words = [tuple(words) for split in splits.values() for words, _ in sentences(split)]
    assert len(set(all_words)) == len(all_words)


def test_rows_are_reproducible(splits: dict[str, Split]) -> None:
    lines = [
        " ".join([*words, *tags]) for split in splits.values() for words, tags in sentences(split)
    ]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == FINGERPRINT
    assert sentences(Tagged(seed=1).load()["test"]) != sentences(splits["test"])


def test_words_have_several_tags(splits: dict[str, Split]) -> None:
    tags_of: dict[str, set[str]] = {}
    for words, tags in sentences(splits["train"]):
        for word, tag in zip(words, tags, strict=True):
            tags_of.setdefault(word, set()).add(tag)
    expected = {
        "can": {"AUX", "NOUN"},
        "fish": {"NOUN", "VERB"},
        "man": {"NOUN", "VERB"},
        "old": {"ADJ", "NOUN"},
        "that": {"DET", "PRON", "SCONJ"},
        "to": {"ADP", "PART"},
        "fast": {"ADJ", "ADV"},
        "dry": {"ADJ", "VERB"},
        "before": {"ADP", "SCONJ"},
    }
    assert {word: tags_of[word] for word in expected} == expected


def test_some_test_words_are_unknown(splits: dict[str, Split]) -> None:
    known = set(chain.from_iterable(splits["train"].column("words")))
    unknown = Counter(
        tag
        for words, tags in sentences(splits["test"])
        for word, tag in zip(words, tags, strict=True)
        if word not in known
    )
    assert set(unknown) == {"PROPN", "NUM"}
    assert unknown.total() >= 20


def test_generation_is_fast() -> None:
    start = time.perf_counter()
    Tagged(seed=2).load()
    assert time.perf_counter() - start < 2  # 0.1 s on an idle machine


def test_the_two_sentences_of_the_tutorial() -> None:
    for split in TwoSentences().load().values():
        assert sentences(split) == [
            (["The", "dog", "ate", "the", "apple"], ["DET", "NN", "V", "DET", "NN"]),
            (["Everybody", "read", "that", "book"], ["NN", "V", "DET", "NN"]),
        ]


def test_a_model_uses_the_context(tmp_path: Path) -> None:
    options = {"model.hidden_size": 32, "model.embedding_size": 32, "data.rows": 1500}
    result = seqlab.run(task="pos", model="lstm", options=options, out=tmp_path / "run")
    metrics, baseline = result["metrics"]["test"], result["baseline"]["metrics"]
    assert baseline["accuracy"] <= 0.85
    assert metrics["accuracy"]["value"] >= 0.93
    assert set(metrics) == {"accuracy", "unknown_accuracy", "sentence_accuracy", "loss"}
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.evaluate() == metrics
    from_text, from_list = predictor.predict(
        ["the old man the boats", {"words": ["they", "can", "fish"]}]
    )
    assert from_text["predicted"] == ["DET", "NOUN", "VERB", "DET", "NOUN"]
    assert from_list["predicted"] == ["PRON", "AUX", "VERB"]


def test_two_sentences_are_memorized(tmp_path: Path) -> None:
    options = {"data.source": "two-sentences", "model.hidden_size": 16, "model.embedding_size": 16}
    options |= {"train.learning_rate": 0.03}
    result = seqlab.run(task="tag", model="lstm", options=options, epochs=50, out=tmp_path / "run")
    metrics = result["metrics"]["test"]
    assert metrics["accuracy"]["value"] == 1
    assert "unknown_accuracy" not in metrics  # every word is in the training split
