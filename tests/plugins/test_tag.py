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
from seqlab import UNSEEN, Accuracy, Split, UserError
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab.nn import build_model, model_options
from seqlab.options import validate
from seqlab.testing import assert_passes, check_model
from seqlab_pos.metrics import WORD
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


def fitted(**options: Any) -> FittedTag:
    return Tag(**options).fit(split(ROWS), COLUMNS, None)


def test_words_and_tags_are_encoded() -> None:
    made = fitted()
    assert made.presenter.labels == ["A", "D", "N", "P", "V"]
    examples = made.encode(split(ROWS), COLUMNS)
    assert (examples.per, examples.unit) == ("step", "sentence")
    assert examples.lengths.tolist() == [6, 3, 5]
    assert examples.starts.tolist() == [0, 6, 9]
    assert [made.presenter.labels[i] for i in examples.targets] == [
        t for row in ROWS for t in row["tags"]
    ]
    words = examples.inputs["words"]
    assert isinstance(words, np.ndarray)
    assert words[0] == words[6]  # "The" is "the"


def test_words_can_start_from_vectors(tmp_path: Path) -> None:
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
    (said,) = (notice for notice in result["notices"] if "have a vector" in notice)
    assert said.startswith("words: 3 of ")
    symbols = seqlab.load(tmp_path / "run").fitted.tokens("words")
    table = load_file(tmp_path / "run" / "model.safetensors")["embedder.streams.words.table.weight"]
    assert symbols is not None and len(symbols) == len(table)
    found = dict(zip(symbols, table.tolist(), strict=True))
    assert [found[word] for word in ("old", "man", "00")] == [[1, 2, 3], [-4, 5, 6], [7, 8, 9]]


def test_a_tag_that_training_never_had() -> None:
    examples = fitted().encode(split([{"words": ["the", "x"], "tags": ["D", "X"]}]), COLUMNS)
    assert examples.targets.tolist() == [1, UNSEEN]
    assert (examples.metadata[WORD] < 0).tolist() == [False, True]


def test_a_word_in_another_case_is_not_in_training() -> None:
    examples = fitted().encode(split([{"words": ["THE", "The"], "tags": ["D", "D"]}]), COLUMNS)
    assert (examples.metadata[WORD] < 0).tolist() == [True, False]


def test_sentences_without_words() -> None:
    rows = [{"words": [], "tags": []}, ROWS[1], {"words": [], "tags": []}]
    known = fitted().encode(split(rows), COLUMNS)
    assert (known.rows.tolist(), known.lengths.tolist()) == ([1], [3])
    asked = fitted().encode(split([{"words": []}, {"words": ["old"]}]), COLUMNS, targets=False)
    assert asked.lengths.tolist() == [1, 1]
    said = fitted().presenter.present({"words": []}, np.zeros((1, 5)), np.zeros(1))
    assert said == {"words": [], "tags": [], "scores": []}


def test_words_and_tags_as_texts() -> None:
    made = fitted()
    rows = [{key: " ".join(value) for key, value in row.items()} for row in ROWS]
    texts, lists = (made.encode(split(each), COLUMNS) for each in (rows, ROWS))
    assert texts.fingerprint() == lists.fingerprint()


@pytest.mark.parametrize("seed", range(3))
def test_the_baseline_equals_a_count(seed: int) -> None:
    splits = Tagged(300, seed=seed).load()
    made = Tag().fit(splits["train"], COLUMNS, None)
    pairs = {
        name: list(
            zip(
                chain.from_iterable(each.column("words")),
                chain.from_iterable(each.column("tags")),
                strict=True,
            )
        )
        for name, each in splits.items()
    }
    counts: dict[str, Counter[str]] = {}
    for word, tag in pairs["train"]:
        counts.setdefault(word, Counter())[tag] += 1
    overall = Counter(tag for _, tag in pairs["train"])
    examples = made.encode(splits["test"], COLUMNS)
    scores = made.baseline(examples).outputs
    np.testing.assert_allclose(np.exp(scores).sum(1), 1, rtol=1e-5)
    for row, (word, _) in zip(scores, pairs["test"], strict=True):
        own = counts.get(word, overall)
        best = [tag for tag, count in own.items() if count == max(own.values())]
        assert made.presenter.labels[row.argmax()] == max(best, key=lambda tag: overall[tag])


def test_the_baseline_by_hand() -> None:
    rows = [{"words": ["old", "ship", "man"], "tags": ["A", "N", "N"]}]
    made = fitted()
    examples = made.encode(split(rows), COLUMNS)
    found = evaluate_baseline(
        made.baseline(examples), examples, made.criterion(), made.metrics, batch_size=2
    ).values()
    # old: A; ship, unknown: N, the most frequent; man: V, which is wrong. Of 14 tags 2 are A and
    # 5 are N, so that the shares of what is right are (2 + 2/14) / 4, 5/14 and (1 + 5/14) / 4.
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["unknown_accuracy"] == 1
    assert found["sentence_accuracy"] == 0
    shares = np.array([(2 + 2 / 14) / 4, 5 / 14, (1 + 5 / 14) / 4])
    assert found["loss"] == pytest.approx(-np.log(shares).mean(), rel=1e-5)


