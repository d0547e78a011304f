"""Runs in separate processes that are killed, or find a full disk or damaged files."""

from __future__ import annotations

import csv
import json
import math
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import torch

import seqlab
import seqlab.runs.session
import seqlab_reporting
from seqlab.training.trainer import Trainer

WORDS = ("good", "bad", "film", "plot", "dull", "fine", "it", "was", "never", "so")

SHARED = {"model.hidden_size": 8, "train.save_steps": 3, "train.learning_rate": 0.01}
SMALL = {**SHARED, "model.embedding_size": 8, "train.batch_size": 8, "train.epochs": 4}
CLASSES = {**SMALL, "model.embedding_dropout": 0.3, "evaluate.resamples": 100}

MODES: dict[str, dict[str, Any]] = {
    "length buckets": {
        "task": "classify",
        "data": "rows.csv",
        "options": {**CLASSES, "train.lr_schedule": "cosine", "train.warmup_ratio": 0.1},
    },
    "accumulation, averaged weights": {
        "task": "classify",
        "data": "rows.csv",
        "options": {
            **CLASSES,
            "train.gradient_accumulation_steps": 4,
            "train.ema_decay": 0.9,
            "train.patience": 2,
        },
    },
    "token budget": {
        "task": "classify",
        "data": "rows.csv",
        "options": {**CLASSES, "train.max_tokens": 64, "train.gradient_accumulation_steps": 2},
    },
    "carried state": {
        "task": "chars",
        "data": "text.txt",
        "options": {
            **{**CLASSES, "train.batch_size": 4, "train.epochs": 3, "model.embedding_dropout": 0.2},
            "task.length": 16,
            "train.reset_state": 0.2,
            "train.gradient_accumulation_steps": 2,
        },
    },
    "stream": {
        "task": "classify",
        "data": "rows.csv",
        "streamed": True,
        "options": {**CLASSES, "train.lr_schedule": "cosine", "train.warmup_ratio": 0.1},
    },
    "series": {
        "task": "regression",
        "data": "waves.csv",
        "options": {
            **{**SHARED, "train.batch_size": 16, "train.epochs": 6, "evaluate.resamples": 100},
            "task.window": 12,
            "model.head_dropout": 0.2,
        },
    },
}
"""Task, file and options of a run of about 50 steps for each way of reading data; `streamed` if the
rows of the file are passed as an iterator."""


@dataclass(frozen=True)
class Fault:
    """A fault in a process.

    Args:
        kind: "kill", "term", "interrupt", "full" or "moment".
        step: The step in which it happens; "full" continues after it.
        size: For "full", the maximum size of a file in bytes.
        seconds: For "moment", the processor time after which the process is killed.
    """

    kind: str
    step: int
    size: int = 0
    seconds: float = 0.0


def write_data(folder: Path) -> None:
    """Write the data files of all modes."""
    generator = np.random.default_rng(0)
    lines = []
    for number in range(150):
        words = " ".join(generator.choice(WORDS, generator.integers(1, 15)))
        lines.append(f"{words},{'yes' if number % 2 else 'no'}\n")
    (folder / "rows.csv").write_text("text,label\n" + "".join(lines))
    (folder / "text.txt").write_text(" ".join(generator.choice(WORDS, 300)) + "\n")
    noise = generator.normal(0, 0.1, 180)
    values = (f"{math.sin(step / 3) + noise[step]:.4f}\n" for step in range(180))
    (folder / "waves.csv").write_text("value\n" + "".join(values))


def finish(mode: str, data: Path, run: Path, fault: Fault | None = None) -> int:
    """Start a run in a separate process, or resume it if it exists.

    Args:
        mode: A key of `MODES`.
        data: The folder that `write_data` filled.
        run: The folder of the run. The output of the process is appended to `<run>.log`.
        fault: What happens to the process.

    Returns:
        The exit status; negative for a signal.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.warm"])
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(mode, data, run, fault, writer))
    process.start()
    writer.close()
    with open(reader.fileno(), "rb", closefd=False) as pipe:
        output = pipe.read()
    process.join()
    with (run.parent / f"{run.name}.log").open("ab") as log:
        log.write(output)
    assert process.exitcode is not None
    return process.exitcode


def outcome(run: Path) -> dict[str, Any]:
    """Everything that must be equal in two runs: weights, metrics, log and steps."""
    result = json.loads((run / "result.json").read_text())
    names = ("metrics", "best_epoch", "epochs", "steps", "stopped", "weights_sha256")
    return {name: result[name] for name in names} | {
        "log": (run / "metrics.jsonl").read_text(),
        "file": (run / "model.safetensors").read_bytes(),
    }


def newest(run: Path) -> Path:
    """The newest checkpoint."""
    return max((run / "checkpoints").glob("step-*"))


def _work(mode: str, data: Path, run: Path, fault: Fault | None, output: Connection) -> None:
    torch.set_num_threads(1)
    seqlab_reporting._draw = lambda run, screen: ""  # drawing takes longer than such a run
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background process ignores it
    os.dup2(output.fileno(), 1)  # not a file: the size of files may be limited
    os.dup2(output.fileno(), 2)
    if fault is not None:
        _prepare(fault)
    arguments = MODES[mode]
    file = data / arguments["data"]
    rows = _rows(file) if arguments.get("streamed") else None
    try:
        if (run / "config.toml").exists():
            seqlab.run(resume=run, data=rows)
        else:
            seqlab.run(
                task=arguments["task"],
                model="lstm",
                data=rows or file,
                options=arguments["options"],
                out=run,
            )
    except BaseException as error:
        from seqlab.cli.failures import report

        sys.exit(report(error))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(newline="") as lines:
        yield from csv.DictReader(lines)


def _prepare(fault: Fault) -> None:
    """Let the fault happen later: within a step, or after some processor time."""
    if fault.kind == "moment":
        signal.setitimer(signal.ITIMER_PROF, fault.seconds)  # SIGPROF, which is not handled
        return
    real = Trainer._clip

    def clip(self: Trainer) -> torch.Tensor:
        if self.run.step + 1 == fault.step:
            _cause(fault)
        return real(self)

    Trainer._clip = clip  # type: ignore[method-assign]


def _cause(fault: Fault) -> None:
    """Send a signal to this process, or limit the size of its files."""
    if fault.kind == "full":
        _, hard_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.size, hard_limit))
    else:
        number = {"kill": "SIGKILL", "term": "SIGTERM", "interrupt": "SIGINT"}[fault.kind]
        os.kill(os.getpid(), getattr(signal, number))
