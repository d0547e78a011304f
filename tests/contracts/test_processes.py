"""Two processes compute the same gradients as one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.distributed
from safetensors.torch import load_file
from torch.multiprocessing.spawn import spawn

from tests.contracts.processes import CASES, gradients, worker


@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="torch is built without gloo")
def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    spawn(worker, args=(2, str(tmp_path)), nprocs=2)  # type: ignore[no-untyped-call]
    for batch_size, reduction in CASES:
        expected = gradients(0, 1, batch_size, reduction)
        for rank in range(2):
            actual = load_file(tmp_path / f"{rank}-{batch_size}-{reduction}.safetensors")
            assert actual.keys() == expected.keys()
            for name, gradient in expected.items():
                torch.testing.assert_close(actual[name], gradient, rtol=1e-6, atol=1e-6)
