import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import seqlab
from seqlab import NO_TARGET, UNSEEN, Accuracy, Split, UserError
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab.nn import build_model, model_options
from seqlab.options import validate
from seqlab.testing import assert_passes, check_model
from seqlab_pos.lexicon import Lexicon
from seqlab_pos.metrics import WORD
from seqlab_pos.presenter import TagPresenter
from seqlab_pos.tag import FittedTag, Pos, Tag
from seqlab_pos.tagged import Tagged
from seqlab_pos.words import InputKind
from tests.nn.tiny import TinyLSTM

COLUMNS = {"words": "words", "tags": "tags"}
ROWS: list[dict[str, Any]] = [
    {
        "words": ["the", "old", "man", "the", "U.S.", "boats"],
        "tags": ["D", "N", "V", "D", "P", "N"],
    },
    {"words": ["The", "old", "man"], "tags": ["D", "A", "N"]},
    {"words": ["old", "boats", "man", "the", "cans"], "tags": ["A", "N", "V", "D", "N"]},
]
KINDS: tuple[InputKind, ...] = ("affixes", "characters", "both", "words")


def split(rows: list[dict[str, Any]], name: str = "train") -> Split:
    return Split.from_rows(name, rows, "here")


def fit(**options: Any) -> FittedTag:
    return Tag(**options).fit(split(ROWS), COLUMNS, None)


def test_words_and_tags_are_encoded() -> None:
    fitted = fit()
    assert fitted.presenter.labels == ["A", "D", "N", "P", "V"]
    examples = fitted.encode(split(ROWS), COLUMNS)
    assert (examples.per, examples.unit) == ("step", "sentence")
    assert examples.lengths.tolist() == [6, 3, 5]
    assert examples.starts.tolist() == [0, 6, 9]
    assert [fitted.presenter.labels[i] for i in examples.targets] == [
        t for row in ROWS for t in row["tags"]
    ]
    words = examples.inputs["words"]
    assert isinstance(words, np.ndarray)
    assert words[0] == words[6]  # "The" is "the"


def test_word_vectors_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "some.vec"
    path.write_text("old 1 2 3\nMan 4 5 6\nman -4 5 6\n00 7 8 9\n", encoding="utf-8")
    rows = [*ROWS, {"words": ["OLD", "12"], "tags": ["A", "N"]}] * 8
    options: dict[str, Any] = {
        "model.vectors": str(path),
        "model.freeze_vectors": True,
        "model.embedding_size": 3,
        "model.hidden_size": 4,
    }
    result = seqlab.run(
        task="pos", model="lstm", data=rows, options=options, out=tmp_path / "run", smoke=True
    )
    (notice,) = (notice for notice in result["notices"] if "have a vector" in notice)
    assert notice.startswith("words: 3 of ")
    tokens = seqlab.load(tmp_path / "run").fitted.tokens("words")
    table = load_file(tmp_path / "run" / "model.safetensors")["embedder.streams.words.table.weight"]
    assert tokens is not None and len(tokens) == len(table)
    vectors = dict(zip(tokens, table.tolist(), strict=True))
    assert [vectors[word] for word in ("old", "man", "00")] == [[1, 2, 3], [-4, 5, 6], [7, 8, 9]]


def test_tags_that_do_not_occur_in_training_are_unseen() -> None:
    examples = fit().encode(split([{"words": ["the", "x"], "tags": ["D", "X"]}]), COLUMNS)
    assert examples.targets.tolist() == [1, UNSEEN]
    assert (examples.metadata[WORD] < 0).tolist() == [False, True]


def test_words_of_the_lexicon_keep_their_case() -> None:
    examples = fit().encode(split([{"words": ["THE", "The"], "tags": ["D", "D"]}]), COLUMNS)
    assert (examples.metadata[WORD] < 0).tolist() == [True, False]


def test_sentences_without_words() -> None:
    rows = [{"words": [], "tags": []}, ROWS[1], {"words": [], "tags": []}]
    with_targets = fit().encode(split(rows), COLUMNS)
    assert (with_targets.rows.tolist(), with_targets.lengths.tolist()) == ([1], [3])
    without = fit().encode(split([{"words": []}, {"words": ["old"]}]), COLUMNS, targets=False)
    assert without.lengths.tolist() == [1, 1]
    record = fit().presenter.present({"words": []}, np.zeros((1, 5)), np.zeros(1))
    assert record == {"words": [], "predicted": [], "scores": []}


