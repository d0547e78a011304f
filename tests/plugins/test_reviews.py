from __future__ import annotations

import hashlib
import time
from collections import Counter

import pytest

from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.options import options_of, validate
from seqlab_sentiment.reviews import LABELS, Reviews

FINGERPRINT = "eadc3f8942c6a67480c08884a9be1892c300db29ebcbcbaa0a6bb4845fbe9a9b"


@pytest.fixture(scope="module")
def splits() -> dict[str, Split]:
    return dict(Reviews().load())


def texts_of(split: Split) -> list[str]:
    return list(split.column("text"))


def test_sizes_and_balance(splits: dict[str, Split]) -> None:
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 16000,
        "validation": 2000,
        "test": 2000,
    }
    for split in splits.values():
        assert split.column_names == ["text", "label"]
        assert Counter(split.column("label")) == dict.fromkeys(LABELS, len(split) // 2)


def test_texts_are_distinct(splits: dict[str, Split]) -> None:
    normalized = [
        text.lower().rstrip(".!") for split in splits.values() for text in texts_of(split)
    ]
    assert len(set(normalized)) == len(normalized)


def test_texts_are_short(splits: dict[str, Split]) -> None:
    assert max(len(text.split()) for text in texts_of(splits["train"])) <= 20


def test_rows_are_reproducible(splits: dict[str, Split]) -> None:
    lines = [
        f"{row['label']}\t{row['text']}" for split in splits.values() for row in rows_of(split)
    ]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == FINGERPRINT
    other = Reviews(seed=1).load()
    assert texts_of(other["test"]) != texts_of(splits["test"])


def rows_of(split: Split) -> list[dict[str, str]]:
    return [split[row] for row in range(len(split))]


def test_a_bag_of_words_is_not_enough(splits: dict[str, Split]) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear = pytest.importorskip("sklearn.linear_model")
    counter = text.CountVectorizer()
    model = linear.LogisticRegression(max_iter=1000)
    model.fit(
        counter.fit_transform(texts_of(splits["train"])), list(splits["train"].column("label"))
    )
    counts = counter.transform(texts_of(splits["test"]))
    assert model.score(counts, list(splits["test"].column("label"))) <= 0.75
    assert len(counter.vocabulary_) < 400


def test_generation_is_fast() -> None:
    start = time.perf_counter()
    Reviews(seed=2).load()
    assert time.perf_counter() - start < 2  # 0.1 s on an idle machine


def test_options() -> None:
    options = options_of(Reviews)
    assert set(options) == {"rows", "seed"}
    small = Reviews(**validate("data", {"rows": "100"}, options)).load()
    assert {name: len(split) for name, split in small.items()} == {
        "train": 80,
        "validation": 10,
        "test": 10,
    }
    with pytest.raises(UserError, match=r"data\.rows takes int"):
        validate("data", {"rows": 10}, options)
