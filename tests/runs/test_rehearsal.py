"""What a run does late is gone through before the first step."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import seqlab
from seqlab import Presenter
from seqlab.errors import UserError
from seqlab.metrics.classification import Accuracy
from seqlab.nn import Layer
from seqlab.runs.rehearsal import rehearse
from seqlab.testing import assert_passes, check_layer
from seqlab.training.trainer import Trainer

ROWS = [{"text": f"so {word} {n}", "label": word} for n in range(30) for word in ("bad", "good")]


class Plain(Layer):
    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size
        self.linear = nn.Linear(input_size, input_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y: Tensor = self.linear(x)
        return y


class HiddenList(Plain):
    """Layers in a plain list."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.maps = [nn.Linear(input_size, input_size) for _ in range(2)]

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        for layer in self.maps:
            x = layer(x).tanh()
        return super().forward(x, lengths)


class HiddenDict(Plain):
    """Parameters in a dictionary, all 0 at first."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.biases = {"b": nn.Parameter(torch.zeros(input_size))}

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) + self.biases["b"]


class PlainTensor(Plain):
    """A random tensor that is an attribute, not a buffer."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.mask = torch.rand(input_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x * self.mask, lengths)


class Statistics(Plain):
    """Statistics that change in training, in a buffer that is not saved."""

    mean: Tensor

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.register_buffer("mean", torch.zeros(input_size), persistent=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        if self.training:
            self.mean = x.detach().mean((0, 1)) * 10
        return super().forward(x - self.mean, lengths)


class Late(Plain):
    """A weight that is created in the first call."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        if not hasattr(self, "late"):
            self.late = nn.Parameter(torch.rand(x.size(2)))
        return super().forward(x, lengths) * self.late


class ExtraState(Plain):
    """A state that is not a tensor."""

    def get_extra_state(self) -> dict[str, int]:
        return {"calls": 3}

    def set_extra_state(self, state: object) -> None:
        pass


class TwoInOne(Plain):
    """Two parameters in the same memory."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.other = nn.Parameter(self.linear.weight.data)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) @ self.other


class Transposed(TwoInOne):
    """A parameter that is a view of another one."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.other = nn.Parameter(self.linear.weight.data.t())


class Pairs(Plain):
    """Needs more than one row."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = super().forward(x, lengths)
        return (y - y.mean((0, 1))) if len(x) > 1 else y.squeeze(0)


class TwoSteps(Plain):
    """Needs two steps."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        if x.size(1) < 2:
            raise RuntimeError("two steps")
        return super().forward(x, lengths)


class Positions(Plain):
    """Has weights for 20 steps."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.positions = nn.Parameter(torch.zeros(20, input_size))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) + self.positions[: x.size(1)]


class NotANumber(Plain):
    """0 / 0, in evaluation only."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = super().forward(x, lengths)
        return y if self.training else y * 0 / 0


class Lazy(Plain):
    """A weight without a size."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.linear = nn.LazyLinear(input_size)


class Detached(Plain):
    """A layer whose outputs have no gradient."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths).detach()


FAULTS: dict[type[Layer], tuple[str, str]] = {
    HiddenList: ("maps[0].weight", "torch.nn.ModuleList"),
    HiddenDict: ("biases['b']", "torch.nn.ParameterList"),
    PlainTensor: ("mask", "register_buffer"),
    Statistics: ("mean", "register_buffer"),
    Late: ("late", "in `__init__`, never in `forward`"),
    ExtraState: ("_extra_state", "keep it as a tensor"),
    TwoInOne: ("in the same memory", "`self.b.weight = self.a.weight`"),
    Transposed: ("in the same memory", "register one of them"),
}


@pytest.mark.parametrize("layer", FAULTS)
def test_a_layer_that_would_be_lost(
    layer: type[Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Trainer, "_step", None)  # no step is reached
    cause, remedy = FAULTS[layer]
    with pytest.raises(UserError) as caught:
        seqlab.run(task="classify", model=layer, data=ROWS)
    assert cause in caught.value.cause
    assert f"layer 'python:{layer.__name__}'" in caught.value.location
    assert remedy in caught.value.remedy
    assert not list(tmp_path.iterdir())
    with pytest.raises(AssertionError, match="save_load") as failed:
        assert_passes(check_layer(layer, only=["save_load"]))
    assert cause in str(failed.value)
    assert remedy in str(failed.value)


class Registered(HiddenList):
    """`HiddenList` after its remedy."""

    maps: nn.ModuleList  # type: ignore[assignment]

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.maps = nn.ModuleList(self.maps)


class Buffered(PlainTensor):
    """`PlainTensor` after its remedy."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        mask = self.mask
        del self.mask
        self.register_buffer("mask", mask)


class Once(TwoInOne):
    """`TwoInOne` after its remedy."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.other = self.linear.get_parameter("weight")


class Reference(Plain):
    """A list of weights that are registered, and a frozen helper that is the same each time."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.all = [self.linear.weight, self.linear]
        self.fixed = torch.arange(input_size).float()

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) + self.fixed


