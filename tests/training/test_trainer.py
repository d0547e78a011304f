import contextlib
import hashlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from seqlab.config.run_config import RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.data.sampling.bucket import BucketSampler, StepBatch
from seqlab.device import Device
from seqlab.errors import RunError
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.training import checkpoint_schedule as pace
from seqlab.training.best import Best
from seqlab.training.callbacks import Callbacks
from seqlab.training.interrupts import Interrupted, Interrupts
from seqlab.training.trainer import Trainer
from tests.examples import random_examples
from tests.mutations import as_json, changed_document
from tests.nn.tiny import TinyLSTM

EXAMPLES = random_examples(60)


class Stopped(Exception):
    """Stands for a process that is killed."""


def make(folder: Path, *, at: int | None = None, dropout: float = 0.0, **settings: Any) -> Trainer:
    """A loop over a tiny model; `at` stops it after that many steps as a kill would."""
    torch.manual_seed(0)
    spec = ModelSpec({"text": Ids(11)}, Outputs("class", (3,), "sequence"))
    model = SequenceModel(spec, TinyLSTM, {}, embedding_size=8, embedding_dropout=dropout)
    chosen = TrainSettings(**{"epochs": 3, "batch_size": 16, "learning_rate": 0.01, **settings})
    sampler = BucketSampler(
        EXAMPLES.lengths,
        EXAMPLES.weights,
        batch_size=chosen.batch_size,
        max_tokens=chosen.max_tokens,
        gradient_accumulation_steps=chosen.gradient_accumulation_steps,
    )
    run = TrainerState(folder, RunConfig(), steps_per_epoch=len(sampler))
    run.total_steps = sampler.steps(chosen.passes(len(sampler)))
    lifecycle = Callbacks(Plugins(), run)
    if at is not None:
        _stop_after(at, lifecycle)

    def validate() -> dict[str, float]:
        epoch = run.epoch + 1  # the one that ends
        return {"accuracy": 0.9 if epoch == 2 else 1 / (2 + epoch)}

    best = Best("accuracy", higher=True)
    objective = Objective(model, CrossEntropy())
    return Trainer(
        objective, EXAMPLES, sampler, settings=chosen, device=Device(torch.device("cpu"), "fp32"),
        run=run, lifecycle=lifecycle, validate=validate, best=best, interrupts=Interrupts(),
    )  # fmt: skip


def _stop_after(at: int, lifecycle: Callbacks) -> None:
    real: Callable[..., None] = lifecycle.call

    def call(hook: str, **more: Any) -> None:
        if hook == "on_step_end" and lifecycle.run.step == at:
            raise Stopped
        real(hook, **more)

    lifecycle.call = call  # type: ignore[method-assign]


def weights(loop: Trainer) -> dict[str, Tensor]:
    return loop.objective.model.state_dict()


def same(one: Trainer, other: Trainer) -> None:
    """Weights, numbers and the best epoch, bit for bit."""
    for name, tensor in weights(other).items():
        assert torch.equal(weights(one)[name], tensor), name
    assert one.run.records == other.run.records
    assert one.best.state_dict() == other.best.state_dict()


def test_it_learns(tmp_path: Path) -> None:
    loop = make(tmp_path, epochs=20, learning_rate=0.03)
    losses: list[float] = []
    loop.lifecycle.call = lambda hook, **_: (  # type: ignore[method-assign]
        losses.append(loop.run.record["train_loss"]) if hook == "on_epoch_end" else None
    )
    loop.fit()
    assert losses[-1] < 0.5 * losses[0]
    assert loop.run.step == loop.run.total_steps == 80


@pytest.mark.parametrize("gradient_accumulation_steps", [2, 4, 7])
def test_micro_batches_make_the_same_step(tmp_path: Path, gradient_accumulation_steps: int) -> None:
    one, many = (
        make(tmp_path / "1"),
        make(tmp_path / "2", gradient_accumulation_steps=gradient_accumulation_steps),
    )
    one.fit()
    many.fit()
    for name, tensor in weights(one).items():
        torch.testing.assert_close(weights(many)[name], tensor, atol=1e-5, rtol=0)


@pytest.mark.parametrize("gradient_accumulation_steps", [1, 4])
def test_losses_may_be_summed(tmp_path: Path, gradient_accumulation_steps: int) -> None:
    """60 rows of one target each, in steps of 15: a sum's gradient is 15 times a mean's."""
    shared: dict[str, Any] = {"optimizer": "sgd", "max_grad_norm": None, "batch_size": 15}
    small: dict[str, Any] = {
        "learning_rate": 0.02,
        "reduction": "sum",
        "gradient_accumulation_steps": gradient_accumulation_steps,
    }
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
    monkeypatch.setattr(pace, "SHORT_SECONDS", 0.0)
    monkeypatch.setattr(pace, "RARE", 0)
    long = make(tmp_path / "long")
    long.fit()
    assert long.checkpoints.steps() == [8, 12]  # of epochs of 4 steps, the last two


