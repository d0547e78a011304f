from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

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
from seqlab.prepare.commands.check import check_data
from seqlab_chars.chars import Chars
from seqlab_chars.fitted import FittedChars
from seqlab_chars.presenter import Mode
from seqlab_tokenizers.char import CharTokenizer
from seqlab_tokenizers.word import WordTokenizer
from tests.nn.tiny import TinyLSTM

CPU = Device(torch.device("cpu"), "fp32")
TEXT = {"text": "text"}
TEXT_AND_TARGET = {"text": "text", "target": "target"}
SMALL_MODEL = {"model.hidden_size": 16, "model.embedding_size": 8, "train.epochs": 2}
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Options(TypedDict):
    mode: NotRequired[Mode]
    length: NotRequired[int]
    evaluate_length: NotRequired[int]
    stride: NotRequired[int]


def split(*texts: str, targets: list[str] | None = None) -> Split:
    columns = {"text": list(texts)}
    return Split("train", columns | ({"target": targets} if targets else {}), "here")


def fitted(
    *texts: str, targets: list[str] | None = None, **options: Unpack[Options]
) -> FittedChars:
    columns = TEXT_AND_TARGET if targets else TEXT
    return Chars(**options).fit(split(*texts, targets=targets), columns, CharTokenizer())


def decoded(task: FittedChars, examples: Examples) -> list[tuple[str, str]]:
    """The input and the target of each example as texts."""
    pairs = []
    for index in range(len(examples)):
        batch = gather(examples, np.array([index]))
        inputs = [int(i) for i in batch.inputs["text"][0]]
        targets = [int(i) for i in batch.targets.reshape(-1)]
        decode = task.tokenizers["text"].decode
        pairs.append((decode(inputs), decode(targets)))
    return pairs


def test_targets_are_the_next_tokens_in_the_same_memory() -> None:
    task = fitted("hello world", "ab", "x", "")
    examples = task.encode(split("hello world", "ab", "x", ""), TEXT)
    assert decoded(task, examples) == [("hello worl", "ello world"), ("a", "b")]
    assert examples.rows.tolist() == [0, 1]
    ids = examples.inputs["text"]
    assert isinstance(ids, np.ndarray)
    assert ids.dtype == np.uint8
    assert np.shares_memory(ids, examples.targets)


@given(st.lists(st.integers(0, 23), min_size=1, max_size=5), st.integers(1, 9))
def test_evaluation_predicts_every_token_once(sizes: list[int], length: int) -> None:
    texts = [ALPHABET[:size] for size in [*sizes, 2]]
    task = fitted(*texts, evaluate_length=length, length=3)
    examples = task.encode(split(*texts), TEXT)
    # cut for training first, as in a run
    windows = task.cut(task.cut(examples, training=True), training=False)
    expected = [
        (text[start : min(start + length, len(text) - 1)], text[start + 1 : start + 1 + length])
        for text in texts
        for start in range(0, len(text) - 1, length)
    ]
    assert decoded(task, windows) == expected
    assert windows.unit == "window"
    assert windows.inputs["text"] is examples.inputs["text"]


@given(st.integers(2, 20), st.integers(1, 6), st.integers(1, 4))
def test_mode_last_predicts_the_token_after_each_window(
    size: int, length: int, stride: int
) -> None:
    text = ALPHABET[:size]
    task = fitted(text, mode="last", length=length, stride=stride)
    windows = task.cut(task.encode(split(text), TEXT), training=True)
    width = min(length, size - 1)
    expected = [
        (text[start : start + width], text[start + width])
        for start in range(0, size - width, stride)
    ]
    assert decoded(task, windows) == expected
    assert task.spec.outputs.per == "sequence"
    assert not task.spec.causal


@pytest.mark.parametrize(("mode", "stateful"), [("stateful", True), ("windows", False)])
def test_modes_stateful_and_windows(mode: Mode, stateful: bool) -> None:
    task = fitted("hello world", mode=mode, length=4)
    examples = task.encode(split("hello world"), TEXT)
    training = task.cut(examples, training=True)
    assert training.lengths.tolist() == ([10] if stateful else [4, 4, 2])  # chunked when read
    assert (training.chunk_length, training.count) == (4 if stateful else None, 3)
    assert training.stateful == stateful
    assert task.spec.causal
    assert task.cut(examples, training=False).stateful