def test_words_and_tags_may_be_texts() -> None:
    fitted = fit()
    joined = [{key: " ".join(value) for key, value in row.items()} for row in ROWS]
    texts, lists = (fitted.encode(split(rows), COLUMNS) for rows in (joined, ROWS))
    assert texts.fingerprint() == lists.fingerprint()


@pytest.mark.parametrize("seed", range(3))
def test_the_baseline_is_the_most_frequent_tag(seed: int) -> None:
    splits = Tagged(300, seed=seed).load()
    fitted = Tag().fit(splits["train"], COLUMNS, None)
    pairs = {
        name: list(
            zip(
                chain.from_iterable(split.column("words")),
                chain.from_iterable(split.column("tags")),
                strict=True,
            )
        )
        for name, split in splits.items()
    }
    counts: dict[str, Counter[str]] = {}
    for word, tag in pairs["train"]:
        counts.setdefault(word, Counter())[tag] += 1
    overall = Counter(tag for _, tag in pairs["train"])
    examples = fitted.encode(splits["test"], COLUMNS)
    outputs = fitted.baseline(examples).outputs
    np.testing.assert_allclose(np.exp(outputs).sum(1), 1, rtol=1e-5)
    for row, (word, _) in zip(outputs, pairs["test"], strict=True):
        tags = counts.get(word, overall)
        best = [tag for tag, count in tags.items() if count == max(tags.values())]
        assert fitted.presenter.labels[row.argmax()] == max(best, key=lambda tag: overall[tag])


def test_metrics_of_the_baseline() -> None:
    rows = [{"words": ["old", "ship", "man"], "tags": ["A", "N", "N"]}]
    fitted = fit()
    examples = fitted.encode(split(rows), COLUMNS)
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=2
    ).values()
    # old: A; ship, unknown: N, the most frequent tag; man: V, which is wrong. 2 of 14 tags are A
    # and 5 are N: the correct tags have probabilities (2 + 2/14) / 4, 5/14 and (1 + 5/14) / 4.
    assert metrics["accuracy"] == pytest.approx(2 / 3)
    assert metrics["unknown_accuracy"] == 1
    assert metrics["sentence_accuracy"] == 0
    probabilities = np.array([(2 + 2 / 14) / 4, 5 / 14, (1 + 5 / 14) / 4])
    assert metrics["loss"] == pytest.approx(-np.log(probabilities).mean(), rel=1e-5)


def test_a_typed_sentence_is_split_into_words() -> None:
    fitted = fit()
    assert fitted.presenter.parse("the dog barks") == {"words": ["the", "dog", "barks"]}
    line = '  "the" dogs, the U.S. (cans)... it\'s X.Y. '
    words = ['"', "the", '"', "dogs", ",", "the", "U.S.", "(", "cans", ")", ".", ".", "."]
    assert fitted.presenter.parse(line) == {"words": [*words, "it's", "X.Y", "."]}
    assert fitted.presenter.parse(" ") == {"words": []}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("हिन्दी, तमिल।", ["हिन्दी", ",", "तमिल", "।"]),
        ("«cafe\u0301»", ["«", "cafe\u0301", "»"]),
        ("so 👍🏽🇩🇪!", ["so", "👍🏽", "🇩🇪", "!"]),
        (
            "the\u00a0dog 10\u00a0000. (10\u00a0000)",
            ["the", "dog", "10\u00a0000", ".", "(", "10\u00a0000", ")"],
        ),
        ("\u200bמים\u200bطيب\u3000so", ["מים", "طيب", "so"]),
        ("…", ["…"]),
    ],
)
def test_a_typed_sentence_in_any_script_is_split_into_words(line: str, words: list[str]) -> None:
    lexicon = Lexicon.of(["10\u00a0000", "so"], ["N", "X"])
    assert TagPresenter(["N", "X"], lexicon).parse(line) == {"words": words}


def test_a_word_is_known_however_it_is_typed() -> None:
    lexicon = Lexicon.of(["cafe\u0301", "so"], ["N", "X"])
    assert lexicon.encode(["café", "cafe\u0301", "cafe"]).tolist() == [0, 0, -1]


def test_a_prediction_is_presented() -> None:
    logits = np.log([[0.1, 0.6, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.05, 0.05]])
    record = fit().presenter.present(
        {"words": ["the", "boats"], "id": 7}, logits, np.array([1.0, 2.0])
    )
    assert {key: record[key] for key in ("words", "predicted", "id")} == {
        "words": ["the", "boats"],
        "predicted": ["D", "N"],
        "id": 7,
    }
    assert record["scores"] == pytest.approx([0.6, 0.5])


