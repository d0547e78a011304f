import contextlib
import hashlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from torch import Tensor

from seqlab.config.run_config import RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.data.sampling.bucket import BucketSampler, StepBatch
from seqlab.device import Device
from seqlab.errors import RunError
from seqlab.files.writing import unseal
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.training import checkpoint_schedule
from seqlab.training.best import Best
from seqlab.training.callbacks import Callbacks
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.interrupts import Interrupted, Interrupts
from seqlab.training.trainer import Trainer
from tests.examples import random_examples
from tests.mutations import as_json, changed_document
from tests.nn.tiny import TinyLSTM

EXAMPLES = random_examples(60)


class Stopped(Exception):
    """Simulates a process that is killed."""


def make(folder: Path, *, at: int | None = None, dropout: float = 0.0, **options: Any) -> Trainer:
    """A trainer of a tiny model; it raises `Stopped` after the step `at`."""
    torch.manual_seed(0)
    spec = ModelSpec({"text": Ids(11)}, Outputs("class", (3,), "sequence"))
    model = SequenceModel(spec, TinyLSTM, {}, embedding_size=8, embedding_dropout=dropout)
    settings = TrainSettings(**{"epochs": 3, "batch_size": 16, "learning_rate": 0.01, **options})
    sampler = BucketSampler(
        EXAMPLES.lengths,
        EXAMPLES.weights,
        batch_size=settings.batch_size,
        max_tokens=settings.max_tokens,
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
    )
    run = TrainerState(folder, RunConfig(), steps_per_epoch=len(sampler))
    run.total_steps = sampler.steps(settings.passes(len(sampler)))
    callbacks = Callbacks(Plugins(), run)
    if at is not None:
        stop_after(at, callbacks)

    def validate() -> dict[str, float]:
        epoch = run.epoch + 1  # the epoch that ends
        return {"accuracy": 0.9 if epoch == 2 else 1 / (2 + epoch)}

    best = Best("accuracy", higher_is_better=True)
    objective = Objective(model, CrossEntropy())
    return Trainer(
        objective, EXAMPLES, sampler, settings=settings, device=Device(torch.device("cpu"), "fp32"),
        run=run, callbacks=callbacks, checkpoints=Checkpoints(folder / "checkpoints"),
        validate=validate, best=best, interrupts=Interrupts(),
    )  # fmt: skip


def stop_after(at: int, callbacks: Callbacks) -> None:
    """Let the training raise `Stopped` after the step `at`, as if it was killed."""
    real: Callable[..., None] = callbacks.call

    def call(hook: str, **arguments: object) -> None:
        if hook == "on_step_end" and callbacks.run.step == at:
            raise Stopped
        real(hook, **arguments)

    callbacks.call = call  # type: ignore[method-assign]


def weights(trainer: Trainer) -> dict[str, Tensor]:
    return trainer.objective.model.state_dict()


def assert_equal(one: Trainer, other: Trainer) -> None:
    """Compare weights, records and the best epoch, bit for bit."""
    for name, tensor in weights(other).items():
        assert torch.equal(weights(one)[name], tensor), name
    assert one.run.records == other.run.records
    assert one.best.state_dict() == other.best.state_dict()


def test_the_training_loss_decreases(tmp_path: Path) -> None:
    trainer = make(tmp_path, epochs=20, learning_rate=0.03)
    losses: list[float] = []
    trainer.callbacks.call = lambda hook, **_: (  # type: ignore[method-assign]
        losses.append(trainer.run.record["train_loss"]) if hook == "on_epoch_end" else None
    )
    trainer.fit()
    assert losses[-1] < 0.5 * losses[0]
    assert trainer.run.step == trainer.run.total_steps == 80


