import hashlib
import json
import os
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from seqlab.errors import RunError
from seqlab.training import checkpoint
from seqlab.training.checkpoint import KEPT, Checkpoints

WEIGHTS = {"w": torch.zeros(3)}


def filled(folder: Path, *steps: int) -> Checkpoints:
    checkpoints = Checkpoints(folder / "checkpoints")
    for step in steps:
        checkpoints.save(step, {"w": torch.full((3,), float(step))}, {"step": step})
    return checkpoints


def test_the_newest_comes_back_and_few_are_kept(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1, 2, 30)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    tensors, state, damaged = loaded
    assert state == {"step": 30}
    assert tensors["w"].eq(30).all()
    assert damaged == []
    assert checkpoints.steps() == [2, 30]
    assert len(checkpoints.steps()) == KEPT


def test_none_is_none(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "checkpoints").load(WEIGHTS) is None


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
@pytest.mark.parametrize("cut", range(0, 20, 3))
def test_a_truncated_one_is_passed_over(tmp_path: Path, file: str, cut: int) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    path = checkpoints.folder / "step-000000002" / file
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * cut // 20])
    loaded = checkpoints.load(WEIGHTS)
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
        checkpoints.load(WEIGHTS)


def test_one_that_was_being_written_does_not_count(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1)
    (checkpoints.folder / "step-000000001").rename(checkpoints.folder / ".writing-000000001")
    assert checkpoints.load(WEIGHTS) is None
    checkpoints.save(1, {"w": torch.zeros(1)}, {})  # a leftover is in nobody's way
    assert checkpoints.steps() == [1]


def sealed(folder: Path, text: str) -> None:
    """A state that has its checksum, as anybody can make it."""
    seal = hashlib.sha256(text.encode()).hexdigest()
    (folder / "state.json").write_text(f"{seal}\n{text}", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000 + "]" * 100_000, "deep"),
        ('{"state": ' + '{"a":' * 100 + "1" + "}" * 101, "deep"),
        ('{"state": ' + "9" * 5000 + "}", "cannot be read"),
        ("[]", "no object"),
        ("{}", "sha256"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_sealed_state_that_is_none_is_passed_over(tmp_path: Path, text: str, said: str) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    sealed(checkpoints.folder / "step-000000002", text)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert loaded[1] == {"step": 1}
    assert said in loaded[2][0]


def test_a_state_that_holds_none_is_passed_over(tmp_path: Path) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    folder = checkpoints.folder / "step-000000002"
    document = json.loads((folder / "state.json").read_text().partition("\n")[2])
    sealed(folder, json.dumps({**document, "state": [1]}))
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "holds no state" in loaded[2][0]


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_file_of_absurd_size_is_not_read(tmp_path: Path, file: str) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    with (checkpoints.folder / "step-000000002" / file).open("r+b") as opened:
        opened.truncate(10 << 40)  # takes no room
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "at most" in loaded[2][0]


@pytest.mark.parametrize("header", [1 << 20, 10 << 30, (1 << 64) - 1])
def test_a_header_of_another_size_is_found_before_all_is_read(
    tmp_path: Path, header: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    path = checkpoints.folder / "step-000000002" / "tensors.safetensors"
    path.write_bytes(struct.pack("<Q", header) + path.read_bytes()[8:])
    read, digest = [], checkpoint._digest

    def counted(path: Path) -> str:
        read.append(path.parent.name)
        return digest(path)

    monkeypatch.setattr(checkpoint, "_digest", counted)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "step 2 is damaged" in loaded[2][0]
    assert read == ["step-000000001"]


def test_far_more_than_the_weights_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_BESIDE", 1 << 10)
    checkpoints = filled(tmp_path, 1, 2)
    many = {"w": torch.zeros(2 << 10)}
    save_file(many, checkpoints.folder / "step-000000002" / "tensors.safetensors")
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "at most" in loaded[2][0]
    larger = Checkpoints(tmp_path / "larger")
    larger.save(3, many, {})
    found = larger.load(many)
    assert found is not None
    assert found[2] == []


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_pipe_is_passed_over(tmp_path: Path, file: str) -> None:
    checkpoints = filled(tmp_path, 1, 2)
    (checkpoints.folder / "step-000000002" / file).unlink()
    os.mkfifo(checkpoints.folder / "step-000000002" / file)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "Is no file" in loaded[2][0]
