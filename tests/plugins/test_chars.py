import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab import UNSEEN, Examples, Split, UserError
from seqlab.data.sampling.batching import gather
from seqlab.device import Device
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.nn import Objective, SequenceModel
from seqlab_chars.chars import Chars
from seqlab_chars.fitted import FittedChars
from seqlab_tokenizers.char import CharTokenizer
from seqlab_tokenizers.word import WordTokenizer
from tests.nn.tiny import TinyLSTM

CPU = Device(torch.device("cpu"), "fp32")
TEXT = {"text": "text"}
BOTH = {"text": "text", "target": "target"}
SMALL = {"model.hidden_size": 16, "model.embedding_size": 8, "train.epochs": 2}


def split(*texts: str, targets: list[str] | None = None) -> Split:
    columns = {"text": list(texts)}
    return Split("train", columns | ({"target": targets} if targets else {}), "here")


def fitted(*texts: str, targets: list[str] | None = None, **options: Any) -> FittedChars:
    columns = BOTH if targets else TEXT
    return Chars(**options).fit(split(*texts, targets=targets), columns, CharTokenizer())


def predicted(made: FittedChars, examples: Examples) -> list[tuple[str, str]]:
    """Each prediction as what the model reads and what it should say."""
    found = []
    for place in range(len(examples)):
        batch = gather(examples, np.array([place]))
        read = [int(i) for i in batch.inputs["text"][0]]
        targets = [int(i) for i in batch.targets.reshape(-1)]
        decode = made.tokenizers["text"].decode
        found.append((decode(read), decode(targets)))
    return found


def test_targets_are_the_next_symbols_of_the_same_memory() -> None:
    made = fitted("hello world", "ab", "x", "")
    examples = made.encode(split("hello world", "ab", "x", ""), TEXT)
    assert predicted(made, examples) == [("hello worl", "ello world"), ("a", "b")]
    assert examples.rows.tolist() == [0, 1]
    ids = examples.inputs["text"]
    assert isinstance(ids, np.ndarray)
    assert ids.dtype == np.uint8
    assert np.shares_memory(ids, examples.targets)


@given(st.lists(st.integers(0, 23), min_size=1, max_size=5), st.integers(1, 9))
def test_every_prediction_is_counted_once(sizes: list[int], length: int) -> None:
    texts = ["abcdefghijklmnopqrstuvwxyz"[:size] for size in [*sizes, 2]]
    made = fitted(*texts, evaluate_length=length, length=3)
    whole = made.encode(split(*texts), TEXT)
    windows = made.cut(made.cut(whole, training=True), training=False)  # cut again, as sessions do
    by_hand = [
        (text[at : min(at + length, len(text) - 1)], text[at + 1 : at + 1 + length])
        for text in texts
        for at in range(0, len(text) - 1, length)
    ]
    assert predicted(made, windows) == by_hand
    assert windows.unit == "window"
    assert windows.inputs["text"] is whole.inputs["text"]


@given(st.integers(2, 20), st.integers(1, 6), st.integers(1, 4))
def test_the_symbol_after_each_window(size: int, length: int, stride: int) -> None:
    text = "abcdefghijklmnopqrstuvwxyz"[:size]
    made = fitted(text, mode="last", length=length, stride=stride)
    windows = made.cut(made.encode(split(text), TEXT), training=True)
    width = min(length, size - 1)
    by_hand = [(text[at : at + width], text[at + width]) for at in range(0, size - width, stride)]
    assert predicted(made, windows) == by_hand
    assert made.spec.outputs.per == "sequence"
    assert not made.spec.causal


@pytest.mark.parametrize(
    ("mode", "stateful", "causal"), [("stateful", True, True), ("windows", False, True)]
)
def test_modes(mode: Any, stateful: bool, causal: bool) -> None:
    made = fitted("hello world", mode=mode, length=4)
    examples = made.encode(split("hello world"), TEXT)
    pieces = made.cut(examples, training=True)
    assert pieces.lengths.tolist() == ([10] if stateful else [4, 4, 2])  # cut while it is read
    assert (pieces.chunk_length, pieces.count) == (4 if stateful else None, 3)
    assert (pieces.stateful, made.spec.causal) == (stateful, causal)
    assert made.cut(examples, training=False).stateful


