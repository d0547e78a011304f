from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from seqlab.config import RunConfig
from seqlab.data.sampler import BucketSampler
from seqlab.device import Device
from seqlab.errors import RunError
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.plugins import Plugins
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.training import loop
from seqlab.training.best import Best
from seqlab.training.lifecycle import Lifecycle
from seqlab.training.loop import Loop
from seqlab.training.run import Run
from seqlab.training.settings import TrainSettings
from tests.examples import random_examples
from tests.nn.tiny import TinyLSTM

EXAMPLES = random_examples(60)


class Stopped(Exception):
    """Stands for a process that is killed."""


def make(folder: Path, *, at: int | None = None, dropout: float = 0.0, **settings: Any) -> Loop:
    """A loop over a tiny model; `at` stops it after that many steps as a kill would."""
    torch.manual_seed(0)
    spec = ModelSpec({"text": Ids(11)}, Outputs("class", (3,), "sequence"))
    model = SequenceModel(spec, TinyLSTM, {}, embedding_size=8, embedding_dropout=dropout)
    chosen = TrainSettings(**{"epochs": 3, "batch_size": 16, "learning_rate": 0.01, **settings})
    sampler = BucketSampler(
        EXAMPLES.lengths,
        EXAMPLES.weights,
        group_size=chosen.batch_size,
        accumulate=chosen.accumulate,
    )
    run = Run(folder, RunConfig(), steps_per_epoch=len(sampler))
    run.total_steps = sampler.steps(chosen.passes(len(sampler)))
    lifecycle = Lifecycle(Plugins(), run)
    if at is not None:
        _stop_after(at, lifecycle)

    def validate() -> dict[str, float]:
        return {"accuracy": 0.9 if run.epoch == 2 else 1 / (2 + run.epoch)}

    best = Best(folder / "checkpoints" / "best.safetensors", "accuracy", higher=True)
    objective = Objective(model, CrossEntropy())
    return Loop(
        objective, EXAMPLES, sampler, settings=chosen, device=Device(torch.device("cpu"), "fp32"),
        run=run, lifecycle=lifecycle, validate=validate, best=best,
    )  # fmt: skip


def _stop_after(at: int, lifecycle: Lifecycle) -> None:
    real: Callable[..., None] = lifecycle.call

    def call(hook: str, **more: Any) -> None:
        if hook == "on_step_end" and lifecycle.run.step == at:
            raise Stopped
        real(hook, **more)

    lifecycle.call = call  # type: ignore[method-assign]


def weights(loop: Loop) -> dict[str, Tensor]:
    return loop.objective.model.state_dict()


def test_it_learns(tmp_path: Path) -> None:
    loop = make(tmp_path, epochs=20, learning_rate=0.03)
    losses: list[float] = []
    loop.lifecycle.call = lambda hook, **_: (  # type: ignore[method-assign]
        losses.append(loop.run.record["train_loss"]) if hook == "on_epoch_end" else None
    )
    loop.fit()
    assert losses[-1] < 0.5 * losses[0]
    assert loop.run.step == loop.run.total_steps == 80


@pytest.mark.parametrize("accumulate", [2, 4, 7])
def test_micro_batches_make_the_same_step(tmp_path: Path, accumulate: int) -> None:
    one, many = make(tmp_path / "1"), make(tmp_path / "2", accumulate=accumulate)
    one.fit()
    many.fit()
    for name, tensor in weights(one).items():
        torch.testing.assert_close(weights(many)[name], tensor, atol=1e-5, rtol=0)


@pytest.mark.parametrize("accumulate", [1, 4])
def test_losses_may_be_summed(tmp_path: Path, accumulate: int) -> None:
    """60 rows of one target each, in steps of 15: a sum's gradient is 15 times a mean's."""
    shared: dict[str, Any] = {"optimizer": "sgd", "clip": None, "batch_size": 15}
    small: dict[str, Any] = {"learning_rate": 0.02, "reduction": "sum", "accumulate": accumulate}
    mean = make(tmp_path / "mean", learning_rate=0.3, **shared)
    summed = make(tmp_path / "sum", **small, **shared)
    mean.fit()
    summed.fit()
    for name, tensor in weights(mean).items():
        torch.testing.assert_close(weights(summed)[name], tensor, atol=1e-6, rtol=0)
    assert summed.run.record["train_loss"] == pytest.approx(mean.run.record["train_loss"])


def test_short_epochs_leave_checkpoints_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = make(tmp_path / "short")
    short.fit()
    assert short.checkpoints.steps() == []
    monkeypatch.setattr(loop, "SHORT_SECONDS", 0.0)
    long = make(tmp_path / "long")
    long.fit()
    assert long.checkpoints.steps() == [8, 12]  # of epochs of 4 steps, the last two


@pytest.mark.parametrize("at", [1, 3, 4, 5, 7, 8, 11, 12])
def test_a_killed_run_goes_on_bit_for_bit(tmp_path: Path, at: int) -> None:
    options: dict[str, Any] = {"dropout": 0.3, "save_steps": 2, "schedule": "cosine"}
    whole = make(tmp_path / "whole", **options)
    whole.fit()
    killed = make(tmp_path / "cut", at=at, **options)
    with pytest.raises(Stopped):
        killed.fit()
    torch.manual_seed(99)  # a new process has other random numbers
    again = make(tmp_path / "cut", **options)
    again.resume()
    again.fit()
    for name, tensor in weights(whole).items():
        assert torch.equal(weights(again)[name], tensor), name
    assert again.run.record == whole.run.record
    assert again.best.state_dict() == whole.best.state_dict()


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    loop = make(tmp_path)
    seen: dict[int, dict[str, Tensor]] = {}
    loop.lifecycle.call = lambda hook, **_: (  # type: ignore[method-assign]
        seen.update({loop.run.epoch: {k: v.clone() for k, v in weights(loop).items()}})
        if hook == "on_epoch_end"
        else None
    )
    loop.fit()
    loop.best.restore(loop.objective.model)
    assert loop.best.epoch == 2
    assert all(torch.equal(weights(loop)[name], tensor) for name, tensor in seen[2].items())


def test_patience_ends_the_run(tmp_path: Path) -> None:
    loop = make(tmp_path, epochs=5, patience=2)
    loop.fit()
    assert loop.run.epoch == 4
    assert "2 epochs" in loop.run.stopping


def test_divergence_is_an_error_and_not_saved(tmp_path: Path) -> None:
    loop = make(tmp_path)
    with torch.no_grad():
        next(loop.objective.parameters())[:] = torch.nan
    with pytest.raises(RunError, match="loss is"):
        loop.fit()
    assert loop.checkpoints.steps() == []