@pytest.mark.parametrize("gradient_accumulation_steps", [2, 4, 7])
def test_micro_batches_do_not_change_a_step(
    tmp_path: Path, gradient_accumulation_steps: int
) -> None:
    one, many = (
        make(tmp_path / "1"),
        make(tmp_path / "2", gradient_accumulation_steps=gradient_accumulation_steps),
    )
    one.fit()
    many.fit()
    for name, tensor in weights(one).items():
        torch.testing.assert_close(weights(many)[name], tensor, atol=1e-5, rtol=0)


@pytest.mark.parametrize("gradient_accumulation_steps", [1, 4])
def test_losses_can_be_summed(tmp_path: Path, gradient_accumulation_steps: int) -> None:
    """With 15 targets per step, the gradient of the sum is 15 times that of the mean."""
    shared: dict[str, Any] = {"optimizer": "sgd", "max_grad_norm": None, "batch_size": 15}
    rescaled: dict[str, Any] = {
        "learning_rate": 0.02,
        "reduction": "sum",
        "gradient_accumulation_steps": gradient_accumulation_steps,
    }
    mean = make(tmp_path / "mean", learning_rate=0.3, **shared)
    summed = make(tmp_path / "sum", **rescaled, **shared)
    mean.fit()
    summed.fit()
    for name, tensor in weights(mean).items():
        torch.testing.assert_close(weights(summed)[name], tensor, atol=1e-6, rtol=0)
    assert summed.run.record["train_loss"] == pytest.approx(mean.run.record["train_loss"])


def test_short_epochs_write_no_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = make(tmp_path / "short")
    short.fit()
    assert short.checkpoints.steps() == []
    monkeypatch.setattr(checkpoint_schedule, "MIN_SECONDS", 0.0)
    monkeypatch.setattr(checkpoint_schedule, "MIN_RATIO", 0)
    long = make(tmp_path / "long")
    long.fit()
    assert long.checkpoints.steps() == [8, 12]  # the last two epochs of 4 steps


@pytest.mark.parametrize("at", [1, 3, 4, 5, 7, 8, 11, 12])
@pytest.mark.parametrize("max_tokens", [None, 90])
def test_a_killed_run_is_resumed_bit_for_bit(
    tmp_path: Path, at: int, max_tokens: int | None
) -> None:
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
    torch.manual_seed(99)  # a new process has different random numbers
    again = make(tmp_path / "cut", **options)
    again.resume()
    again.fit()
    assert_equal(again, whole)


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    seen: dict[int, dict[str, Tensor]] = {}
    trainer.callbacks.call = lambda hook, **_: (  # type: ignore[method-assign]
        seen.update({trainer.run.epoch: {k: v.clone() for k, v in weights(trainer).items()}})
        if hook == "on_epoch_end"
        else None
    )
    trainer.fit()
    trainer.best.restore(trainer.objective.model)
    assert trainer.best.epoch == 2
    assert all(torch.equal(weights(trainer)[name], tensor) for name, tensor in seen[2].items())


def test_patience_stops_the_run(tmp_path: Path) -> None:
    trainer = make(tmp_path, epochs=5, patience=2)
    trainer.fit()
    assert trainer.run.epoch == 4
    assert "2 epochs" in trainer.run.stopping


def test_divergence_is_an_error_and_is_not_saved(tmp_path: Path) -> None:
    trainer = make(tmp_path, save_steps=1)
    real = trainer._step

    def step(step_batch: StepBatch) -> None:
        if trainer.run.step == 6:
            with torch.no_grad():
                next(trainer.objective.parameters())[:] = torch.nan
        real(step_batch)

    trainer._step = step  # type: ignore[method-assign]
    with pytest.raises(RunError, match="the loss of step 7 is nan") as caught:
        trainer.fit()
    assert "12 rows of the training split: " in caught.value.location
    assert trainer.checkpoints.steps() == [5, 6]


def test_weights_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    with torch.no_grad():
        next(trainer.objective.parameters())[:] = torch.nan
    with pytest.raises(RunError, match="infinite or not a number"):
        trainer.save()
    assert trainer.checkpoints.steps() == []