def test_metrics_against_a_loop_over_single_windows() -> None:
    texts = ["the quick brown fox jumps", "over the lazy dog"]
    made = fitted(*texts, evaluate_length=6)
    torch.manual_seed(0)
    model = SequenceModel(made.spec, TinyLSTM, {}, embedding_size=6)
    objective = Objective(model, made.criterion()).eval()
    windows = made.cut(made.encode(split(*texts), TEXT), training=False)
    found = evaluate(objective, windows, made.metrics, device=CPU, batch_size=4).values()
    losses, right = [], 0
    for text in texts:
        ids = made.tokenizers["text"].encode([text]).values
        for at in range(0, len(ids) - 1, 6):
            read = torch.tensor(ids[at : at + 6][: len(ids) - 1 - at], dtype=torch.int64)
            for step in range(len(read)):
                scores = model({"text": read[None, : step + 1]}, torch.tensor([step + 1]))[0, -1]
                target = int(ids[at + step + 1])
                losses.append(-float(scores.log_softmax(0)[target].detach()))
                right += int(scores.argmax()) == target
    assert len(losses) == sum(len(text) - 1 for text in texts)
    mean = sum(losses) / len(losses)
    assert found["loss"] == pytest.approx(mean, abs=1e-5)
    assert found["bits"] == pytest.approx(mean / math.log(2), abs=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(mean), abs=1e-4)
    assert found["accuracy"] == pytest.approx(right / len(losses))


def test_carried_evaluation_equals_one_pass() -> None:
    texts = ["the quick brown fox jumps", "over the lazy dog", "ab"]
    made = fitted(*texts, evaluate_length=4)
    torch.manual_seed(0)
    model = SequenceModel(made.spec, TinyLSTM, {}, embedding_size=6)
    objective = Objective(model, made.criterion())
    whole = made.encode(split(*texts), TEXT)
    windows = made.cut(whole, training=False)
    expected = evaluate(objective, whole, made.metrics, device=CPU, batch_size=1).values()
    empty = evaluate(objective, windows, made.metrics, device=CPU, batch_size=2).values()
    for size in (1, 2, 8):
        found = evaluate(
            objective, windows, made.metrics, device=CPU, batch_size=size, stateful=True
        ).values()
        assert found == pytest.approx(expected, abs=1e-5)
    assert empty["loss"] != pytest.approx(expected["loss"], abs=1e-4)


def test_the_baseline_is_the_entropy_of_the_symbols() -> None:
    text = "aab" * 20
    made = fitted(text)
    windows = made.cut(made.encode(split("ab" + "aab" * 10), TEXT), training=False)
    baseline = made.baseline(windows)
    assert baseline.outputs.strides[0] == 0  # a view
    found = evaluate_baseline(
        baseline, windows, made.criterion(), made.metrics, batch_size=3
    ).values()
    share = 11 / 31  # of b among "b" + "aab" * 10
    assert found["loss"] == pytest.approx(
        -(1 - share) * math.log(2 / 3) - share * math.log(1 / 3), abs=1e-6
    )
    assert found["accuracy"] == pytest.approx(1 - share)


def test_a_symbol_that_training_never_had() -> None:
    made = fitted("abc")
    assert made.spec.outputs.shape == (3,)  # without the unknown one
    examples = made.encode(split("axb"), TEXT)
    assert gather(examples, np.array([0])).targets.tolist() == [[UNSEEN, 1]]
    assert examples.unseen(examples.targets).tolist() == [True, False]
    assert examples.inputs["text"].tolist() == [0, 3]  # type: ignore[union-attr]
    said = made.presenter.present({"text": "axb"}, np.log(np.full((3, 3), 1 / 3)), np.zeros(3))
    assert said["nats"] == pytest.approx(math.log(3))


def test_given_targets_share_the_symbols_or_have_their_own() -> None:
    shared = fitted("hihell", targets=["ihello"])
    assert list(shared.tokenizers) == ["text"]
    assert shared.spec.outputs.shape == (5,)
    assert not shared.spec.causal
    assert shared.generation is None
    examples = shared.encode(split("hihell", targets=["ihello"]), BOTH)
    assert predicted(shared, examples) == [("hihell", "ihello")]
    own = fitted("hello", targets=["01001"])
    assert own.spec.outputs.shape == (2,)
    assert own.spec.inputs["text"] == seqlab.Ids(5, unknown=4)
    again = FittedChars.from_json(json.loads(json.dumps(own.to_json())), own.tokenizers)
    assert (again.spec, again.to_json()) == (own.spec, own.to_json())
    assert own.presenter.present({"text": "he"}, np.zeros((2, 2)), np.array([1.0, 0.0])) == {
        "text": "he",
        "predicted": "10",
    }


def test_what_a_prediction_says() -> None:
    made = fitted("abab")
    scores = np.log(np.array([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]]))
    said = made.presenter.present({"text": "aba"}, scores, scores.argmax(1))
    assert said["nats"] == pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2)
    assert (said["next"], said["score"]) == ("a", pytest.approx(0.9))
    assert made.presenter.present({"text": "a"}, scores[:1], np.zeros(1))["nats"] is None


def test_texts_to_predict_are_never_too_short() -> None:
    made = fitted("abab", mode="last", length=3)
    examples = made.encode(split("", "a", "babab"), TEXT, targets=False)
    assert examples.lengths.tolist() == [1, 1, 3]
    read = gather(examples, np.arange(3)).inputs["text"].tolist()
    assert read == [[2, 0, 0], [0, 0, 0], [1, 0, 1]]  # an unknown one, "a", "bab"