@pytest.mark.parametrize("at", [1, 3, 4, 5, 7, 8, 11, 12])
@pytest.mark.parametrize("max_tokens", [None, 90])
def test_a_killed_run_goes_on_bit_for_bit(tmp_path: Path, at: int, max_tokens: int | None) -> None:
    options: dict[str, Any] = {
        "dropout": 0.3,
        "save_steps": 2,
        "lr_schedule": "cosine",
        "ema_decay": 0.9,
    }
    options["max_tokens"] = max_tokens
    whole = make(tmp_path / "whole", **options)
    whole.fit()
    killed = make(tmp_path / "cut", at=at, **options)
    with pytest.raises(Stopped):
        killed.fit()
    torch.manual_seed(99)  # a new process has other random numbers
    again = make(tmp_path / "cut", **options)
    again.resume()
    again.fit()
    same(again, whole)


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
    loop = make(tmp_path, save_steps=1)
    real = loop._step

    def step(group: StepBatch) -> None:
        if loop.run.step == 6:
            with torch.no_grad():
                next(loop.objective.parameters())[:] = torch.nan
        real(group)

    loop._step = step  # type: ignore[method-assign]
    with pytest.raises(RunError, match="the loss of step 7 is nan") as found:
        loop.fit()
    assert "12 rows of the training split: " in found.value.location
    assert loop.checkpoints.steps() == [5, 6]


def test_weights_that_are_no_numbers_are_not_saved(tmp_path: Path) -> None:
    loop = make(tmp_path)
    with torch.no_grad():
        next(loop.objective.parameters())[:] = torch.nan
    with pytest.raises(RunError, match="no numbers"):
        loop.save()
    assert loop.checkpoints.steps() == []


def interrupting(loop: Trainer, at: int) -> None:
    """A signal in the middle of a step; 0 stands for the validation of the last epoch."""
    real_step, real_validate = loop._step, loop.validate

    def step(group: StepBatch) -> None:
        if loop.run.step + 1 == at:
            signal.raise_signal(signal.SIGTERM)
        real_step(group)

    def validate() -> dict[str, float]:
        if at == 0 and loop.run.epoch + 1 == loop.settings.epochs:
            torch.rand(3)
            signal.raise_signal(signal.SIGTERM)
        return real_validate()

    loop._step, loop.validate = step, validate  # type: ignore[method-assign]


@pytest.mark.parametrize("at", [0, 1, 2, 4, 7, 12])
def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path: Path, at: int) -> None:
    options: dict[str, Any] = {"dropout": 0.3, "ema_decay": 0.9, "gradient_accumulation_steps": 2}
    whole = make(tmp_path / "whole", **options)
    whole.fit()
    interrupted = make(tmp_path / "cut", **options)
    interrupting(interrupted, at)
    with interrupted.interrupts.watched(), pytest.raises(Interrupted):
        interrupted.fit()
    assert interrupted.run.step == (at or 12)  # the step under way was made
    again = make(tmp_path / "cut", **options)
    assert again.resume() == []
    assert again.run.resumed_from == (at or 12)
    again.fit()
    same(again, whole)
    for name, tensor in whole.best.weights.items():
        assert torch.equal(again.best.weights[name], tensor), name


def test_the_best_averaged_weights_are_kept(tmp_path: Path) -> None:
    plain, averaged = make(tmp_path / "1", epochs=2), make(tmp_path / "2", epochs=2, ema_decay=0.5)
    plain.fit()
    averaged.fit()
    same(plain, averaged)  # averaging changes nothing in training
    kept = averaged.average.state_dict()
    for name, tensor in averaged.best.weights.items():
        assert torch.equal(kept[f"{name}"], tensor)
    assert any(not torch.equal(plain.best.weights[n], t) for n, t in kept.items())


def test_other_batches_begin_the_epoch_anew(tmp_path: Path) -> None:
    killed = make(tmp_path, at=6, save_steps=1)
    with pytest.raises(Stopped):
        killed.fit()
    again = make(tmp_path, batch_size=20)
    assert "epoch 2 begins anew" in again.resume()[0]
    assert (again.run.step, again.sampler.position) == (5, 0)
    again.fit()


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    make(tmp_path).save()
    other = make(tmp_path)
    other.objective.model.add_module("more", torch.nn.Linear(2, 2))
    with pytest.raises(RunError, match="another model"):
        other.resume()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_state_with_other_values_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """One that has its checksum: it is whole, and another program wrote it."""
    folder = tmp_path_factory.getbasetemp() / "state"
    make(folder).save()
    (path,) = folder.glob("checkpoints/*/state.json")
    document = json.loads(path.read_text().partition("\n")[2])
    document["state"] = data.draw(changed_document(document["state"]))
    text = as_json(document)
    path.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    with contextlib.suppress(RunError):
        run = (again := make(folder)).run
        again.resume()
        assert isinstance(run.step, int)
        assert all(isinstance(record, dict) for record in run.records)


def test_a_signal_while_processes_agree_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after this process has said that it has none."""
    loop = make(tmp_path)

    def agree(device: Device, *values: float) -> list[float]:
        if loop.run.step == 3:
            signal.raise_signal(signal.SIGTERM)
        return list(values)

    monkeypatch.setattr(Device, "max", agree)
    with loop.interrupts.watched(), pytest.raises(Interrupted):
        loop.fit()
    assert (loop.run.step, loop.checkpoints.steps()) == (3, [3])
