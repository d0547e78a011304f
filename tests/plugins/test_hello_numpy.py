"""The recipe hello-numpy: a run, and the tutorial's own way of sampling from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

import seqlab
from seqlab.errors import UserError
from seqlab.inference.generation import _generator

SYMBOLS = "helo wrd"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return seqlab.run(recipe="hello-numpy", out=tmp_path_factory.mktemp("hello") / "run")


def test_it_reaches_what_it_states(result: dict[str, Any]) -> None:
    assert [each["reached"] for each in result["expected"]] == [True, True]
    # torch's two biases and the tutorial's head: 100 (8 + 100 + 2) + 8 (100 + 1)
    assert result["parameters"] == {"total": 11_808, "trainable": 11_808}


def test_it_writes_what_it_has_learned(result: dict[str, Any]) -> None:
    predictor = seqlab.load(result["run"])
    for temperature in (0.0, 1.0):
        found = predictor.generate("h", length=10, temperature=temperature, samples=5)
        assert found == ["hello world"] * 5


def _sampled(file: Path, h: Any, seed_ix: int, n: int, numbers: list[float]) -> list[int]:
    """`SimpleRNN.sample(h, seed_ix, n)` with the weights of a run; one random number a step."""
    weights = safetensors.numpy.load_file(file)
    w, u, b, also_b, why, by = (
        weights[f"stack.ahead.0.{name}"] if "_" in name else weights[f"head.linear.{name}"]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight", "bias")
    )
    ixes, x = [], np.eye(8)[seed_ix]
    for t in range(n):
        h = np.tanh(w @ x + u @ h + b + also_b)
        scores = np.exp(why @ h + by)
        ix = int(np.searchsorted((scores / scores.sum()).cumsum(), numbers[t], side="right"))
        ixes.append(ix)
        x = np.eye(8)[ix]
    return ixes


@pytest.mark.parametrize("start", ["zeros", "ones"])
def test_sampling_is_the_tutorials(tmp_path: Path, start: str) -> None:
    """After few epochs, so that samples differ; with two start states h."""
    options = {"model.initial_state": start}
    result = seqlab.run(recipe="hello-numpy", options=options, epochs=3, out=tmp_path / "run")
    found = seqlab.load(result["run"]).generate("h", length=20, seed=5)
    draws = _generator(5, 0)
    numbers = [float(torch.rand(1, generator=draws, dtype=torch.float64)) for _ in range(20)]
    h = getattr(np, start)(100)
    expected = _sampled(tmp_path / "run" / "model.safetensors", h, 0, 20, numbers)
    assert found == ["h" + "".join(SYMBOLS[ix] for ix in expected)]
    assert len(set(expected)) > 3


def test_it_is_refused_on_a_gpu(result: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this model computes on cpu only") as caught:
        seqlab.run(recipe="hello-numpy", device="cuda", out=tmp_path / "run")
    assert "--device cpu" in caught.value.remedy
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="this model computes on cpu only"):
        seqlab.load(result["run"], device="cuda")


def test_the_best_device_is_one_that_it_can_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if there were a GPU."""
    monkeypatch.setattr("seqlab.device.available", lambda: ["cuda", "cpu"])
    result = seqlab.run(recipe="hello-numpy", epochs=1, out=tmp_path / "run")
    assert result["device"] == "cpu"
    assert len(seqlab.load(tmp_path / "run").generate("h", length=3)[0]) == 4
