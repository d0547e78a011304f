"""Weights that a model registers under several names: one weight, before and after loading."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

import seqlab
from seqlab.data.sampling.bucket import StepBatch
from seqlab.errors import UserError
from seqlab.nn import Layer
from seqlab.nn.weights import aliases, load_weights_into, weights_of, writable
from seqlab.testing import assert_passes, check_layer
from seqlab.training.checkpoint import Checkpoints
from seqlab.training.trainer import Trainer
from seqlab.training.weights import init_from
from tests.nn.tiny import TinyLSTM

ROWS = [{"text": f"so {word} {n}", "label": word} for n in range(30) for word in ("bad", "good")]
OPTIONS = {"train.epochs": 2, "train.batch_size": 8}


class TiedWeight(Layer):
    """Two maps share a weight, each with its own bias."""

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.first = nn.Linear(input_size, hidden_size)
        self.second = nn.Linear(hidden_size, hidden_size)
        self.third = nn.Linear(hidden_size, hidden_size)
        self.third.weight = self.second.weight

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.third(self.second(self.first(x)).tanh())  # type: ignore[no-any-return]


class TiedModule(Layer):
    """A module that is registered twice, as in a recurrence over depth."""

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.first = nn.Linear(input_size, hidden_size)
        shared = nn.Linear(hidden_size, hidden_size)
        self.maps = nn.ModuleList([shared, shared, shared])

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y: Tensor = self.first(x)
        for layer in self.maps:
            y = layer(y).tanh()
        return y


class TiedBuffer(Layer):
    """A buffer under two names, and statistics that change in training."""

    mean: Tensor

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size
        self.register_buffer("mean", torch.zeros(input_size))
        self.register_buffer("center", self.mean)
        self.scale = nn.Parameter(torch.ones(input_size))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        if self.training:
            self.mean.lerp_(x.detach().mean((0, 1)), 0.1)
        return (x - self.mean) * self.scale


class TiedParameter(Layer):
    """The weight of one map is, transposed, that of the other."""

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = input_size
        self.encoder = nn.Linear(input_size, hidden_size)
        self.decoder_bias = nn.Parameter(torch.zeros(input_size))
        self.decoder = self.encoder.weight

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.encoder(x).tanh() @ self.decoder + self.decoder_bias  # type: ignore[no-any-return]


LAYERS = [TiedWeight, TiedModule, TiedBuffer, TiedParameter]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("options", [{}, {"train.ema_decay": 0.5, "train.save_steps": 1}])
def test_a_run_and_what_follows_it(
    layer: type[Layer], options: dict[str, object], tmp_path: Path
) -> None:
    result = seqlab.run(task="classify", model=layer, data=ROWS, out=tmp_path / "run",
                        options=OPTIONS | options)  # fmt: skip
    predictor = seqlab.load(tmp_path / "run", model=layer)
    weights = weights_of(predictor._objective.model)
    assert result["parameters"]["total"] == sum(
        p.numel() for p in predictor._objective.model.parameters()
    )
    with safe_open(tmp_path / "run" / "model.safetensors", "pt") as file:
        assert set(file.keys()) == set(weights)
    assert aliases(predictor._objective.model)
    validation = predictor.evaluate(data=ROWS, split="test")
    assert validation["loss"]["value"] > 0
    assert len(predictor.predict(["so bad", "so good"])) == 2


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_with_tied_weights_passes_the_checks(layer: type[Layer]) -> None:
    assert_passes(check_layer(layer, only=["save_load", "padding", "gradients"]))


def test_an_interrupted_run_is_resumed_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = OPTIONS | {"train.save_steps": 1, "train.ema_decay": 0.9}
    arguments = {"task": "classify", "model": TiedWeight, "data": ROWS, "options": options}
    whole = seqlab.run(out=tmp_path / "whole", **arguments)  # type: ignore[arg-type]
    step = Trainer._step

    def interrupted(trainer: Trainer, step_batch: StepBatch) -> None:
        step(trainer, step_batch)
        if trainer.run.step == 4:
            raise RuntimeError("power failure")

    monkeypatch.setattr(Trainer, "_step", interrupted)
    with pytest.raises(RuntimeError, match="power failure"):
        seqlab.run(out=tmp_path / "run", **arguments)  # type: ignore[arg-type]
    monkeypatch.undo()
    resumed = seqlab.run(resume=tmp_path / "run", model=TiedWeight, data=ROWS)
    assert resumed["resumed_from"] == 3
    assert resumed["weights_sha256"] == whole["weights_sha256"]


def test_initial_weights_under_either_name(tmp_path: Path) -> None:
    weight, path = torch.ones(8, 8), tmp_path / "some.safetensors"
    for name in ("second.weight", "third.weight"):
        layer = TiedWeight(3)
        save_file({name: weight}, path)
        (notice,) = init_from(layer, path)
        assert torch.equal(layer.second.weight, weight)
        missing = "first.weight, first.bias, second.bias, third.bias"
        assert notice == f"1 of 5 weights are initialized from {path}; not in the file: {missing}"


def test_initial_weights_that_differ_between_two_names_of_one_weight(tmp_path: Path) -> None:
    names, path = ("second.weight", "third.weight"), tmp_path / "some.safetensors"
    save_file({name: torch.full((8, 8), float(n)) for n, name in enumerate(names)}, path)
    with pytest.raises(UserError, match=r"'third\.weight' and 'second\.weight' are one weight"):
        init_from(TiedWeight(3), path)
    save_file({name: torch.ones(8, 8) for name in names}, path)
    assert init_from(TiedWeight(3), path)[0].startswith("1 of 5 weights are initialized")


def test_tensors_that_share_memory_are_written_apart(tmp_path: Path) -> None:
    memory = torch.arange(12.0)
    tensors = {
        "whole": memory,
        "part": memory[3:6],
        "turned": memory.view(3, 4).t(),
        "expanded": memory[:1].expand(5),
        "again": memory,
        "empty": memory[:0],
    }
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, tensors, {})
    loaded = checkpoints.load(tensors)
    assert loaded is not None
    assert all(torch.equal(loaded.tensors[name], tensor) for name, tensor in tensors.items())
    assert len({t.data_ptr() for t in writable(tensors).values() if t.numel()}) == 5


def test_weights_without_shared_ones_are_the_state() -> None:
    layer = TinyLSTM(3)
    assert list(weights_of(layer)) == list(layer.state_dict())
    other = TinyLSTM(3)
    load_weights_into(other, weights_of(layer))
    assert all(torch.equal(t, other.state_dict()[name]) for name, t in layer.state_dict().items())
    with pytest.raises(RuntimeError, match="Missing key"):
        load_weights_into(other, {})
