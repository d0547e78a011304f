"""The recipes of the tutorials' networks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

import seqlab
import seqlab_chars

LONG = ("sentiment-lstm", "next-word-rnn", "next-word-lstm", "vanishing")
"""These take minutes and are run by hand, see tests/benchmarks."""

TRACE = """
1.658 llllol, 1.500 llllll, 1.387 llllll, 1.260 ililll, 1.152 ililll, 1.047 ililll, 0.926 ililll,
0.808 ililll, 0.698 ehello, 0.601 ehello, 0.522 ehello, 0.455 ehello, 0.397 ehello, 0.348 ehello,
0.312 ihello
"""
"""The tutorial's output for hihell: loss before the step and predicted string of each epoch."""


def short_recipes() -> list[str]:
    from seqlab.plugin.manager import installed

    return [entry.name for entry in installed().recipes if entry.name not in LONG]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recipes")


@pytest.mark.parametrize("name", short_recipes())
def test_a_recipe_reaches_what_it_expects(name: str, folder: Path) -> None:
    result = seqlab.run(recipe=name, out=folder / name)
    assert result["expected"]
    assert all(expected["reached"] for expected in result["expected"]), result["expected"]


def hihell_weights() -> dict[str, Tensor]:
    """The tutorial's initial weights, drawn in its order: a smaller network comes first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(777)
        nn.RNN(4, 2, batch_first=True)
        rnn, linear = nn.RNN(5, 4, batch_first=True), nn.Linear(4, 5)
    layer = {f"stack.ahead.0.rnn.{name}": value for name, value in rnn.state_dict().items()}
    return layer | {f"head.linear.{name}": value for name, value in linear.state_dict().items()}


def test_the_initial_weights_of_hihell_are_those_of_the_tutorial() -> None:
    stored = load_file(Path(seqlab_chars.__file__).parent / "recipes" / "hihell.safetensors")
    drawn = hihell_weights()
    assert stored.keys() == drawn.keys()
    for name, tensor in drawn.items():
        torch.testing.assert_close(stored[name], tensor, atol=1e-6, rtol=0)


def test_the_losses_of_hihell_are_those_of_the_tutorial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seqlab.run(recipe="hihell", out=tmp_path / "run")
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    losses = [record["train_loss"] for record in records]
    strings = re.findall("text hihell · predicted (.*)", capsys.readouterr().err)
    assert strings[1:] == [shown["predicted"] for record in records for shown in record["shown"]]
    expected = [pair.split() for pair in TRACE.split(",")]
    assert losses == pytest.approx([float(loss) for loss, _ in expected], abs=1e-3)
    assert strings[:15] == [
        string for _, string in expected
    ]  # each predicted before the step of its epoch


def test_the_two_sentences_are_learned(folder: Path) -> None:
    rows = [
        {"words": words.split()} for words in ("The dog ate the apple", "Everybody read that book")
    ]
    predicted = [record["predicted"] for record in seqlab.load(folder / "pos-toy").predict(rows)]
    assert predicted == [["DET", "NN", "V", "DET", "NN"], ["NN", "V", "DET", "NN"]]