def test_metrics_equal_a_loop_over_single_windows() -> None:
    texts = ["the quick brown fox jumps", "over the lazy dog"]
    task = fitted(*texts, evaluate_length=6)
    torch.manual_seed(0)
    model = SequenceModel(task.spec, TinyLSTM, {}, embedding_size=6)
    objective = Objective(model, task.criterion()).eval()
    windows = task.cut(task.encode(split(*texts), TEXT), training=False)
    metrics = evaluate(objective, windows, task.metrics, device=CPU, batch_size=4).values()
    losses, correct = [], 0
    for text in texts:
        ids = task.tokenizers["text"].encode([text]).values
        for start in range(0, len(ids) - 1, 6):
            window = torch.tensor(ids[start : min(start + 6, len(ids) - 1)], dtype=torch.int64)
            for step in range(len(window)):
                inputs = {"text": window[None, : step + 1]}
                logits = model(inputs, torch.tensor([step + 1]))[0, -1]
                target = int(ids[start + step + 1])
                losses.append(-float(logits.log_softmax(0)[target].detach()))
                correct += int(logits.argmax()) == target
    assert len(losses) == sum(len(text) - 1 for text in texts)
    loss = sum(losses) / len(losses)
    assert metrics["loss"] == pytest.approx(loss, abs=1e-5)
    assert metrics["bits"] == pytest.approx(loss / math.log(2), abs=1e-5)
    assert metrics["perplexity"] == pytest.approx(math.exp(loss), abs=1e-4)
    assert metrics["accuracy"] == pytest.approx(correct / len(losses))


def test_stateful_evaluation_equals_evaluation_of_whole_texts() -> None:
    texts = ["the quick brown fox jumps", "over the lazy dog", "ab"]
    task = fitted(*texts, evaluate_length=4)
    torch.manual_seed(0)
    model = SequenceModel(task.spec, TinyLSTM, {}, embedding_size=6)
    objective = Objective(model, task.criterion())
    examples = task.encode(split(*texts), TEXT)
    windows = task.cut(examples, training=False)
    expected = evaluate(objective, examples, task.metrics, device=CPU, batch_size=1).values()
    stateless = evaluate(objective, windows, task.metrics, device=CPU, batch_size=2).values()
    for size in (1, 2, 8):
        stateful = evaluate(
            objective, windows, task.metrics, device=CPU, batch_size=size, stateful=True
        ).values()
        assert stateful == pytest.approx(expected, abs=1e-5)
    assert stateless["loss"] != pytest.approx(expected["loss"], abs=1e-4)


def test_baseline_is_the_cross_entropy_of_token_frequencies() -> None:
    task = fitted("aab" * 20)
    windows = task.cut(task.encode(split("ab" + "aab" * 10), TEXT), training=False)
    baseline = task.baseline(windows)
    assert baseline.outputs.strides[0] == 0  # a broadcast view
    metrics = evaluate_baseline(
        baseline, windows, task.criterion(), task.metrics, batch_size=3
    ).values()
    share = 11 / 31  # of b among the targets "b" + "aab" * 10
    assert metrics["loss"] == pytest.approx(
        -(1 - share) * math.log(2 / 3) - share * math.log(1 / 3), abs=1e-6
    )
    assert metrics["accuracy"] == pytest.approx(1 - share)


def test_unknown_token_is_not_a_class() -> None:
    task = fitted("abc")
    assert task.spec.outputs.shape == (3,)
    examples = task.encode(split("axb"), TEXT)
    assert gather(examples, np.array([0])).targets.tolist() == [[UNSEEN, 1]]
    assert examples.unseen(examples.targets).tolist() == [True, False]
    assert examples.inputs["text"].tolist() == [0, 3]  # type: ignore[union-attr]
    record = task.presenter.present({"text": "axb"}, np.log(np.full((3, 3), 1 / 3)), np.zeros(3))
    assert record["nats"] == pytest.approx(math.log(3))


