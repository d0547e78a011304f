import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import seqlab
from seqlab import UNSEEN, Numbers, Ragged, Split, UserError
from seqlab_sentiment.classify import Classify, FittedClassify
from seqlab_sentiment.inputs import truncate
from seqlab_tokenizers.word import WordTokenizer

COLUMNS = {"text": "text", "label": "label"}
ROWS = [{"text": "good", "label": 1}, {"text": "bad bad", "label": 0}, {"text": "", "label": 1}]


def split(rows: list[dict[str, Any]]) -> Split:
    return Split.from_rows("train", rows, "here")


def fit(**options: Any) -> FittedClassify:
    return Classify(**options).fit(split(ROWS), COLUMNS, WordTokenizer(min_count=1))


def test_texts_and_labels_are_encoded() -> None:
    fitted = fit()
    examples = fitted.encode(split(ROWS), COLUMNS)
    assert examples.lengths.tolist() == [1, 2, 1]  # the empty text is one unknown word
    assert examples.inputs["text"][-1] == fitted.tokenizers["text"].unknown  # type: ignore[index]
    assert examples.targets.tolist() == [1, 0, 1]
    assert fitted.presenter.labels == ["0", "1"]


def test_labels_that_do_not_occur_in_training_are_unseen() -> None:
    examples = fit().encode(split([{"text": "x", "label": 7}]), COLUMNS)
    assert examples.targets.tolist() == [UNSEEN]


def test_labels_are_in_natural_order() -> None:
    rows = [{"text": "x", "label": label} for label in (10, 9, 2)]
    fitted = Classify().fit(split(rows), COLUMNS, WordTokenizer())
    assert fitted.presenter.labels == ["2", "9", "10"]


@pytest.mark.parametrize(
    ("keep", "kept"), [("start", [0, 1, 2]), ("end", [7, 8, 9]), ("both", [0, 1, 9])]
)
def test_long_texts_are_truncated(keep: Any, kept: list[int]) -> None:
    texts = Ragged(np.concatenate([np.arange(10), np.arange(2)]), np.array([10, 2]))
    truncated = truncate(texts, 3, keep)
    assert truncated.values.tolist() == [*kept, 0, 1]
    assert truncated.lengths.tolist() == [3, 2]


def test_a_prediction_is_presented() -> None:
    record = fit().presenter.present({"text": "good"}, np.log([0.2, 0.8]), np.array(1))
    assert record["predicted"] == "1"
    assert record["score"] == pytest.approx(0.8)
    assert record["probabilities"] == pytest.approx({"0": 0.2, "1": 0.8})


def test_json_round_trip() -> None:
    fitted = fit(max_length=5, keep="end")
    restored = FittedClassify.from_json(json.loads(json.dumps(fitted.to_json())), fitted.tokenizers)
    assert restored.to_json() == fitted.to_json()
    assert restored.spec == fitted.spec


