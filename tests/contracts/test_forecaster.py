"""Forecasts of several series, each on its own: windows over one array, targets without a copy."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.nn import IdentityHead, Model, Objective, SquaredError, step_mask
from seqlab.spec import Inputs, ModelSpec, Numbers, Outputs
from seqlab.testing import assert_passes, check_model
from tests.contracts.training import train
from tests.nn.tiny import TinyLSTM

WINDOW, HORIZON, SERIES = 12, 4, 3
SPEC = ModelSpec({"series": Numbers(SERIES)}, Outputs("value", (HORIZON, SERIES), "sequence"))


class ChannelIndependent(Model):
    """One layer for all series; each window is standardized by its mean and standard deviation."""

    def __init__(self, spec: ModelSpec, hidden_size: int = 8) -> None:
        super().__init__()
        horizon, series = spec.outputs.shape
        self.layer = TinyLSTM(1, hidden_size)
        self.linear = torch.nn.Linear(hidden_size, horizon)
        self.head = IdentityHead(horizon * series, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        x = inputs["series"]  # (B, T, F)
        padding = ~step_mask(lengths, x.size(1))[:, :, None]  # (B, T, 1)
        count = lengths[:, None, None]  # (B, 1, 1)
        mean = x.masked_fill(padding, 0.0).sum(1, keepdim=True) / count  # (B, 1, F)
        centred = (x - mean).masked_fill(padding, 0.0)  # (B, T, F)
        std = (centred.square().sum(1, keepdim=True) / count + 1e-4).sqrt()  # (B, 1, F)
        rows, series = x.size(0), x.size(2)
        channels = (centred / std).transpose(1, 2).flatten(0, 1)[..., None]  # (B·F, T, 1)
        channel_lengths = lengths.repeat_interleave(series)  # (B·F,)
        hidden = self.layer(channels, channel_lengths)  # (B·F, T, H)
        last = hidden[torch.arange(len(hidden)), channel_lengths - 1]  # (B·F, H)
        forecast = self.linear(last).view(rows, series, -1).transpose(1, 2)  # (B, horizon, F)
        return (forecast * std + mean).flatten(1)  # type: ignore[no-any-return]


def windows() -> Examples:
    steps = np.arange(200, dtype=np.float32)
    flat = np.stack([k * 10 + k * np.sin(steps / (k + 1)) for k in (1, 2, 3)], axis=1)  # (N, F)
    horizons = np.lib.stride_tricks.sliding_window_view(flat, HORIZON, axis=0)  # (N', F, horizon)
    starts = np.arange(len(flat) - WINDOW - HORIZON + 1)
    return Examples(
        inputs={"series": flat},
        starts=starts,
        lengths=np.full(len(starts), WINDOW),
        targets=horizons[WINDOW:].transpose(0, 2, 1),  # (E, horizon, F)
        per="sequence",
        rows=starts,
        unit="window",
    )


def test_targets_are_a_view() -> None:
    examples = windows()
    flat = examples.inputs["series"]
    assert isinstance(flat, np.ndarray)
    assert np.shares_memory(examples.targets, flat)
    np.testing.assert_array_equal(examples.targets[5], flat[5 + WINDOW : 5 + WINDOW + HORIZON])
    assert examples.fingerprint() == windows().fingerprint()


def test_forecaster_learns_and_passes() -> None:
    torch.manual_seed(0)
    model = ChannelIndependent(SPEC)
    history = train(Objective(model, SquaredError()), windows(), epochs=4)
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_model(lambda: ChannelIndependent(SPEC), SPEC))
