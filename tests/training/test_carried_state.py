"""Training with carried state: micro-batches, and runs that are killed and resumed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqlab.config.run_config import RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.tbptt import TruncatedBPTTSampler
from seqlab.device import Device
from seqlab.nn import CrossEntropy, Objective, SequenceModel
from seqlab.plugin.manager import Plugins
from seqlab.plugin.trainer_state import TrainerState
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.training.best import Best
from seqlab.training.callbacks import Callbacks
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.interrupts import Interrupts
from seqlab.training.trainer import Trainer
from tests.nn.tiny import TinyLSTM
from tests.training.test_trainer import Stopped, stop_after, weights

SPEC = ModelSpec({"text": Ids(7)}, Outputs("class", (7,), "step"), causal=True)
IDS = np.random.default_rng(0).integers(0, 7, 301).astype(np.int16)
LENGTH = 6


def chunks() -> Examples:
    starts = np.arange(0, 300, LENGTH)
    lengths = np.minimum(LENGTH, 300 - starts)
    rows = np.zeros(len(starts), np.int64)
    return Examples({"text": IDS[:-1]}, starts, lengths, IDS[1:], "step", rows, stateful=True)


def make(folder: Path, *, at: int | None = None, dropout: float = 0.0, **options: Any) -> Trainer:
    torch.manual_seed(0)
    model = SequenceModel(SPEC, TinyLSTM, {}, embedding_size=8, head_dropout=dropout)
    settings = TrainSettings(
        **{"epochs": 3, "batch_size": 5, "learning_rate": 0.01, "reset_state": 0.2, **options}
    )
    examples = chunks()
    sampler = TruncatedBPTTSampler(
        examples,
        streams=settings.batch_size,
        reset=settings.reset_state,
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
    )
    run = TrainerState(folder, RunConfig(), steps_per_epoch=len(sampler))
    run.total_steps = sampler.steps(settings.passes(len(sampler)))
    callbacks = Callbacks(Plugins(), run)
    if at is not None:
        stop_after(at, callbacks)
    best = Best("", higher_is_better=True)
    return Trainer(
        Objective(model, CrossEntropy()), examples, sampler, settings=settings,
        device=Device(torch.device("cpu"), "fp32"), run=run, callbacks=callbacks,
        checkpoints=Checkpoints(folder / "checkpoints"), validate=dict, best=best,
        interrupts=Interrupts(),
    )  # fmt: skip


@pytest.mark.parametrize("at", [1, 4, 9, 10, 11, 17, 25])
@pytest.mark.parametrize("gradient_accumulation_steps", [1, 2])
def test_a_killed_run_is_resumed_bit_for_bit(
    tmp_path: Path, at: int, gradient_accumulation_steps: int
) -> None:
    options: dict[str, Any] = {
        "dropout": 0.3,
        "save_steps": 2,
        "gradient_accumulation_steps": gradient_accumulation_steps,
    }
    whole = make(tmp_path / "whole", **options)
    whole.fit()
    killed = make(tmp_path / "cut", at=at, **options)
    with pytest.raises(Stopped):
        killed.fit()
    torch.manual_seed(99)
    again = make(tmp_path / "cut", **options)
    again.resume()
    if at > 3 and at not in (10, 11):
        assert again.carried_state  # it continues within an epoch
    again.fit()
    for name, tensor in weights(whole).items():
        assert torch.equal(weights(again)[name], tensor), name
    assert again.run.record == whole.run.record


@pytest.mark.parametrize("gradient_accumulation_steps", [2, 3, 5])
def test_micro_batches_do_not_change_a_step(
    tmp_path: Path, gradient_accumulation_steps: int
) -> None:
    one, many = (
        make(tmp_path / "1"),
        make(tmp_path / "2", gradient_accumulation_steps=gradient_accumulation_steps),
    )
    one.fit()
    many.fit()
    assert one.run.step == one.run.total_steps == many.run.step
    for name, tensor in weights(one).items():
        torch.testing.assert_close(weights(many)[name], tensor, atol=1e-5, rtol=0)


def test_the_carried_state_has_an_effect(tmp_path: Path) -> None:
    carried, empty = make(tmp_path / "1", reset_state=0.0), make(tmp_path / "2", reset_state=1.0)
    carried.fit()
    empty.fit()
    assert any(not torch.equal(weights(empty)[name], t) for name, t in weights(carried).items())
