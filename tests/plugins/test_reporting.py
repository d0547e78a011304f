import json
from pathlib import Path
from typing import Any

import pytest

from seqlab import TrainerState
from seqlab.config.run_config import RunConfig
from seqlab_reporting import log
from seqlab_reporting.screen import Screen, TerminalScreen, describe

FACTS: dict[str, Any] = {
    "task": "sentiment",
    "model": "lstm",
    "tokenizer": None,
    "device": "cpu",
    "precision": "fp32",
    "parameters": {"total": 1234, "trainable": 1234},
    "data": {"train": {"examples": 10}, "test": {"examples": 2}},
}


@pytest.fixture
def run(tmp_path: Path) -> TrainerState:
    return TrainerState(tmp_path, RunConfig(), facts=FACTS, total_epochs=3, total_steps=30)


def finish_epoch(run: TrainerState, epoch: int) -> None:
    run.step = 10 * epoch
    run.record = {
        "epoch": epoch,
        "step": run.step,
        "train_loss": 0.5,
        "validation": {"accuracy": 0.75},
    }
    log.append(run)


def test_a_resumed_run_drops_the_epochs_that_it_repeats(run: TrainerState) -> None:
    log.start(run)
    for epoch in (1, 2):
        finish_epoch(run, epoch)
    path = run.folder / log.NAME
    path.write_text(path.read_text() + '{"step": 3')  # the process was killed while writing
    run.step, run.records = 12, [{"epoch": 1, "step": 10}]  # as in the checkpoint
    log.start(run)
    lines = path.read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1]


@pytest.mark.parametrize("kind", [Screen, TerminalScreen])
def test_screens_show_the_run_and_its_metrics(
    run: TrainerState, kind: type[Screen], capsys: pytest.CaptureFixture[str]
) -> None:
    screen = kind(run)
    finish_epoch(run, 1)
    screen.step(run)
    screen.epoch(run)
    screen.close()
    output = capsys.readouterr()
    assert output.out == ""
    words = " ".join(output.err.split())
    assert "sentiment · lstm · cpu fp32 · 1,234 parameters · 10 train, 2 test" in words
    assert "trainable" not in words
    assert "epoch 1/3 train loss 0.5000 validation accuracy 0.7500" in words


def test_trainable_parameters_are_shown(run: TrainerState) -> None:
    run.facts = {**FACTS, "parameters": {"total": 12340, "trainable": 1234}}
    assert " · 12,340 parameters, 1,234 trainable · 10 train" in describe(run)
