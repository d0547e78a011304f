from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.options import options_of, validate
from seqlab_chars.stdlib import MODULES, StandardLibrary


def modules(split: Split) -> list[str]:
    return list(split.column("module"))


def size(splits: dict[str, Split]) -> int:
    return sum(len(text.encode()) for split in splits.values() for text in split.column("text"))


def test_the_texts_are_those_of_the_library() -> None:
    splits = StandardLibrary().load()
    assert list(splits) == ["train", "validation", "test"]
    assert splits["train"].column_names == ["module", "text"]
    folder = Path(sysconfig.get_path("stdlib"))
    bisect = dict(zip(modules(splits["train"]), splits["train"].column("text"), strict=True))[
        "bisect"
    ]
    assert bisect == (folder / "bisect.py").read_text(encoding="utf-8")


def test_no_module_is_there_twice() -> None:
    assert len(set(MODULES)) == len(MODULES)
    splits = StandardLibrary(2.5).load()
    every = [name for split in splits.values() for name in modules(split)]
    assert len(set(every)) == len(every) > 60
    assert modules(splits["validation"])[0] == MODULES[4]
    assert modules(splits["test"])[0] == MODULES[9]


@pytest.mark.parametrize("megabytes", [0.2, 0.5, 1.0, 2.5])
def test_the_bound_holds_and_is_nearly_reached(megabytes: float) -> None:
    splits = dict(StandardLibrary(megabytes).load())
    assert 0.7 * megabytes * 1e6 < size(splits) <= megabytes * 1e6
    assert all(len(split) for split in splits.values())
    smaller = modules(StandardLibrary(0.2).load()["train"])
    assert modules(splits["train"])[: len(smaller)] == smaller


def test_the_same_each_time() -> None:
    first, second = StandardLibrary().load(), StandardLibrary().load()
    assert all(
        first[n][0] == second[n][0] and modules(first[n]) == modules(second[n]) for n in first
    )


def test_a_python_without_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(UserError, match="too little of its standard library") as caught:
        StandardLibrary().load()
    assert caught.value.location == str(tmp_path)


def test_a_module_that_became_a_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in MODULES[:10]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            "# -*- coding: latin-1 -*-\nx = 'é'\n", "latin-1"
        )
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    splits = StandardLibrary().load()
    assert modules(splits["test"]) == ["queue"]
    assert "é" in splits["test"][0]["text"]


def test_options() -> None:
    known = options_of(StandardLibrary)
    assert validate("data", {"megabytes": "1"}, known) == {"megabytes": 1.0}
    assert known["megabytes"].meaning
    with pytest.raises(UserError, match="takes float"):
        validate("data", {"megabytes": 0.01}, known)
