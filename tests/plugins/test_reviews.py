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
def parts() -> dict[str, Split]:
    return dict(Reviews().load())


def texts(part: Split) -> list[str]:
    return list(part.column("text"))


def test_sizes_and_balance(parts: dict[str, Split]) -> None:
    assert {name: len(part) for name, part in parts.items()} == {
        "train": 16000,
        "validation": 2000,
        "test": 2000,
    }
    for part in parts.values():
        assert part.column_names == ["text", "label"]
        assert Counter(part.column("label")) == dict.fromkeys(LABELS, len(part) // 2)


def test_no_text_is_there_twice(parts: dict[str, Split]) -> None:
    everything = [text.lower().rstrip(".!") for part in parts.values() for text in texts(part)]
    assert len(set(everything)) == len(everything)


def test_texts_are_short(parts: dict[str, Split]) -> None:
    assert max(len(text.split()) for text in texts(parts["train"])) <= 20


def test_the_same_on_every_machine(parts: dict[str, Split]) -> None:
    lines = [f"{row['label']}\t{row['text']}" for part in parts.values() for row in part_rows(part)]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == FINGERPRINT
    other = Reviews(seed=1).load()
    assert texts(other["test"]) != texts(parts["test"])


def part_rows(part: Split) -> list[dict[str, str]]:
    return [part[row] for row in range(len(part))]


def test_counting_words_is_not_enough(parts: dict[str, Split]) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear = pytest.importorskip("sklearn.linear_model")
    counter = text.CountVectorizer()
    model = linear.LogisticRegression(max_iter=1000)
    model.fit(counter.fit_transform(texts(parts["train"])), list(parts["train"].column("label")))
    counts = counter.transform(texts(parts["test"]))
    assert model.score(counts, list(parts["test"].column("label"))) <= 0.75
    assert len(counter.vocabulary_) < 400


def test_writing_takes_no_time() -> None:
    start = time.perf_counter()
    Reviews(seed=2).load()
    assert time.perf_counter() - start < 2  # 0.1 s on an idle machine


def test_options() -> None:
    known = options_of(Reviews)
    assert set(known) == {"rows", "seed"}
    small = Reviews(**validate("data", {"rows": "100"}, known)).load()
    assert {name: len(part) for name, part in small.items()} == {
        "train": 80,
        "validation": 10,
        "test": 10,
    }
    with pytest.raises(UserError, match=r"data\.rows takes int"):
        validate("data", {"rows": 10}, known)
