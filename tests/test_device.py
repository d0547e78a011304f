import pytest
import torch

from seqlab.device import available, choose, flushed_denormals
from seqlab.errors import UserError


def test_auto_takes_the_best_available_device() -> None:
    assert str(choose().torch_device) == available()[0]
    assert choose("cpu").precision == "fp32"
    assert choose("cpu").is_main


def test_denormal_numbers_are_flushed_only_inside_the_context() -> None:
    tiny = torch.tensor([1e-30])
    with flushed_denormals():
        assert (tiny * 1e-10).item() == 0.0
        with flushed_denormals():
            pass
        assert (tiny * 1e-10).item() == 0.0
    assert (tiny * 1e-10).item() > 0.0


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [("tpu", "auto", "no device 'tpu'"), ("cuda:77", "auto", "cuda:77"), ("cpu", "fp8", "fp8")],
)
def test_unavailable_devices_are_refused(device: str, precision: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        choose(device, precision)
    assert caught.value.remedy


def test_bf16_computes_in_bf16() -> None:
    with choose("cpu", "bf16").autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    with choose("cpu", "fp32").autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_devices_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqlab.device.available", lambda: ["cuda", "cuda:0", "cpu"])
    assert str(choose(only=("cpu",)).torch_device) == "cpu"
    assert str(choose("cpu", only=("cpu", "mps")).torch_device) == "cpu"
    for name in ("cuda", "cuda:0"):
        with pytest.raises(UserError, match="this model computes on cpu only") as caught:
            choose(name, only=("cpu",))
        assert caught.value.location == f"--device {name}"
        assert "--device cpu" in caught.value.remedy
    with pytest.raises(UserError, match="computes on mps or xpu only"):
        choose(only=("mps", "xpu"))