def test_class_weights_are_balanced() -> None:
    logits, targets = torch.zeros(3, 2), torch.tensor([1, 0, 1])
    criterion = fit(class_weights="balanced").criterion()
    # two of three labels are 1: the weights are 3 / (2 · 2) and 3 / (2 · 1)
    expected = np.log(2) * np.array([0.75, 1.5, 0.75])
    assert criterion(logits, targets).tolist() == pytest.approx(expected.tolist())
    assert criterion.eval()(logits, targets).tolist() == pytest.approx([np.log(2)] * 3)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"text": "a", "label": 1}, {"text": "b", "label": 1}], "fewer than two labels: 1"),
        ([{"text": None, "label": 1}, {"text": "b", "label": 0}], "row 1 holds None, not text"),
    ],
)
def test_unusable_data_raises(rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Classify().fit(split(rows), COLUMNS, WordTokenizer())


SERIES = [{"series": [0.0, 2.0], "label": "up"}, {"series": [4.0, 4.0, 5.0], "label": "down"}]
SERIES_COLUMNS = {"series": "series", "label": "label"}


def fit_series(rows: list[dict[str, Any]], **options: Any) -> FittedClassify:
    return Classify(**options).fit(split(rows), SERIES_COLUMNS, None)


def test_series_of_unequal_length() -> None:
    fitted = fit_series(SERIES)
    examples = fitted.encode(split(SERIES), SERIES_COLUMNS)
    steps = np.array([0, 2, 4, 4, 5])
    assert examples.lengths.tolist() == [2, 3]
    expected = (steps - steps.mean()) / steps.std()
    np.testing.assert_allclose(examples.inputs["series"][:, 0], expected, rtol=1e-6)  # type: ignore[index]
    assert examples.targets.tolist() == [1, 0]
    assert fitted.spec.inputs == {"series": Numbers(1)}
    other = split([{"series": [1000.0], "label": "up"}])  # it does not change the scaler
    assert fitted.encode(other, SERIES_COLUMNS).inputs["series"][0, 0] > 100  # type: ignore[index]


def test_series_of_several_features() -> None:
    rows = [{"series": [[0, 1], [2, 3]], "label": "a"}, {"series": [[4, 5]], "label": "b"}]
    fitted = fit_series(rows, max_length=1, keep="end")
    assert fitted.encode(split(rows), SERIES_COLUMNS).lengths.tolist() == [1, 1]
    assert fitted.spec.inputs == {"series": Numbers(2)}
    assert fitted.presenter.parse("[[1, 2], [3, 4]]") == {"series": [[1, 2], [3, 4]]}
    with pytest.raises(UserError, match="1 numbers per step, not 2"):
        fitted.presenter.parse("1 2 3")
    restored = FittedClassify.from_json(json.loads(json.dumps(fitted.to_json())), {})
    assert restored.to_json() == fitted.to_json()
    assert restored.spec == fitted.spec


@pytest.mark.parametrize("series", [[], [1, None], ["a"], 3])
def test_unusable_series_raise(series: Any) -> None:
    with pytest.raises(UserError, match="not a sequence of numbers"):
        fit_series([*SERIES, {"series": series, "label": "up"}])


def test_a_small_run_learns_three_kinds_of_series(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(240):
        steps = np.arange(rng.integers(4, 12))
        wave = {"up": steps, "down": -steps, "flat": 0 * steps}
        label = list(wave)[number % 3]
        series = 50 + wave[label] + rng.normal(0, 0.3, len(steps))
        rows.append({"id": f"row {number}", "series": series.tolist(), "label": label})
    result = seqlab.run(
        task="classify",
        model="lstm",
        data=rows,
        epochs=15,
        options={"model.hidden_size": 16, "train.batch_size": 16, "train.learning_rate": 0.01},
        out=tmp_path / "run",
    )
    assert result["metrics"]["test"]["accuracy"]["value"] > 0.8
    assert result["baseline"]["metrics"]["accuracy"] < 0.4
    records = seqlab.load(tmp_path / "run").predict(
        ["50 51 52 53 54", {"series": [50, 49, 48, 47]}]
    )
    assert [record["predicted"] for record in records] == ["up", "down"]
    assert records[0]["series"] == [50, 51, 52, 53, 54]


def test_a_small_run_with_a_logistic_head(tmp_path: Path) -> None:
    rows = [{"text": f"so {word} {n}", "label": word} for n in range(60) for word in ("bad", "ok")]
    rows += [{"text": "so ok indeed", "label": "ok"}] * 30
    result = seqlab.run(
        task="classify",
        model="lstm",
        data=rows,
        epochs=5,
        options={
            "model.head": "logistic",
            "model.hidden_size": 8,
            "task.class_weights": "balanced",
            "train.batch_size": 16,
            "train.learning_rate": 0.02,
        },
        out=tmp_path / "run",
    )
    assert result["metrics"]["test"]["accuracy"]["value"] > 0.9
    assert result["baseline"]["metrics"]["accuracy"] < 0.7
    records = seqlab.load(tmp_path / "run").predict(["so bad 1", "so ok 1"])
    assert [record["predicted"] for record in records] == ["bad", "ok"]
    for record in records:
        assert sum(record["probabilities"].values()) == pytest.approx(1)
        assert record["score"] == record["probabilities"][record["predicted"]] > 0.5
