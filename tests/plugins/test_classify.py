import json
from typing import Any

import numpy as np
import pytest

from seqlab import UNSEEN, Part, Ragged, UserError
from seqlab_sentiment.classify import Classify, FittedClassify, _cut
from seqlab_tokenizers.word import WordTokenizer

COLUMNS = {"text": "text", "label": "label"}
ROWS = [{"text": "good", "label": 1}, {"text": "bad bad", "label": 0}, {"text": "", "label": 1}]


def part(rows: list[dict[str, Any]]) -> Part:
    return Part.from_rows("train", rows, "here")


def fitted(**options: Any) -> FittedClassify:
    return Classify(**options).fit(part(ROWS), COLUMNS, WordTokenizer(min_count=1))


def test_texts_and_labels_are_encoded() -> None:
    made = fitted()
    examples = made.encode(part(ROWS), COLUMNS)
    assert examples.lengths.tolist() == [1, 2, 1]  # the empty text is one unknown word
    assert examples.inputs["text"][-1] == made.tokenizers["text"].unknown  # type: ignore[index]
    assert examples.targets.tolist() == [1, 0, 1]
    assert made.labels == ["0", "1"]


def test_a_label_that_training_never_had() -> None:
    examples = fitted().encode(part([{"text": "x", "label": 7}]), COLUMNS)
    assert examples.targets.tolist() == [UNSEEN]


def test_many_labels_stand_in_natural_order() -> None:
    rows = [{"text": "x", "label": label} for label in (10, 9, 2)]
    made = Classify().fit(part(rows), COLUMNS, WordTokenizer())
    assert made.labels == ["2", "9", "10"]


@pytest.mark.parametrize(
    ("keep", "kept"), [("start", [0, 1, 2]), ("end", [7, 8, 9]), ("both", [0, 1, 9])]
)
def test_long_texts_are_cut(keep: Any, kept: list[int]) -> None:
    texts = Ragged(np.concatenate([np.arange(10), np.arange(2)]), np.array([10, 2]))
    short = _cut(texts, 3, keep)
    assert short.values.tolist() == [*kept, 0, 1]
    assert short.lengths.tolist() == [3, 2]


def test_a_prediction_as_a_person_reads_it() -> None:
    said = fitted().present({"text": "good"}, np.log([0.2, 0.8]), np.array(1))
    assert said["label"] == "1"
    assert said["score"] == pytest.approx(0.8)
    assert said["probabilities"] == pytest.approx({"0": 0.2, "1": 0.8})


def test_json_goes_round() -> None:
    made = fitted(max_length=5, keep="end")
    again = FittedClassify.from_json(json.loads(json.dumps(made.to_json())), made.tokenizers)
    assert again.to_json() == made.to_json()
    assert again.spec == made.spec


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": "a", "label": 1}, {"text": "b", "label": 1}], "1 kind of label"),
        ([{"text": None, "label": 1}, {"text": "b", "label": 0}], "None"),
    ],
)
def test_data_that_cannot_be_learned_from(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Classify().fit(part(rows), COLUMNS, WordTokenizer())