def test_targets_share_the_vocabulary_of_the_texts() -> None:
    task = fitted("hihell", targets=["ihello"])
    assert list(task.tokenizers) == ["text"]
    assert task.spec.outputs.shape == (5,)
    assert not task.spec.causal
    assert task.generation is None
    examples = task.encode(split("hihell", targets=["ihello"]), TEXT_AND_TARGET)
    assert decoded(task, examples) == [("hihell", "ihello")]


def test_targets_have_their_own_vocabulary() -> None:
    task = fitted("hello", targets=["01001"])
    assert task.spec.outputs.shape == (2,)
    assert task.spec.inputs["text"] == seqlab.Ids(5, unknown=4)
    restored = FittedChars.from_json(json.loads(json.dumps(task.to_json())), task.tokenizers)
    assert (restored.spec, restored.to_json()) == (task.spec, task.to_json())
    record = task.presenter.present({"text": "he"}, np.zeros((2, 2)), np.array([1.0, 0.0]))
    assert record == {"text": "he", "predicted": "10"}


def test_record_of_a_prediction() -> None:
    task = fitted("abab")
    logits = np.log(np.array([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]]))
    record = task.presenter.present({"text": "aba"}, logits, logits.argmax(1))
    assert record["nats"] == pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2)
    assert (record["next"], record["score"]) == ("a", pytest.approx(0.9))
    assert task.presenter.present({"text": "a"}, logits[:1], np.zeros(1))["nats"] is None


def test_prediction_accepts_short_and_empty_texts() -> None:
    task = fitted("abab", mode="last", length=3)
    examples = task.encode(split("", "a", "babab"), TEXT, targets=False)
    assert examples.lengths.tolist() == [1, 1, 3]
    inputs = gather(examples, np.arange(3)).inputs["text"].tolist()
    assert inputs == [[2, 0, 0], [0, 0, 0], [1, 0, 1]]  # the unknown token, "a", "bab"


@pytest.mark.parametrize(
    ("texts", "targets", "options", "message"),
    [
        (["ab", ""], ["a", ""], {}, "2 tokens and a target of 1"),
        (["a", "b"], None, {}, "no text has two tokens"),
        (["ab"], None, {"mode": "targets"}, "there is none"),
        ([""], None, {}, "no token that can be predicted"),
        ([3], None, {}, "row 1 contains 3, which is not text"),
    ],
)
def test_invalid_data(
    texts: list[str], targets: list[str] | None, options: Options, message: str
) -> None:
    columns = TEXT_AND_TARGET if targets else TEXT
    with pytest.raises(UserError, match=message):
        task = fitted(*texts, targets=targets, **options)
        task.encode(split(*texts, targets=targets), columns)


def test_words_as_tokens() -> None:
    train = split("the cat sat on the mat", "the dog sat on the cat")
    task = Chars(length=2).fit(train, TEXT, WordTokenizer(min_count=2))
    examples = task.cut(task.encode(train, TEXT), training=True)
    assert task.spec.outputs.shape == (4,)  # the, cat, sat, on
    assert int(examples.unseen(examples.targets).sum()) == 2


def run(
    folder: Path,
    data: object = None,
    options: Mapping[str, object] | None = None,
    epochs: int | None = None,
) -> dict[str, Any]:
    """A run of a small LSTM; without `data`, on the built-in data set."""
    return seqlab.run(
        task="chars",
        model="lstm",
        data=data,
        options={**SMALL_MODEL, **(options or {})},
        epochs=epochs,
        out=folder,
    )