@pytest.mark.parametrize("kind", KINDS)
def test_json_round_trip(kind: InputKind) -> None:
    fitted = fit(inputs=kind, class_weights="balanced")
    restored = FittedTag.from_json(json.loads(json.dumps(fitted.to_json())), {})
    assert restored.to_json() == fitted.to_json()
    assert restored.spec == fitted.spec
    rows = [*ROWS, {"words": ["Zoë", "the"], "tags": ["X", "D"]}]
    first, second = (task.encode(split(rows), COLUMNS) for task in (fitted, restored))
    assert first.fingerprint() == second.fingerprint()
    assert first.metadata[WORD].tolist() == second.metadata[WORD].tolist()
    np.testing.assert_array_equal(fitted.baseline(first).outputs, restored.baseline(second).outputs)


@given(st.lists(st.lists(st.sampled_from(["the", "old", "man", "ship"]), max_size=5), min_size=1))
def test_ids_decode_to_words(sentences: list[list[str]]) -> None:
    fitted = fit(inputs="words", lowercase=False)
    examples = fitted.encode(
        split([{"words": words} for words in sentences]), COLUMNS, targets=False
    )
    assert len(examples) == len(sentences)
    ids = examples.inputs["words"]
    assert isinstance(ids, np.ndarray)
    for row, start, length in zip(examples.rows, examples.starts, examples.lengths, strict=True):
        decoded = fitted.inputs.words.decode(ids[start : start + length])
        expected = [word if word in fitted.lexicon else "<unk>" for word in sentences[row]]
        assert decoded == (expected or ["<unk>"])


def test_class_weights_are_balanced() -> None:
    logits, targets = torch.zeros(5, 5), torch.arange(5)
    criterion = fit(class_weights="balanced", label_smoothing=0.0).criterion()
    counts = np.array([2, 4, 5, 1, 2])
    expected = np.log(5) * 14 / (5 * counts)
    assert criterion(logits, targets).tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_models_pass_the_conformance_checks(kind: InputKind) -> None:
    spec = fit(inputs=kind).spec
    options = {"embedding_size": 6, "bidirectional": True}
    validated = validate("model", options, model_options(TinyLSTM))
    assert_passes(check_model(lambda: build_model(TinyLSTM, spec, validated), spec))


def test_pos_prefers_upos() -> None:
    names = {column.role: column.names for column in Pos.columns}
    assert names["tags"].index("upos") < names["tags"].index("xpos")
    assert names["words"][0] == "words"
    assert not fit().spec.causal
    assert isinstance(fit().metrics[0], Accuracy)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"words": ["a", "b"], "tags": ["X", "X"]}], "fewer than two tags: X"),
        ([ROWS[0], {"words": ["a", "b"], "tags": ["X"]}], "row 2 has 2 words and 1 tags"),
        ([{"words": 7, "tags": ["X"]}], "row 1: the words are 7"),
        ([{"words": ["a", None], "tags": ["X", "Y"]}], r"row 1: the words are \['a', None\]"),
        ([{"words": ["a", "b"], "tags": 7}], "row 1: the tags are 7"),
        ([{"words": ["a", "b"], "tags": ["X", None]}], "fewer than two tags: X"),
        ([{"words": "['a', 'b']", "tags": "X Y"}], "row 1: the words are"),
        ([{"words": "a b", "tags": '["X", "Y"]'}], "row 1: the tags are"),
        ([{"words": "a b", "tags": "('X', 'Y')"}], "row 1: the tags are"),
        ([{"words": "a b", "tags": "['X'\n 'Y']"}], "row 1: the tags are"),
        ([{"words": "a b", "tags": "array(['X', 'Y'], dtype=object)"}], "row 1: the tags are"),
        ([{"words": [], "tags": []}], "fewer than two tags: none"),
    ],
)
def test_unusable_data_raises(rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Tag().fit(split(rows), COLUMNS, None)


def test_a_split_without_words_raises() -> None:
    with pytest.raises(UserError, match="no word in any row"):
        fit().encode(split([{"words": [], "tags": []}], "test"), COLUMNS)


UNTAGGED: list[dict[str, Any]] = [
    {"words": ["the", "old", "man"], "tags": ["D", None, "N"]},
    {"words": ["old", "boats"], "tags": [None, None]},
    {"words": ["the", "ship"], "tags": ["D", None]},
    {"words": ["old", "man"], "tags": ["A", "V"]},
]


def test_words_without_a_tag_are_context() -> None:
    fitted = Tag().fit(split(UNTAGGED), COLUMNS, None)
    assert fitted.presenter.labels == ["A", "D", "N", "V"]
    examples = fitted.encode(split(UNTAGGED), COLUMNS)
    assert examples.rows.tolist() == [0, 2, 3]  # nothing is to be predicted in row 1
    assert examples.weights.tolist() == [2, 1, 2]
    assert examples.targets.tolist() == [1, NO_TARGET, 2, NO_TARGET, NO_TARGET, 1, NO_TARGET, 0, 3]
    assert "ship" in fitted.lexicon  # known, although without a tag
    assert (examples.metadata[WORD] >= 0).all()
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=2
    )
    assert metrics.sums[0].tolist() == [[2, 2], [1, 1], [1, 2]]  # correct tags, and tags