class Noisy(Plain):
    """Random in evaluation, too."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x + torch.randn_like(x), lengths)


@pytest.mark.parametrize("layer", [Registered, Buffered, Once, Reference, Noisy])
def test_a_layer_that_is_saved_whole(layer: type[Layer], tmp_path: Path) -> None:
    seqlab.run(task="classify", model=layer, data=ROWS, out=tmp_path / "run",
               options={"train.max_steps": 1})  # fmt: skip
    assert seqlab.load(tmp_path / "run", model=layer).predict(["so good"])


VARIED = [{"text": "so " * (n % 30) + "fish", "label": n % 2} for n in range(120)]


@pytest.mark.parametrize(
    ("layer", "cause"),
    [
        (Pairs, "a single row of 1 step"),
        (TwoSteps, "a single row of 1 step fails: RuntimeError: two steps"),
        (Positions, "a single row of 30 steps fails: RuntimeError"),
        (NotANumber, "a single row of 1 step predicts NaN"),
        (Lazy, "'stack.ahead.0.linear.weight' has no size before the first batch"),
    ],
)
def test_rows_that_a_layer_meets_late(
    layer: type[Layer], cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Trainer, "_step", None)  # no step is reached
    with pytest.raises(UserError) as caught:
        seqlab.run(task="classify", model=layer, data=VARIED)
    assert cause in caught.value.cause
    assert f"'python:{layer.__name__}'" in caught.value.location
    assert not list(tmp_path.iterdir())


def test_weights_without_a_gradient_are_said(tmp_path: Path) -> None:
    options = {"train.max_steps": 1}
    result = seqlab.run(task="classify", model=Detached, data=ROWS, out=tmp_path / "run",
                        options=options)  # fmt: skip
    (notice,) = [line for line in result["notices"] if "gradient" in line]
    assert "stack.ahead.0.linear.weight" in notice


class BrokenMetric(Accuracy):
    def sums(self, outcome: object) -> Any:
        raise ZeroDivisionError("no reason")


class NoNumber(Accuracy):
    def value(self, sums: object) -> Any:
        return np.ones(3)


class NotJson(Presenter):
    labels = ("bad", "good")

    def parse(self, line: str) -> dict[str, object]:
        return {"text": line}

    def present(self, row: Mapping[str, Any], outputs: object, predictions: object) -> Any:
        return {**row, "predicted": np.float32(1)}


class Raising(NotJson):
    def present(self, row: Mapping[str, Any], outputs: object, predictions: object) -> Any:
        return {**row, "predicted": row["txt"]}


@pytest.mark.parametrize(
    ("attribute", "value", "cause"),
    [
        ("metrics", (BrokenMetric(),), "the evaluation fails: ZeroDivisionError: no reason"),
        ("baseline", None, "the evaluation fails: TypeError"),
        ("presenter", NotJson(), "presenting a prediction fails: TypeError"),
        ("presenter", Raising(), "presenting a prediction fails: KeyError: 'txt'"),
        ("criterion", None, "fails: TypeError"),
    ],
)
def test_a_task_that_would_fail_after_training(
    attribute: str, value: object, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def broken(resolved: Any, prepared: Any, *arguments: Any) -> None:
        monkeypatch.setattr(type(prepared.fitted), attribute, value, raising=False)
        prepared.fitted.__dict__.pop(attribute, None)
        rehearse(resolved, prepared, *arguments)

    monkeypatch.setattr("seqlab.runs.session.rehearse", broken)
    with pytest.raises(UserError) as caught:
        seqlab.run(task="classify", model=Plain, data=ROWS)
    assert cause in caught.value.cause
    assert caught.value.location.startswith("task 'classify', ")
    assert not list(tmp_path.iterdir())


def test_a_metric_that_needs_more_examples_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = Accuracy.sums

    def demanding(metric: Accuracy, outcome: Any) -> Any:
        if len(outcome.targets) < 5:
            raise ZeroDivisionError("too few")
        return sums(metric, outcome)

    monkeypatch.setattr(Accuracy, "sums", demanding)
    seqlab.run(task="classify", model=Plain, data=ROWS, out=tmp_path / "run",
               options={"train.max_steps": 1})  # fmt: skip


def test_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[float] = []

    def checked(resolved: Any, prepared: Any, objective: Any, device: Any) -> list[str]:
        before = {name: t.clone() for name, t in objective.state_dict().items()}
        states = (torch.get_rng_state(), np.random.get_state(legacy=True), random.getstate())
        rehearse(resolved, prepared, objective, device)
        start = time.perf_counter()
        rehearse(resolved, prepared, objective, device)
        results.append(time.perf_counter() - start)
        assert all(torch.equal(t, before[name]) for name, t in objective.state_dict().items())
        assert torch.equal(torch.get_rng_state(), states[0])
        assert str(np.random.get_state(legacy=True)) == str(states[1])
        assert random.getstate() == states[2]
        assert all(p.grad is None for p in objective.parameters())
        assert objective.training
        return []

    def run(name: str) -> str:
        result = seqlab.run(task="classify", model="lstm", data=ROWS, out=tmp_path / name,
                            options={"train.max_steps": 3, "model.dropout": 0.3})  # fmt: skip
        return str(result["weights_sha256"])

    monkeypatch.setattr("seqlab.runs.session.rehearse", lambda *arguments: [])
    without = run("without")
    monkeypatch.setattr("seqlab.runs.session.rehearse", checked)
    assert run("with") == without
    assert results[0] < 0.5  # 0.05 s on an idle machine
