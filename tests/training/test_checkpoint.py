import errno
import json
import os
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from seqlab.errors import RunError
from seqlab.files.writing import UNFINISHED, seal, unseal
from seqlab.training import checkpoint
from seqlab.training.checkpoint import MAX_CHECKPOINTS, Checkpoints

WEIGHTS = {"w": torch.zeros(3)}


def checkpoints_of(folder: Path, *steps: int) -> Checkpoints:
    checkpoints = Checkpoints(folder / "checkpoints")
    for step in steps:
        checkpoints.save(step, {"w": torch.full((3,), float(step))}, {"step": step})
    return checkpoints


def test_the_newest_is_loaded_and_two_are_kept(tmp_path: Path) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2, 30)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    tensors, state, warnings = loaded
    assert state == {"step": 30}
    assert tensors["w"].eq(30).all()
    assert warnings == []
    assert checkpoints.steps() == [2, 30]
    assert len(checkpoints.steps()) == MAX_CHECKPOINTS


def test_a_run_without_checkpoints_has_none(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "checkpoints").load(WEIGHTS) is None


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
@pytest.mark.parametrize("cut", range(0, 20, 3))
def test_a_truncated_checkpoint_is_skipped(tmp_path: Path, file: str, cut: int) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    path = checkpoints.folder / "step-000000002" / file
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * cut // 20])
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert loaded.state == {"step": 1}
    assert "step 2" in loaded.warnings[0]


def test_a_changed_byte_is_detected(tmp_path: Path) -> None:
    checkpoints = checkpoints_of(tmp_path, 1)
    path = checkpoints.folder / "step-000000001" / "tensors.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        checkpoints.load(WEIGHTS)


def test_an_unfinished_checkpoint_is_ignored_and_removed(tmp_path: Path) -> None:
    checkpoints = checkpoints_of(tmp_path, 1)
    unfinished = checkpoints.folder / f"{UNFINISHED}1-step-000000001"
    (checkpoints.folder / "step-000000001").rename(unfinished)
    assert checkpoints.load(WEIGHTS) is None
    checkpoints.save(1, {"w": torch.zeros(1)}, {})
    assert checkpoints.steps() == [1]
    assert not unfinished.exists()


def test_a_failed_save_keeps_the_checkpoints_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "flush", full)
        with pytest.raises(RunError, match="cannot be saved: No space left on device"):
            checkpoints.save(2, {"w": torch.zeros(1)}, {})
        with pytest.raises(RunError, match="cannot be saved"):
            checkpoints.save(3, {"w": torch.zeros(1)}, {})
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == [
        "step-000000001",
        "step-000000002",
    ]
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert loaded.state == {"step": 2}


def test_a_checkpoint_of_the_same_step_is_replaced(tmp_path: Path) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    checkpoints.save(2, {"w": torch.zeros(1)}, {"step": "again"})
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert loaded.state == {"step": "again"}
    assert len(list(checkpoints.folder.iterdir())) == 2


def test_a_checkpoint_of_a_later_step_is_removed(tmp_path: Path) -> None:
    """A damaged one, after the run went on from an earlier one."""
    checkpoints = checkpoints_of(tmp_path, 1, 8, 4)
    assert checkpoints.steps() == [1, 4]


def write_state(folder: Path, text: str) -> None:
    """Write a state with a valid checksum, as anybody can."""
    (folder / "state.json").write_text(seal(text), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000 + "]" * 100_000, "deep"),
        ('{"state": ' + '{"a":' * 100 + "1" + "}" * 101, "deep"),
        ('{"state": ' + "9" * 5000 + "}", "cannot be read"),
        ("[]", "JSON object"),
        ("{}", "sha256"),
        ("\x00", "cannot be read"),
    ],
)
def test_an_invalid_state_is_skipped(tmp_path: Path, text: str, message: str) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    write_state(checkpoints.folder / "step-000000002", text)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert loaded.state == {"step": 1}
    assert message in loaded.warnings[0]


def test_a_document_without_a_state_is_skipped(tmp_path: Path) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    folder = checkpoints.folder / "step-000000002"
    document = json.loads(unseal((folder / "state.json").read_text()))
    write_state(folder, json.dumps({**document, "state": [1]}))
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "does not contain a state" in loaded.warnings[0]


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_huge_file_is_not_read(tmp_path: Path, file: str) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    with (checkpoints.folder / "step-000000002" / file).open("r+b") as opened:
        opened.truncate(10 << 40)  # a sparse file
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "at most" in loaded.warnings[0]


@pytest.mark.parametrize("header", [1 << 20, 10 << 30, (1 << 64) - 1])
def test_a_header_of_a_wrong_size_is_detected_before_the_file_is_read(
    tmp_path: Path, header: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    path = checkpoints.folder / "step-000000002" / "tensors.safetensors"
    path.write_bytes(struct.pack("<Q", header) + path.read_bytes()[8:])
    read, sha256 = [], checkpoint._sha256

    def counted(path: Path) -> str:
        read.append(path.parent.name)
        return sha256(path)

    monkeypatch.setattr(checkpoint, "_sha256", counted)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "step 2 is damaged" in loaded.warnings[0]
    assert read == ["step-000000001"]


def test_a_file_that_is_far_larger_than_the_weights_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MAX_EXTRA_BYTES", 1 << 10)
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    many = {"w": torch.zeros(2 << 10)}
    save_file(many, checkpoints.folder / "step-000000002" / "tensors.safetensors")
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "at most" in loaded.warnings[0]
    larger = Checkpoints(tmp_path / "larger")
    larger.save(3, many, {})
    loaded = larger.load(many)
    assert loaded is not None
    assert loaded.warnings == []


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_pipe_is_skipped(tmp_path: Path, file: str) -> None:
    checkpoints = checkpoints_of(tmp_path, 1, 2)
    (checkpoints.folder / "step-000000002" / file).unlink()
    os.mkfifo(checkpoints.folder / "step-000000002" / file)
    loaded = checkpoints.load(WEIGHTS)
    assert loaded is not None
    assert "Not a regular file" in loaded.warnings[0]