def test_training_and_generation(tmp_path: Path) -> None:
    rows = [{"text": "abcdefgh" * 200}]
    options = {"task.length": 16, "train.batch_size": 8, "train.learning_rate": 0.02}
    result = run(tmp_path / "run", rows, options, epochs=12)
    assert result["metrics"]["test"] == result["metrics"]["validation"]
    assert any("test: the validation split" in notice for notice in result["notices"])
    assert result["metrics"]["test"]["loss"]["value"] < 0.3
    assert result["baseline"]["metrics"]["loss"] == pytest.approx(math.log(8), abs=1e-3)
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.generate("abc", length=6, temperature=0.0) == ["abcdefghabc"[:9]]
    samples = predictor.generate("abc", length=30, temperature=2.0, samples=3)
    stream = predictor.generate_stream("abc", length=30, temperature=2.0)
    assert samples[0] == "abc" + "".join(stream)
    assert samples == predictor.generate("abc", length=30, temperature=2.0, samples=4)[:3]
    records = predictor.predict(["abcd", ""])
    assert records[0]["next"] == "e"
    # few training chunks start from the initial state, so the first tokens are hard to predict
    assert 0 < records[0]["nats"] < 1.5
    metrics = predictor.evaluate(data=[{"text": "abcdefgh" * 20}])
    assert metrics["loss"]["value"] < 0.5


@pytest.mark.parametrize(("text", "target"), [("hihell", "ihello"), ("hello", "ohlol")])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_strings_of_tutorials_are_memorised(
    tmp_path: Path, text: str, target: str, bidirectional: bool
) -> None:
    rows = [{"text": text, "target": target}]
    data = dict.fromkeys(("train", "validation", "test"), rows)
    options = {
        "model.input": "one-hot",
        "model.head_dropout": 0.0,
        "model.bidirectional": bidirectional,
        "train.learning_rate": 0.05,
        "train.lr_schedule": "constant",
    }
    result = run(tmp_path / "run", data, options, epochs=60)
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.predict([text]) == [{"text": text, "predicted": target}]
    with pytest.raises(UserError, match="cannot write"):
        predictor.generate("h")


def test_backward_direction_is_refused_if_it_would_see_the_target(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="backward direction"):
        run(tmp_path / "run", options={"model.bidirectional": True})
    assert not (tmp_path / "run").exists()


def test_mode_last_can_be_bidirectional(tmp_path: Path) -> None:
    options = {
        "task.mode": "last",
        "task.length": 4,
        "model.bidirectional": True,
        "train.learning_rate": 0.02,
    }
    result = run(tmp_path / "run", [{"text": "abcd" * 100}], options)
    assert result["metrics"]["test"]["accuracy"]["value"] == 1.0
    generated = seqlab.load(tmp_path / "run").generate("abcd", length=6, temperature=0.0)
    assert generated == ["abcdabcdab"]


def test_option_for_stateful_evaluation(tmp_path: Path) -> None:
    rows = [{"text": "abcdefgh" * 60}]
    options = {"evaluate.state": "carried", "task.evaluate_length": 8}
    stateful = run(tmp_path / "1", rows, options)
    stateless = run(tmp_path / "2", rows, {"task.evaluate_length": 8})
    assert stateful["metrics"]["test"] != stateless["metrics"]["test"]
    with_targets = [{"text": "hihell", "target": "ihello"}]
    data = dict.fromkeys(("train", "validation", "test"), with_targets)
    with pytest.raises(UserError, match="do not follow each other"):
        run(tmp_path / "3", data, options)


def test_stateful_training_has_no_token_budget(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="parallel streams") as error:
        run(tmp_path / "run", [{"text": "abc" * 60}], {"train.max_tokens": 100})
    assert error.value.location == "-o train.max_tokens"


def test_line_ends_of_windows_are_a_finding_that_its_remedy_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"The boats had left.\r\n" * 200)
    (finding,) = _line_ends(path)
    assert "line ends of Windows" in finding["cause"]
    assert r"sed -i 's/\r$//' FILE" in finding["remedy"]
    subprocess.run(["sed", "-i", r"s/\r$//", str(path)], check=True)
    assert b"\r" not in path.read_bytes()
    assert _line_ends(path) == []


def _line_ends(path: Path) -> list[dict[str, Any]]:
    findings = check_data(str(path), task="chars")["findings"]
    return [finding for finding in findings if finding["kind"] == "line ends"]
