"""Reports of errors of small trained models, compared with the predictions of the models."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

import seqlab
from seqlab.errors import UserError

TEXTS = [
    {"text": text, "label": label}
    for i in range(30)
    for text, label in ((f"good film {i % 7}", "yes"), (f"bad film {i % 5}", "no"))
]
ODD = [{"text": "good film", "label": "no"}, {"text": "bad", "label": "yes"},
       {"text": "good", "label": "perhaps"}, {"text": "bad film", "label": "no"}]  # fmt: skip
TAGGED = [
    {"words": ["the", "dog", "eats", "the", "old", "bread", "today"],
     "tags": ["D", "N", "V", "D", "A", "N", "R"]},
    {"words": ["dogs", "sleep"], "tags": ["N", "V"]},
] * 8  # fmt: skip
SMALL: dict[str, Any] = {
    "model.hidden_size": 8,
    "train.learning_rate": 0.03,
    "data.validation_fraction": 0.2,
}


def train(folder: Path, data: Any, *, task: str, **options: Any) -> seqlab.Predictor:
    values = {**SMALL, **{name.replace("__", "."): value for name, value in options.items()}}
    seqlab.run(task=task, model="lstm", data=data, options=values, out=folder)
    return seqlab.load(folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> seqlab.Predictor:
    folder = tmp_path_factory.mktemp("classify") / "run"
    return train(folder, TEXTS, task="classify", train__epochs=6, train__batch_size=8)


def test_classes_of_sequences(classifier: seqlab.Predictor) -> None:
    report = classifier.errors(data=ODD)
    assert (report["kind"], report["per"], report["unit"]) == ("class", "sequence", "text")
    assert (report["count"], report["wrong"]) == (4, 3)
    confusion = {(e["target"], e["predicted"]): e["count"] for e in report["confusion"]}
    assert confusion == {("no", "yes"): 1, ("yes", "no"): 1, (None, "yes"): 1, ("no", "no"): 1}
    predictions = classifier.predict([row["text"] for row in ODD])
    worst = {case["row"]: case for case in report["worst"]}
    assert worst.keys() == {0, 1}  # without "perhaps", which is not in the training split
    for row, case in worst.items():
        assert case["number"] == row + 1
        probabilities = predictions[row]["probabilities"]
        assert case["loss"] == pytest.approx(-np.log(probabilities[case["target"]]), rel=1e-3)
        assert case["probability"] == pytest.approx(predictions[row]["score"], abs=1e-5)
        assert case["predicted"] == predictions[row]["predicted"]
        assert case["columns"] == {"text": ODD[row]["text"]}  # the label is the target
    losses = [case["loss"] for case in report["worst"]]
    assert losses == sorted(losses, reverse=True)
    assert len(classifier.errors(data=ODD, top=1)["worst"]) == 1


def test_labels_equal_sklearn(classifier: seqlab.Predictor) -> None:
    rows = [row for row in ODD + TEXTS if row["label"] != "perhaps"]
    predicted = [
        record["predicted"] for record in classifier.predict([row["text"] for row in rows])
    ]
    targets = [row["label"] for row in rows]
    expected = precision_recall_fscore_support(targets, predicted, labels=["no", "yes"])
    records = classifier.errors(data=rows)["labels"]
    assert [record["label"] for record in records] == ["no", "yes"]
    for index, record in enumerate(records):
        for name, values in zip(("precision", "recall", "f1", "count"), expected, strict=True):
            assert record[name] == pytest.approx(values[index])
        assert record["predicted"] == Counter(predicted)[record["label"]]


def test_a_run_on_rows_from_python_has_no_data_of_its_own(classifier: seqlab.Predictor) -> None:
    with pytest.raises(UserError, match="rows that were passed from Python"):
        classifier.errors()
    with pytest.raises(UserError, match="no split 'test'"):
        classifier.errors(data={"train": ODD, "validation": ODD})


def test_classes_of_steps(tmp_path: Path) -> None:
    predictor = train(tmp_path / "run", TAGGED, task="tag", train__epochs=12)
    rows = [
        {"words": ["the", "bread"], "tags": ["D", "N"]},
        {"words": TAGGED[0]["words"], "tags": ["D", "N", "V", "R", "A", "N", "X"]},
    ]
    predicted = [tag for record in predictor.predict(rows) for tag in record["predicted"]]
    targets = [tag for row in rows for tag in row["tags"]]
    report = predictor.errors(data=rows)
    assert (report["per"], report["count"]) == ("step", 9)
    assert report["wrong"] == sum(a != b for a, b in zip(predicted, targets, strict=True))
    case = next(case for case in report["worst"] if (case["row"], case["step"]) == (1, 3))
    assert (case["target"], case["predicted"]) == ("R", "D")
    assert case["token"] == "the"
    assert case["before"] == ["the", "dog", "eats"]
    assert case["after"] == ["old", "bread", "today"]
    assert None in {record["target"] for record in report["confusion"]}  # X


def test_labels_that_are_characters(tmp_path: Path) -> None:
    rows = [{"text": "a\nb ", "target": "b\na "}] * 12
    predictor = train(tmp_path / "run", rows, task="chars", train__epochs=1)
    report = predictor.errors(data=rows, top=2)
    assert [record["label"] for record in report["labels"]] == ["\n", " ", "a", "b"]


def test_values_are_in_the_units_of_the_user(tmp_path: Path) -> None:
    rows = [{"sequence": [n, n + 100, n + 200], "target": n + 300} for n in range(0, 400, 10)]
    predictor = train(tmp_path / "run", rows, task="regression", train__epochs=3)
    report = predictor.errors(data=rows, top=3)
    assert (report["kind"], report["count"], len(report["worst"])) == ("value", 40, 3)
    predicted = [record["predicted"] for record in predictor.predict(rows)]
    errors = np.abs(np.array(predicted) - [row["target"] for row in rows])
    assert [case["row"] for case in report["worst"]] == np.argsort(-errors)[:3].tolist()
    for case in report["worst"]:
        assert case["target"] == pytest.approx(rows[case["row"]]["target"])
        assert case["predicted"] == pytest.approx(predicted[case["row"]], rel=1e-4)
        assert case["error"] == pytest.approx(errors[case["row"]], rel=1e-4)


@pytest.mark.parametrize("relative", [True, False])
def test_values_of_a_series(tmp_path: Path, relative: bool) -> None:
    values = [50 + n + (n % 4) * 3 for n in range(120)]
    rows = [{"target": float(value)} for value in values]
    predictor = train(tmp_path / "run", rows, task="regression", train__epochs=2,
                      task__window=8, task__relative=relative)  # fmt: skip
    worst = predictor.errors(data=rows, top=4)["worst"]
    for case in worst:
        row = case["row"]
        assert case["target"] == pytest.approx(values[row], rel=1e-5)
        (prediction,) = predictor.predict([{"target": values[row - 8 : row]}])
        assert case["predicted"] == pytest.approx(prediction["predicted"], rel=1e-4)
