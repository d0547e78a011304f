"""Errors of small trained models, held against their own predictions."""

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


def trained(folder: Path, data: Any, *, task: str, **options: Any) -> seqlab.Predictor:
    given = {**SMALL, **{name.replace("__", "."): value for name, value in options.items()}}
    seqlab.run(task=task, model="lstm", data=data, options=given, out=folder)
    return seqlab.load(folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> seqlab.Predictor:
    folder = tmp_path_factory.mktemp("classify") / "run"
    return trained(folder, TEXTS, task="classify", train__epochs=6, train__batch_size=8)


def test_classes_of_sequences(classifier: seqlab.Predictor) -> None:
    found = classifier.errors(data=ODD)
    assert (found["kind"], found["per"], found["unit"]) == ("class", "sequence", "text")
    assert (found["count"], found["wrong"]) == (4, 3)
    pairs = {(e["target"], e["predicted"]): e["count"] for e in found["confusion"]}
    assert pairs == {("no", "yes"): 1, ("yes", "no"): 1, (None, "yes"): 1, ("no", "no"): 1}
    said = classifier.predict([row["text"] for row in ODD])
    worst = {case["row"]: case for case in found["worst"]}
    assert worst.keys() == {0, 1}  # of "perhaps" the model could know nothing
    for row, case in worst.items():
        shares = said[row]["probabilities"]
        assert case["loss"] == pytest.approx(-np.log(shares[case["target"]]), rel=1e-3)
        assert case["probability"] == pytest.approx(said[row]["score"], abs=1e-5)
        assert case["columns"] == ODD[row]
    losses = [case["loss"] for case in found["worst"]]
    assert losses == sorted(losses, reverse=True)
    assert len(classifier.errors(data=ODD, top=1)["worst"]) == 1


def test_labels_equal_sklearn(classifier: seqlab.Predictor) -> None:
    rows = [row for row in ODD + TEXTS if row["label"] != "perhaps"]
    said = [record["label"] for record in classifier.predict([row["text"] for row in rows])]
    real = [row["label"] for row in rows]
    expected = precision_recall_fscore_support(real, said, labels=["no", "yes"])
    found = classifier.errors(data=rows)["labels"]
    for place, each in enumerate(found):
        assert each["label"] == ["no", "yes"][place]
        for name, values in zip(("precision", "recall", "f1", "count"), expected, strict=True):
            assert each[name] == pytest.approx(values[place])
        assert each["predicted"] == Counter(said)[each["label"]]


def test_own_data_that_were_rows(classifier: seqlab.Predictor) -> None:
    with pytest.raises(UserError, match="rows given from Python"):
        classifier.errors()
    with pytest.raises(UserError, match="no split 'test'"):
        classifier.errors(data={"train": ODD, "validation": ODD})


def test_classes_of_steps(tmp_path: Path) -> None:
    predictor = trained(tmp_path / "run", TAGGED, task="tag", train__epochs=12)
    rows = [
        {"words": ["the", "bread"], "tags": ["D", "N"]},
        {"words": TAGGED[0]["words"], "tags": ["D", "N", "V", "R", "A", "N", "X"]},
    ]
    said = [tag for record in predictor.predict(rows) for tag in record["tags"]]
    real = [tag for row in rows for tag in row["tags"]]
    found = predictor.errors(data=rows)
    assert (found["per"], found["count"]) == ("step", 9)
    assert found["wrong"] == sum(a != b for a, b in zip(said, real, strict=True))
    case = next(case for case in found["worst"] if (case["row"], case["step"]) == (1, 3))
    assert (case["target"], case["predicted"]) == ("R", "D")
    assert case["symbol"] == "the"
    assert case["before"] == ["the", "dog", "eats"]
    assert case["after"] == ["old", "bread", "today"]
    assert None in {each["target"] for each in found["confusion"]}  # X


def test_symbols_to_learn(tmp_path: Path) -> None:
    rows = [{"text": "a\nb ", "target": "b\na "}] * 12
    predictor = trained(tmp_path / "run", rows, task="chars", train__epochs=1)
    found = predictor.errors(data=rows, top=2)
    assert [each["label"] for each in found["labels"]] == ["\n", " ", "a", "b"]


def test_values_in_the_user_s_units(tmp_path: Path) -> None:
    rows = [{"sequence": [n, n + 100, n + 200], "target": n + 300} for n in range(0, 400, 10)]
    predictor = trained(tmp_path / "run", rows, task="regression", train__epochs=3)
    found = predictor.errors(data=rows, top=3)
    assert (found["kind"], found["count"], len(found["worst"])) == ("value", 40, 3)
    said = [record["value"] for record in predictor.predict(rows)]
    errors = np.abs(np.array(said) - [row["target"] for row in rows])
    assert [case["row"] for case in found["worst"]] == np.argsort(-errors)[:3].tolist()
    for case in found["worst"]:
        assert case["target"] == pytest.approx(rows[case["row"]]["target"])
        assert case["predicted"] == pytest.approx(said[case["row"]], rel=1e-4)
        assert case["error"] == pytest.approx(errors[case["row"]], rel=1e-4)


@pytest.mark.parametrize("relative", [True, False])
def test_values_of_a_series(tmp_path: Path, relative: bool) -> None:
    values = [50 + n + (n % 4) * 3 for n in range(120)]
    rows = [{"target": float(value)} for value in values]
    predictor = trained(tmp_path / "run", rows, task="regression", train__epochs=2,
                        task__window=8, task__relative=relative)  # fmt: skip
    worst = predictor.errors(data=rows, top=4)["worst"]
    for case in worst:
        row = case["row"]
        assert case["target"] == pytest.approx(values[row], rel=1e-5)
        (said,) = predictor.predict([{"target": values[row - 8 : row]}])
        assert case["predicted"] == pytest.approx(said["value"], rel=1e-4)
