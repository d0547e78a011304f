from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab_sentiment.first_token import LABELS, NOISE, FirstToken

FINGERPRINT = "9061a43ffe15608c297ad5a7b86b10b0c2043fd815007ebe6d38c9b0b3c2a2aa"


def rows(**options: Any) -> dict[str, list[dict[str, Any]]]:
    splits = FirstToken(**options).load()
    return {name: [split[row] for row in range(len(split))] for name, split in splits.items()}


@pytest.mark.parametrize("distance", [1, 10, 200])
def test_the_label_is_the_first_token(distance: int) -> None:
    splits = rows(distance=distance, rows=400)
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 320, "validation": 40, "test": 40,
    }  # fmt: skip
    for split in splits.values():
        assert Counter(row["label"] for row in split) == dict.fromkeys(LABELS, len(split) // 2)
        for row in split:
            assert len(row["text"]) == distance + 1
            assert row["text"][0] == row["label"]
            assert set(row["text"][1:]) <= set(NOISE)


def test_noise_is_uniform() -> None:
    splits = rows(rows=2000)
    texts = [row["text"] for split in splits.values() for row in split]
    assert len({text[1:] for text in texts}) == len(texts)
    counts = Counter("".join(text[1:] for text in texts))
    assert all(abs(count / counts.total() - 1 / 6) < 0.005 for count in counts.values())


def test_rows_are_reproducible() -> None:
    lines = [row["text"] for split in rows().values() for row in split]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == FINGERPRINT
    assert rows(seed=1) != rows()


@pytest.mark.parametrize("model", ["rnn", "lstm"])
def test_the_recipe_learns_a_short_distance(model: str, tmp_path: Path) -> None:
    options = {"data.distance": 5, "data.rows": 1000, "train.epochs": 4}
    result = seqlab.run(recipe="vanishing", model=model, options=options, out=tmp_path / "run")
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
