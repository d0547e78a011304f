"""Which process speaks."""

from __future__ import annotations

import pytest

from seqlab.processes import is_loss, is_main


@pytest.mark.parametrize(
    ("rank", "count", "main"),
    [(None, None, True), ("0", "2", True), ("1", "2", False), ("1", None, True), ("3", "1", True)],
)
def test_one_process_speaks(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, count: str | None, main: bool
) -> None:
    """A lone one always, whatever number the environment gives it."""
    for name, value in (("RANK", rank), ("WORLD_SIZE", count)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert is_main() is main


def test_another_process_that_is_gone_is_told_from_other_errors() -> None:
    assert is_loss(RuntimeError("[gloo/pair.cc:534] Connection closed by peer [127.0.0.1]:4242"))
    assert not is_loss(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
