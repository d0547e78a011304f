"""Initial weights from a file, and parameters that are not trained."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import seqlab
from seqlab.data.sampling.bucket import StepBatch
from seqlab.errors import UserError
from seqlab.training.trainer import Trainer
from seqlab.training.weights import freeze, init_from
from tests.e2e.conftest import MAIN, SMALL, call, done, done_json

TINY = {"data.rows": 300, "model.hidden_size": 8, "model.embedding_size": 8, "train.max_steps": 3}


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))


def save(folder: Path, tensors: dict[str, Tensor]) -> Path:
    save_file(tensors, folder / "some.safetensors")
    return folder / "some.safetensors"


def test_all_weights_from_a_file(tmp_path: Path) -> None:
    expected = {name: torch.randn_like(tensor) for name, tensor in model().state_dict().items()}
    initialized = model()
    path = save(tmp_path, expected)
    assert init_from(initialized, path) == [f"4 of 4 weights are initialized from {path}"]
    weights = initialized.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights.items())


def test_some_weights_from_a_file(tmp_path: Path) -> None:
    expected, initialized = torch.ones(2, 4), model()
    path = save(tmp_path, {"1.weight": expected})
    (notice,) = init_from(initialized, path)
    missing = "0.weight, 0.bias, 1.bias"
    assert notice == f"1 of 4 weights are initialized from {path}; not in the file: {missing}"
    weights = initialized.state_dict()
    assert torch.equal(weights.pop("1.weight"), expected)
    assert all(torch.equal(tensor, model().state_dict()[name]) for name, tensor in weights.items())


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    before = {name: tensor.clone() for name, tensor in model().state_dict().items()}
    odd = {"1.weight": torch.ones(4, 2), "0.wieght": torch.ones(4, 3), "1.bias": torch.ones(2)}
    unchanged = model()
    with pytest.raises(UserError, match="2 of 3 weights do not fit") as caught:
        init_from(unchanged, save(tmp_path, odd))
    assert "'1.weight' is (4, 2), the model's (2, 4)" in caught.value.cause
    assert "'0.wieght' is not in the model (nearest: '0.weight')" in caught.value.cause
    assert "0.weight, 0.bias, 1.weight, 1.bias" in caught.value.remedy
    assert all(torch.equal(unchanged.state_dict()[name], tensor) for name, tensor in before.items())
    many = {f"layer.{index}": torch.ones(1) for index in range(9)}
    with pytest.raises(UserError, match=r"9 of 9 .* and 4 more"):
        init_from(unchanged, save(tmp_path, many))


def test_files_without_weights_are_refused(tmp_path: Path) -> None:
    save(tmp_path, {})
    run = tmp_path / "run"
    run.mkdir()
    (run / "model.safetensors").write_bytes(b"nothing")
    for name, cause, remedy in (
        ("sone.safetensors", "no file", "some.safetensors"),
        ("nowhere/some.safetensors", "no file", "give a file"),
        ("run", "is a folder", "model.safetensors"),
        ("run/model.safetensors", "cannot be read", "give a file"),
        ("some.safetensors", "contains no weights", "another"),
    ):
        with pytest.raises(UserError, match=cause) as caught:
            init_from(model(), tmp_path / name)
        assert remedy in caught.value.remedy


def test_parameters_are_frozen_by_name() -> None:
    frozen = model()
    freeze(frozen, ["0.*", "*.bias"])
    assert [name for name, p in frozen.named_parameters() if p.requires_grad] == ["1.weight"]
    with pytest.raises(UserError, match="unknown parameter") as caught:
        freeze(frozen, ["1.wieght"])
    assert "did you mean '1.weight'?" in caught.value.remedy
    assert "0.weight, 0.bias" in caught.value.remedy
    with pytest.raises(UserError, match="no parameter is left to train"):
        freeze(frozen, ["*"])


def run(folder: Path, **more: Any) -> dict[str, Any]:
    options = {**TINY, **more.pop("options", {})}
    return seqlab.run(task="sentiment", model="lstm", options=options, out=folder, **more)


def test_a_run_is_initialized_from_another_and_frozen_weights_stay(tmp_path: Path) -> None:
    run(tmp_path / "first")
    source = tmp_path / "first" / "model.safetensors"
    frozen = ["embedder.*", "stack.*"]
    result = run(tmp_path / "second", init_from=source, options={"train.freeze": frozen}, seed=3)
    assert any("weights are initialized from" in notice for notice in result["notices"])
    before = load_file(source)
    after = load_file(tmp_path / "second" / "model.safetensors")
    changed = [name for name in after if not torch.equal(after[name], before[name])]
    assert changed == ["head.linear.bias", "head.linear.weight"]
    count = sum(before[name].numel() for name in changed)
    assert result["parameters"]["trainable"] == count
    recorded = tomllib.loads((tmp_path / "second" / "config.toml").read_text())["train"]
    assert (recorded["init_from"], recorded["freeze"]) == (str(source), frozen)
    source.unlink()  # a finished run does not need it
    assert seqlab.load(tmp_path / "second").predict(["good"])[0]["predicted"]


def test_a_resumed_run_does_not_need_the_file(tmp_path: Path) -> None:
    run(tmp_path / "first")
    source = tmp_path / "first" / "model.safetensors"
    options = {
        "train.freeze": ["embedder.*"],
        "train.max_steps": 6,
        "train.save_steps": 2,
        "train.keep": "last",
    }
    whole = run(tmp_path / "whole", init_from=source, options=options)
    again = tmp_path / "again"

    real = Trainer._step

    def step(self: Trainer, step_batch: StepBatch) -> None:
        if self.run.step == 4:
            raise KeyboardInterrupt
        real(self, step_batch)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "_step", step)
        run(again, init_from=source, options=options)
    source.unlink()
    result = seqlab.run(resume=again)
    assert result["resumed_from"] == 4
    assert result["parameters"] == whole["parameters"]
    expected = load_file(tmp_path / "whole" / "model.safetensors")
    weights = load_file(again / "model.safetensors")
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_options_on_the_command_line(tmp_path: Path) -> None:
    done(*MAIN, *SMALL, "-o", "train.max_steps=1", "--out", tmp_path / "first")
    source = tmp_path / "first" / "model.safetensors"
    more = ("--init-from", source, "-o", "train.freeze=embedder.*,stack.*", "--dry-run")
    plan = done_json(*MAIN, *SMALL, *more)
    assert plan["config"]["train"]["init_from"] == str(source)
    assert plan["parameters"]["trainable"] < plan["parameters"]["total"]
    assert "init_from" in done("show", "train")
    wrong = call(*MAIN, *SMALL, "-o", "model.hidden_size=9", "--init-from", source, "--dry-run")
    assert wrong.exit_code == 2
    assert "do not fit the model" in wrong.stderr
    wrong = call(*MAIN, *SMALL, "-o", "train.freeze=embeder.*", "--out", tmp_path / "run")
    assert wrong.exit_code == 2
    assert "train.freeze" in wrong.stderr
    assert not (tmp_path / "run").exists()
