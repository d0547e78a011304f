from __future__ import annotations

import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqlab import Split, UserError
from seqlab.options import options_of, validate
from seqlab_chars.stdlib import MODULES, StandardLibrary


def modules(split: Split) -> list[str]:
    return list(split.column("module"))


def size(splits: Mapping[str, Split]) -> int:
    return sum(len(text.encode()) for split in splits.values() for text in split.column("text"))


def test_texts_are_the_source_code_of_the_library() -> None:
    splits = StandardLibrary().load()
    assert list(splits) == ["train", "validation", "test"]
    train = splits["train"]
    assert train.column_names == ["module", "text"]
    folder = Path(sysconfig.get_path("stdlib"))
    texts = dict(zip(modules(train), train.column("text"), strict=True))
    assert texts["bisect"] == (folder / "bisect.py").read_text(encoding="utf-8")


def test_modules_are_distinct() -> None:
    assert len(set(MODULES)) == len(MODULES)
    splits = StandardLibrary(2.5).load()
    names = [name for split in splits.values() for name in modules(split)]
    assert len(set(names)) == len(names) > 60
    assert modules(splits["validation"])[0] == MODULES[4]
    assert modules(splits["test"])[0] == MODULES[9]


@pytest.mark.parametrize("megabytes", [0.2, 0.5, 1.0, 2.5])
def test_size_is_below_but_near_the_limit(megabytes: float) -> None:
    splits = StandardLibrary(megabytes).load()
    assert 0.7 * megabytes * 1e6 < size(splits) <= megabytes * 1e6
    assert all(len(split) for split in splits.values())
    smaller = modules(StandardLibrary(0.2).load()["train"])
    assert modules(splits["train"])[: len(smaller)] == smaller


def test_loading_is_deterministic() -> None:
    first, second = StandardLibrary().load(), StandardLibrary().load()
    for name, split in first.items():
        assert split[0] == second[name][0]
        assert modules(split) == modules(second[name])


def test_missing_sources_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(UserError, match="too little source code of its standard library") as error:
        StandardLibrary().load()
    assert error.value.location == str(tmp_path)


def test_modules_may_be_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
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
    options = options_of(StandardLibrary)
    assert validate("data", {"megabytes": "1"}, options) == {"megabytes": 1.0}
    assert options["megabytes"].meaning
    with pytest.raises(UserError, match="takes float"):
        validate("data", {"megabytes": 0.01}, options)