def test_words_without_a_tag_are_reported() -> None:
    (finding,) = Tag().check(split(UNTAGGED), COLUMNS)
    assert (finding.kind, finding.action, finding.count) == ("no tag", "kept", 3)
    assert finding.cause == "3 rows hold 4 words without a tag: rows 1, 2, 3"
    assert not list(Tag().check(split(ROWS), COLUMNS))


def test_a_split_without_any_tag_raises() -> None:
    with pytest.raises(UserError, match="no word of any row has a tag"):
        fit().encode(split([{"words": ["old"], "tags": [None]}], "test"), COLUMNS)


def test_a_run_on_words_without_a_tag(tmp_path: Path) -> None:
    """Loss, accuracy and confusion rest on the words with a tag only."""
    rows = [
        {"words": ["so", "fish", str(i)], "tags": [None if i % 2 else "ADV", "VERB", "NUM"]}
        for i in range(40)
    ]
    result = seqlab.run(
        task="pos", model="rnn", data=rows, options={"train.epochs": 20}, out=tmp_path / "run"
    )
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.fitted.presenter.labels == ["ADV", "NUM", "VERB"]
    (finding,) = (f for f in result["findings"] if f["kind"] == "no tag")
    assert finding["cause"].startswith("20 rows hold 20 words without a tag")
    report = predictor.errors(data=rows)
    assert report["count"] == sum(cell["count"] for cell in report["confusion"]) == 100
    assert {record["label"]: record["count"] for record in report["labels"]} == {
        "ADV": 20,
        "NUM": 40,
        "VERB": 40,
    }
    (record,) = predictor.predict(["so fish 1"])
    assert record["predicted"] == ["ADV", "VERB", "NUM"]


def test_a_no_break_space_is_part_of_a_word() -> None:
    row = {"words": "sold 10\u00a0000", "tags": "VERB NUM"}
    fitted = Tag().fit(split([row]), COLUMNS, None)
    assert list(fitted.lexicon.counts) == ["sold", "10\u00a0000"]
    parse = fitted.presenter.parse
    assert parse("sold 10\u00a0000") == {"words": ["sold", "10\u00a0000"]}
    assert parse("sold\u00a0all") == {"words": ["sold", "all"]}  # not a word of training


def test_a_tag_that_means_none() -> None:
    rows = [{"words": "so fish 1", "tags": "_ VERB NUM"}, {"words": "so", "tags": "ADV"}]
    (finding,) = Tag().check(split(rows), COLUMNS)
    assert (finding.kind, finding.rows) == ("placeholder", (1,))
    assert "task.no_tag=_" in finding.remedy
    assert Tag().fit(split(rows), COLUMNS, None).presenter.labels == ["ADV", "NUM", "VERB", "_"]
    task = Tag(no_tag="_")  # as the remedy says
    (finding,) = task.check(split(rows), COLUMNS)
    assert finding.kind == "no tag"
    fitted = task.fit(split(rows), COLUMNS, None)
    assert fitted.presenter.labels == ["ADV", "NUM", "VERB"]
    restored = FittedTag.from_json(json.loads(json.dumps(fitted.to_json())), {})
    assert restored.encode(split(rows), COLUMNS).targets.tolist() == [NO_TARGET, 2, 1, 0]


def test_tags_are_compared_by_their_text() -> None:
    rows = [{"words": ["so", "far", "x"], "tags": ["ADV", "ADV ", 1]}]
    fitted = Tag().fit(split(rows), COLUMNS, None)
    assert fitted.presenter.labels == ["1", "ADV"]
    later = split([{"words": ["so", "far", "x"], "tags": [" ADV", float("nan"), 1.0]}])
    assert fitted.encode(later, COLUMNS).targets.tolist() == [1, NO_TARGET, 0]
