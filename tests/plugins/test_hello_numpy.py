"""The recipe hello-numpy: a run, and sampling from it in the way of the tutorial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from numpy.typing import NDArray

import seqlab
from seqlab import UserError
from seqlab.inference.generation import _generator

CHARACTERS = "helo wrd"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return seqlab.run(recipe="hello-numpy", out=tmp_path_factory.mktemp("hello") / "run")


def test_run_reaches_the_expected_metrics(result: dict[str, Any]) -> None:
    assert [expectation["reached"] for expectation in result["expected"]] == [True, True]
    # torch's two biases and the tutorial's head: 100 (8 + 100 + 2) + 8 (100 + 1)
    assert result["parameters"] == {"total": 11_808, "trainable": 11_808}


def test_generation_gives_the_training_text(result: dict[str, Any]) -> None:
    predictor = seqlab.load(result["run"])
    for temperature in (0.0, 1.0):
        samples = predictor.generate("h", length=10, temperature=temperature, samples=5)
        assert samples == ["hello world"] * 5


def _sample(
    weights_file: Path, h: NDArray[np.floating], token: int, random_numbers: Sequence[float]
) -> list[int]:
    """`SimpleRNN.sample` of the tutorial with the weights of a run; one random number per step."""
    weights = safetensors.numpy.load_file(weights_file)
    w, u, b_ih, b_hh = (
        weights[f"stack.ahead.0.{name}"]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    head_w, head_b = weights["head.linear.weight"], weights["head.linear.bias"]
    tokens = []
    for number in random_numbers:
        h = np.tanh(w @ np.eye(8)[token] + u @ h + b_ih + b_hh)
        exponentials = np.exp(head_w @ h + head_b)
        cumulative = (exponentials / exponentials.sum()).cumsum()
        token = int(np.searchsorted(cumulative, number, side="right"))
        tokens.append(token)
    return tokens


@pytest.mark.parametrize("initial_state", ["zeros", "ones"])
def test_sampling_equals_the_tutorial(tmp_path: Path, initial_state: str) -> None:
    """After few epochs, so that samples differ; with two initial states h."""
    options = {"model.initial_state": initial_state}
    result = seqlab.run(recipe="hello-numpy", options=options, epochs=3, out=tmp_path / "run")
    samples = seqlab.load(result["run"]).generate("h", length=20, seed=5)
    generator = _generator(5, 0)
    random_numbers = [
        float(torch.rand(1, generator=generator, dtype=torch.float64)) for _ in range(20)
    ]
    h = np.zeros(100) if initial_state == "zeros" else np.ones(100)
    expected = _sample(tmp_path / "run" / "model.safetensors", h, 0, random_numbers)
    assert samples == ["h" + "".join(CHARACTERS[token] for token in expected)]
    assert len(set(expected)) > 3


def test_gpu_is_refused(result: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this model computes on cpu only") as error:
        seqlab.run(recipe="hello-numpy", device="cuda", out=tmp_path / "run")
    assert "--device cpu" in error.value.remedy
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="this model computes on cpu only"):
        seqlab.load(result["run"], device="cuda")


def test_automatic_device_is_one_that_the_layer_supports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine with a GPU."""
    monkeypatch.setattr("seqlab.device.available", lambda: ["cuda", "cpu"])
    result = seqlab.run(recipe="hello-numpy", epochs=1, out=tmp_path / "run")
    assert result["device"] == "cpu"
    assert len(seqlab.load(tmp_path / "run").generate("h", length=3)[0]) == 4