def test_what_a_person_types() -> None:
    made = fitted()
    assert made.presenter.parse("the dog barks") == {"words": ["the", "dog", "barks"]}
    typed = '  "the" dogs, the U.S. (cans)... it\'s X.Y. '
    words = ['"', "the", '"', "dogs", ",", "the", "U.S.", "(", "cans", ")", ".", ".", "."]
    assert made.presenter.parse(typed) == {"words": [*words, "it's", "X.Y", "."]}
    assert made.presenter.parse(" ") == {"words": []}


def test_a_prediction_as_a_person_reads_it() -> None:
    scores = np.log([[0.1, 0.6, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.05, 0.05]])
    said = fitted().presenter.present(
        {"words": ["the", "boats"], "id": 7}, scores, np.array([1.0, 2.0])
    )
    assert {key: said[key] for key in ("words", "tags", "id")} == {
        "words": ["the", "boats"],
        "tags": ["D", "N"],
        "id": 7,
    }
    assert said["scores"] == pytest.approx([0.6, 0.5])


@pytest.mark.parametrize("kind", KINDS)
def test_json_goes_round(kind: InputKind) -> None:
    made = fitted(inputs=kind, class_weights="balanced")
    again = FittedTag.from_json(json.loads(json.dumps(made.to_json())), {})
    assert again.to_json() == made.to_json()
    assert again.spec == made.spec
    rows = [*ROWS, {"words": ["Zoë", "the"], "tags": ["X", "D"]}]
    first, second = (each.encode(split(rows), COLUMNS) for each in (made, again))
    assert first.fingerprint() == second.fingerprint()
    assert first.metadata[WORD].tolist() == second.metadata[WORD].tolist()
    np.testing.assert_array_equal(made.baseline(first).outputs, again.baseline(second).outputs)


@given(st.lists(st.lists(st.sampled_from(["the", "old", "man", "ship"]), max_size=5), min_size=1))
def test_words_and_tags_come_back(sentences: list[list[str]]) -> None:
    made = fitted(inputs="words", lowercase=False)
    examples = made.encode(split([{"words": words} for words in sentences]), COLUMNS, targets=False)
    assert len(examples) == len(sentences)
    ids = examples.inputs["words"]
    assert isinstance(ids, np.ndarray)
    for row, start, length in zip(examples.rows, examples.starts, examples.lengths, strict=True):
        found = made.inputs.words.decode(ids[start : start + length])
        expected = [word if word in made.lexicon else "<unk>" for word in sentences[row]]
        assert found == (expected or ["<unk>"])


def test_rare_tags_can_weigh_more() -> None:
    scores, targets = torch.zeros(5, 5), torch.arange(5)
    weighted = fitted(class_weights="balanced", label_smoothing=0.0).criterion()
    counts = np.array([2, 4, 5, 1, 2])
    expected = np.log(5) * 14 / (5 * counts)
    assert weighted(scores, targets).tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_keeps_the_rules(kind: InputKind) -> None:
    spec = fitted(inputs=kind).spec
    options = {"embedding_size": 6, "bidirectional": True}
    chosen = validate("model", options, model_options(TinyLSTM))
    assert_passes(check_model(lambda: build_model(TinyLSTM, spec, chosen), spec))


def test_upos_before_xpos() -> None:
    names = {column.role: column.names for column in Pos.columns}
    assert names["tags"].index("upos") < names["tags"].index("xpos")
    assert names["words"][0] == "words"
    assert not fitted().spec.causal
    assert isinstance(fitted().metrics[0], Accuracy)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"words": ["a", "b"], "tags": ["X", "X"]}], "1 kind of tag: X"),
        ([ROWS[0], {"words": ["a", "b"], "tags": ["X"]}], "row 2 has 2 words and 1 tags"),
        ([{"words": 7, "tags": ["X"]}], "row 1: the words are 7"),
        ([{"words": ["a", "b"], "tags": ["X", None]}], r"row 1: the tags are \['X', None\]"),
        ([{"words": [], "tags": []}], "0 kind of tag"),
    ],
)
def test_data_that_cannot_be_learned_from(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Tag().fit(split(rows), COLUMNS, None)


def test_a_part_without_words() -> None:
    with pytest.raises(UserError, match="no word in any row"):
        fitted().encode(split([{"words": [], "tags": []}], "test"), COLUMNS)
