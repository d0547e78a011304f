"""Metrics of entities, compared with seqeval."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

import seqlab
from seqlab import Outcome, Split
from seqlab.cli import cli
from seqlab.data.reading.files import read_files
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab_pos.entities import EntityTags, odd_tags, spans_of
from seqlab_pos.metrics import ENTITY, EntityF1, EntityPrecision, EntityRecall
from seqlab_pos.tag import FittedTag, Tag

COLUMNS = {"words": "words", "tags": "tags"}
TYPED = ["O", *(f"{kind}-{name}" for kind in "BIES" for name in ("PER", "LOC", "creative-work"))]
UNTYPED = ["O", "B", "I", "E", "S"]
SENTENCES = [
    ("visit green harbour now", "O B-LOC I-LOC O"),
    ("ask mara lind twice", "O B-PER I-PER O"),
    ("mara left green harbour", "B-PER O B-LOC I-LOC"),
]


def sentences(tags: list[str]) -> st.SearchStrategy[list[tuple[list[str], list[str]]]]:
    """Actual and predicted tags of sentences; any tag may follow any other."""
    steps = st.lists(st.tuples(st.sampled_from(tags), st.sampled_from(tags)), min_size=1)
    pairs = steps.map(lambda pairs: tuple(map(list, zip(*pairs, strict=True))))
    return st.lists(pairs, min_size=1, max_size=6)  # type: ignore[arg-type]


def outcome_of(entities: EntityTags, labels: list[str], pairs: Any) -> Outcome:
    """An outcome of sentences, padded; entries in the padding are those of entities."""
    longest = max(len(actual) for actual, _ in pairs) + 1
    shape = len(pairs), longest
    mask = np.zeros(shape, bool)
    predictions, targets = np.full(shape, 1), np.full(shape, 1)
    codes = np.full(shape, 1)
    for row, (actual, predicted) in enumerate(pairs):
        length = len(actual)
        mask[row, :length] = True
        predictions[row, :length] = [labels.index(tag) for tag in predicted]
        targets[row, :length] = [labels.index(tag) if tag in labels else -1 for tag in actual]
        codes[row, :length] = entities.encode(actual)
    return Outcome(
        np.zeros(len(pairs)), predictions, np.zeros(1), targets, mask, metadata={ENTITY: codes}
    )


def values(labels: list[str], pairs: Any) -> list[float]:
    entities = EntityTags.of(labels)
    assert entities is not None
    outcome = outcome_of(entities, labels, pairs)
    metrics = (EntityF1(entities), EntityPrecision(entities), EntityRecall(entities))
    return [float(metric.value(metric.sums(outcome).sum(0))) for metric in metrics]


def expected(pairs: Any) -> list[float]:
    actual, predicted = zip(*pairs, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about values without a denominator, which are 0
        scores = (f1_score, precision_score, recall_score)
        return [float(score(list(actual), list(predicted))) for score in scores]


@pytest.mark.parametrize("labels", [TYPED, UNTYPED])
@given(data=st.data())
def test_equal_to_seqeval(labels: list[str], data: st.DataObject) -> None:
    pairs = data.draw(sentences(labels))
    tags = [tag for pair in pairs for side in pair for tag in side]
    if all(tag == "O" for tag in tags):
        assert np.isnan(values(labels, pairs)).all()
    else:
        assert values(labels, pairs) == pytest.approx(expected(pairs))


@given(st.lists(st.sampled_from(TYPED), min_size=1, max_size=12))
def test_spans_are_those_of_seqeval(tags: list[str]) -> None:
    entities = EntityTags(TYPED)
    (begins,), (last,), (types,) = spans_of(entities.encode(tags)[None])
    spans = [(entities.types[types[i]], i, int(last[i])) for i in np.flatnonzero(begins)]
    assert spans == get_entities(tags)


@given(sentences(["O", "B-PER", "I-PER", "B-NEW", "I-NEW", "B-OTHER", "I-OTHER"]))
def test_types_that_training_does_not_have_are_missed(pairs: Any) -> None:
    labels = ["B-PER", "I-PER", "O"]
    pairs = [(a, [tag if tag in labels else "O" for tag in p]) for a, p in pairs]
    result = values(labels, pairs)
    if not np.isnan(result).any():
        assert result == pytest.approx(expected(pairs))


@given(st.lists(st.sampled_from(["O", "B-A", "L-A", "U-A", "I-A"]), min_size=1, max_size=8))
def test_bilou_is_read_as_iobes(tags: list[str]) -> None:
    iobes = [tag.replace("L-", "E-").replace("U-", "S-") for tag in tags]
    labels = ["O", "B-A", "L-A", "U-A", "I-A", "E-A", "S-A"]
    entities = EntityTags(labels)
    assert entities.encode(tags).tolist() == entities.encode(iobes).tolist()


@pytest.mark.parametrize(
    ("labels", "types"),
    [
        (["B-PER", "I-PER", "O"], ["PER"]),
        (["I-LOC", "I-PER", "O"], ["LOC", "PER"]),  # IOB1 without a `B-`
        (["B-NP", "I-NP"], ["NP"]),
        (["B", "I", "O"], ["_"]),
        (["B", "E", "M", "S"], ["_"]),  # words of characters
        (["B-creative-work", "O"], ["creative-work"]),
        (["NOUN", "VERB"], None),
        (["B", "O"], None),
        (["O"], None),
        (["B-PER", "O", "PER"], None),
        (["A", "D", "N", "P", "V"], None),
        (["-", "B-", "O"], None),
        (["IN", "I-", "SB-X"], None),
    ],
)
def test_tags_with_the_form_of_entities(labels: list[str], types: list[str] | None) -> None:
    entities = EntityTags.of(labels)
    assert (None if entities is None else entities.types) == types


def test_odd_tags() -> None:
    assert odd_tags(["B-PER", "I-PER", "O", "PER"]) == ["PER"]
    assert odd_tags(["B-PER", "I-PER", "O"]) == []
    assert odd_tags(["NN", "VB", "B-PER", "O"]) == []
    assert odd_tags(["NN", "VB"]) == []
    assert odd_tags(["B_PER", "I_PER", "O"]) == ["B_PER", "I_PER"]
    assert odd_tags(["b-per", "i-per", "o"]) == ["b-per", "i-per", "o"]
    assert odd_tags(["b_x", "w_y", "NN", "O"]) == []


def split(rows: list[tuple[str, str]], name: str = "train") -> Split:
    records = [{"words": words.split(), "tags": tags.split()} for words, tags in rows]
    return Split.from_rows(name, records, "here")


def fit(rows: list[tuple[str, str]] = SENTENCES) -> FittedTag:
    return Tag().fit(split(rows), COLUMNS, None)


def test_the_baseline_has_metrics_of_entities() -> None:
    fitted = fit()
    examples = fitted.encode(split([SENTENCES[0], ("ask lind", "O B-NEW")], "test"), COLUMNS)
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=1
    ).values()
    # "lind" has I-PER in training: a span of its own, of another type than the actual one
    assert metrics["entity_f1"] == metrics["entity_precision"] == metrics["entity_recall"] == 0.5


def test_no_such_metric_for_parts_of_speech() -> None:
    names = [metric.name for metric in fit([("they fish", "PRON VERB")]).metrics]
    assert names == ["accuracy", "unknown_accuracy", "sentence_accuracy", "loss"]


def test_a_tag_without_the_form_is_reported() -> None:
    fitted = fit([*SENTENCES, ("mara", "PER")])
    assert "entity_f1" not in [metric.name for metric in fitted.metrics]
    train = split([*SENTENCES, ("mara", "PER")])
    (finding,) = fitted.check(train, COLUMNS, fitted.encode(train, COLUMNS))
    assert (finding.kind, finding.action, finding.rows) == ("tag form", "kept", (4,))
    assert "PER" in finding.cause and "B-PER" in finding.remedy
    assert not list(fit().check(split(SENTENCES), COLUMNS, fit().encode(train, COLUMNS)))


def test_a_saved_task_has_the_same_metrics() -> None:
    fitted = fit()
    restored = FittedTag.from_json(json.loads(json.dumps(fitted.to_json())), {})
    names = [metric.name for metric in restored.metrics]
    assert names == [metric.name for metric in fitted.metrics]
    assert names[2:5] == ["entity_f1", "entity_precision", "entity_recall"]


def test_a_run_reports_entities(tmp_path: Path) -> None:
    """The three sentences 20 times: 60 rows, 6 of them for the test."""
    path = tmp_path / "entities.conll"
    lines = [
        "".join(f"{w}\t{t}\n" for w, t in zip(words.split(), tags.split(), strict=True)) + "\n"
        for words, tags in SENTENCES
    ]
    path.write_text("".join(lines) * 20, encoding="utf-8")
    result = seqlab.run(
        task="tag", model="rnn", data=str(path), options={"train.epochs": 1}, out=tmp_path / "run"
    )
    test = result["metrics"]["test"]
    assert test["entity_f1"]["low"] <= test["entity_f1"]["value"] <= test["entity_f1"]["high"]
    assert result["baseline"]["metrics"]["entity_f1"] == 1.0
    report = seqlab.load(tmp_path / "run").errors(top=1)
    records = {record["label"]: record for record in report["groups"]["entity"]}
    correct = sum((record["recall"] or 0) * record["count"] for record in records.values())
    counted = sum(record["count"] + record["predicted"] for record in records.values())
    assert test["entity_f1"]["value"] == pytest.approx(2 * correct / counted)
    shown = (
        CliRunner().invoke(cli, ["inspect", "errors", str(tmp_path / "run"), "--top", "0"]).output
    )
    assert "entity" in shown and "LOC" in shown


@pytest.mark.parametrize(
    ("file", "count", "kinds"),
    [
        ("wnut17/train.conll", 1975, 6),
        ("wnut17/dev.conll", 836, 6),
        ("wnut17/test.conll", 1079, 6),
        ("sec_filings/train.conll", 1168, 4),  # IOB1, without any `B-`
        ("sec_filings/test.conll", 318, 4),
        ("snips/test.conll", 1790, None),
    ],
)
def test_entities_of_real_data(shared_data: Path, file: str, count: int, kinds: int | None) -> None:
    splits = read_files(shared_data / file).splits
    tags = [tag for row in next(iter(splits.values())).column("tags") for tag in [*row, "O"]]
    entities = EntityTags.of(sorted(set(tags)))
    assert entities is not None
    assert spans_of(entities.encode(tags)[None]).begins.sum() == count
    assert kinds is None or len(entities.types) == kinds
    assert len(get_entities(tags)) == count


def test_parts_of_speech_of_a_file_with_entities(shared_data: Path) -> None:
    for task, column, tag in (("tag", "tags", "I-PER"), ("pos", "pos", "NNP")):
        shown = CliRunner().invoke(
            cli, ["data", "show", str(shared_data / "sec_filings"), "--task", task]
        )
        assert f"'{column}'" in shown.output and tag in shown.output
