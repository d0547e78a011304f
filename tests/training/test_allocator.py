import platform

import pytest

from seqlab.training import allocator


def test_only_glibc_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    allocator.keep_freed_memory.cache_clear()
    monkeypatch.setattr(platform, "libc_ver", lambda: ("musl", "1"))
    assert allocator.keep_freed_memory() is False
    allocator.keep_freed_memory.cache_clear()
    monkeypatch.undo()
    if platform.libc_ver()[0] == "glibc":
        assert allocator.keep_freed_memory() is True