@pytest.mark.parametrize(
    ("texts", "targets", "options", "said"),
    [
        (["ab", ""], ["a", ""], {}, "2 symbols and a target of 1"),
        (["a", "b"], None, {}, "no text has two symbols"),
        (["ab"], None, {"mode": "targets"}, "there is none"),
        ([""], None, {}, "no symbol that can be predicted"),
        ([3], None, {}, "row 1 holds 3"),
    ],
)
def test_data_that_cannot_be_learned_from(
    texts: Any, targets: Any, options: Any, said: str
) -> None:
    columns = BOTH if targets else TEXT
    with pytest.raises(UserError, match=said):
        made = fitted(*texts, targets=targets, **options)
        made.encode(split(*texts, targets=targets), columns)


def test_words_as_symbols() -> None:
    train = split("the cat sat on the mat", "the dog sat on the cat")
    made = Chars(length=2).fit(train, TEXT, WordTokenizer(min_count=2))
    examples = made.cut(made.encode(train, TEXT), training=True)
    assert made.spec.outputs.shape == (4,)  # the, cat, sat, on
    assert int(examples.unseen(examples.targets).sum()) == 2


def run(folder: Path, **more: Any) -> dict[str, Any]:
    options = {**SMALL, **more.pop("options", {})}
    return seqlab.run(task="chars", model="lstm", options=options, out=folder, **more)


def test_a_text_is_learned_and_written(tmp_path: Path) -> None:
    rows = [{"text": "abcdefgh" * 200}]
    options = {"task.length": 16, "train.batch_size": 8, "train.learning_rate": 0.02}
    result = run(tmp_path / "run", data=rows, options=options, epochs=12)
    assert result["metrics"]["test"] == result["metrics"]["validation"]
    assert any("test: the validation split" in notice for notice in result["notices"])
    assert result["metrics"]["test"]["loss"]["value"] < 0.3
    assert result["baseline"]["metrics"]["loss"] == pytest.approx(math.log(8), abs=1e-3)
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.generate("abc", length=6, temperature=0.0) == ["abcdefghabc"[:9]]
    many = predictor.generate("abc", length=30, temperature=2.0, samples=3)
    assert many[0] == "abc" + "".join(predictor.generate_stream("abc", length=30, temperature=2.0))
    assert many == predictor.generate("abc", length=30, temperature=2.0, samples=4)[:3]
    said = predictor.predict(["abcd", ""])
    assert said[0]["next"] == "e"
    assert 0 < said[0]["nats"] < 1.5  # the first symbols are seldom seen from an empty state
    alone = predictor.evaluate(data=[{"text": "abcdefgh" * 20}])
    assert alone["loss"]["value"] < 0.5


@pytest.mark.parametrize(("text", "target"), [("hihell", "ihello"), ("hello", "ohlol")])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_tutorials_strings(tmp_path: Path, text: str, target: str, bidirectional: bool) -> None:
    row = [{"text": text, "target": target}]
    data = dict.fromkeys(("train", "validation", "test"), row)
    options = {
        "model.input": "one-hot",
        "model.head_dropout": 0.0,
        "model.bidirectional": bidirectional,
        "train.learning_rate": 0.05,
        "train.lr_schedule": "constant",
    }
    result = run(tmp_path / "run", data=data, options=options, epochs=60)
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.predict([text]) == [{"text": text, "predicted": target}]
    with pytest.raises(UserError, match="cannot write"):
        predictor.generate("h")


def test_a_backward_direction_is_refused_where_it_would_see_the_target(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="backward direction"):
        run(tmp_path / "run", options={"model.bidirectional": True})
    assert not (tmp_path / "run").exists()


def test_the_symbol_after_a_window_by_both_directions(tmp_path: Path) -> None:
    options = {"task.mode": "last", "task.length": 4, "model.bidirectional": True}
    options |= {"train.learning_rate": 0.02}
    result = run(tmp_path / "run", data=[{"text": "abcd" * 100}], options=options)
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
    written = seqlab.load(tmp_path / "run").generate("abcd", length=6, temperature=0.0)
    assert written == ["abcdabcdab"]


def test_state_is_carried_in_evaluation_if_asked(tmp_path: Path) -> None:
    rows = [{"text": "abcdefgh" * 60}]
    options = {"evaluate.state": "carried", "task.evaluate_length": 8}
    carried = run(tmp_path / "1", data=rows, options=options)
    empty = run(tmp_path / "2", data=rows, options={"task.evaluate_length": 8})
    assert carried["metrics"]["test"] != empty["metrics"]["test"]
    given_row = [{"text": "hihell", "target": "ihello"}]
    data = dict.fromkeys(("train", "validation", "test"), given_row)
    with pytest.raises(UserError, match="do not follow each other"):
        run(tmp_path / "3", data=data, options=options)


def test_pieces_side_by_side_have_no_budget(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="side by side") as found:
        run(tmp_path / "run", data=[{"text": "abc" * 60}], options={"train.max_tokens": 100})
    assert found.value.location == "train.max_tokens"