def interrupting(trainer: Trainer, at: int) -> None:
    """Raise a signal within the step `at`; if it is 0, within the validation of the last epoch."""
    real_step, real_validate = trainer._step, trainer.validate

    def step(step_batch: StepBatch) -> None:
        if trainer.run.step + 1 == at:
            signal.raise_signal(signal.SIGTERM)
        real_step(step_batch)

    def validate() -> dict[str, float]:
        if at == 0 and trainer.run.epoch + 1 == trainer.settings.epochs:
            torch.rand(3)
            signal.raise_signal(signal.SIGTERM)
        return real_validate()

    trainer._step, trainer.validate = step, validate  # type: ignore[method-assign]


@pytest.mark.parametrize("at", [0, 1, 2, 4, 7, 12])
def test_an_interrupted_run_is_resumed_bit_for_bit(tmp_path: Path, at: int) -> None:
    options: dict[str, Any] = {"dropout": 0.3, "ema_decay": 0.9, "gradient_accumulation_steps": 2}
    whole = make(tmp_path / "whole", **options)
    whole.fit()
    interrupted = make(tmp_path / "cut", **options)
    interrupting(interrupted, at)
    with interrupted.interrupts.watched(), pytest.raises(Interrupted):
        interrupted.fit()
    assert interrupted.run.step == (at or 12)  # the current step was completed
    again = make(tmp_path / "cut", **options)
    assert again.resume() == []
    assert again.run.resumed_from == (at or 12)
    again.fit()
    assert_equal(again, whole)
    for name, tensor in whole.best.weights.items():
        assert torch.equal(again.best.weights[name], tensor), name


def test_the_averaged_weights_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    plain, averaged = make(tmp_path / "1", epochs=2), make(tmp_path / "2", epochs=2, ema_decay=0.5)
    plain.fit()
    averaged.fit()
    assert_equal(plain, averaged)  # averaging does not change the training
    averages = averaged.ema.state_dict()
    for name, tensor in averaged.best.weights.items():
        assert torch.equal(averages[name], tensor)
    assert any(not torch.equal(plain.best.weights[n], t) for n, t in averages.items())


def test_an_epoch_with_different_batches_starts_again(tmp_path: Path) -> None:
    killed = make(tmp_path, at=6, save_steps=1)
    with pytest.raises(Stopped):
        killed.fit()
    again = make(tmp_path, batch_size=20)
    assert "epoch 2 starts again" in again.resume()[0]
    assert (again.run.step, again.sampler.position) == (5, 0)
    again.fit()


def test_a_checkpoint_of_a_different_model_is_refused(tmp_path: Path) -> None:
    make(tmp_path).save()
    other = make(tmp_path)
    other.objective.model.add_module("more", torch.nn.Linear(2, 2))
    with pytest.raises(RunError, match="different model"):
        other.resume()


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_state_with_other_values_is_restored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Its checksum is valid, as if another program had written it."""
    folder = tmp_path_factory.getbasetemp() / "state"
    make(folder).save()
    (path,) = folder.glob("checkpoints/*/state.json")
    document = json.loads(unseal(path.read_text()))
    document["state"] = data.draw(changed_document(document["state"]))
    content = as_json(document)  # may hold what is not UTF-8
    path.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    with contextlib.suppress(RunError):
        run = (again := make(folder)).run
        again.resume()
        assert isinstance(run.step, int)
        assert all(isinstance(record, dict) for record in run.records)


def test_a_signal_during_the_synchronization_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It arrives after this process has reported that it has none."""
    trainer = make(tmp_path)

    def synchronize(device: Device, *values: float) -> list[float]:
        if trainer.run.step == 3:
            signal.raise_signal(signal.SIGTERM)
        return list(values)

    monkeypatch.setattr(Device, "max", synchronize)
    with trainer.interrupts.watched(), pytest.raises(Interrupted):
        trainer.fit()
    assert (trainer.run.step, trainer.checkpoints.steps()) == (3, [3])
