"""Which process writes, and which errors mean that another one has ended."""

from __future__ import annotations

import pytest

from seqlab.processes import is_connection_loss, is_main


@pytest.mark.parametrize(
    ("rank", "world_size", "expected"),
    [(None, None, True), ("0", "2", True), ("1", "2", False), ("1", None, True), ("3", "1", True)],
)
def test_only_one_process_is_the_main_one(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, world_size: str | None, expected: bool
) -> None:
    """A single process always is, whatever rank the environment names."""
    for name, value in (("RANK", rank), ("WORLD_SIZE", world_size)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert is_main() is expected


def test_connection_loss_is_distinguished_from_other_errors() -> None:
    lost = "[gloo/pair.cc:534] Connection closed by peer [127.0.0.1]:4242"
    assert is_connection_loss(RuntimeError(lost))
    assert not is_connection_loss(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
