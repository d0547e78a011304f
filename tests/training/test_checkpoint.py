from pathlib import Path

import pytest
import torch

from seqlab.errors import RunError
from seqlab.training.checkpoint import KEPT, Checkpoints


def filled(folder: Path, *steps: int) -> Checkpoints:
    checkpoints = Checkpoints(folder / "checkpoints")
    for step in steps:
        checkpoints.save(step, {"w": torch.full((3,), float(step))}, {"step": step})
    return checkpoints


def test_the_newest_comes_back_and_few_are_kept(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1, 2, 30)
    loaded = checkpoints.load()
    assert loaded is not None
    tensors, state, damaged = loaded
    assert state == {"step": 30}
    assert tensors["w"].eq(30).all()
    assert damaged == []
    assert checkpoints.steps() == [2, 30]
    assert len(checkpoints.steps()) == KEPT


def test_none_is_none(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "checkpoints").load() is None


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
@pytest.mark.parametrize("cut", range(0, 20, 3))
def test_a_truncated_one_is_passed_over(tmp_path: Path, file: str, cut: int) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    path = checkpoints.folder / "step-000000002" / file
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * cut // 20])
    loaded = checkpoints.load()
    assert loaded is not None
    assert loaded[1] == {"step": 1}
    assert "step 2" in loaded[2][0]


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1)
    path = checkpoints.folder / "step-000000001" / "tensors.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        checkpoints.load()


def test_one_that_was_being_written_does_not_count(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1)
    (checkpoints.folder / "step-000000001").rename(checkpoints.folder / ".writing-000000001")
    assert checkpoints.load() is None
    checkpoints.save(1, {"w": torch.zeros(1)}, {})  # a leftover is in nobody's way
    assert checkpoints.steps() == [1]
