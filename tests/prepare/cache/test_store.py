"""The cache as `prepare` uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import from_python, open_data
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve
from seqlab.prepare import splits as module
from seqlab.prepare.cache import code, key
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.prepare import Prepared, prepare

HIT = "data: read from the cache (-o data.cache=false encodes them again)"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept" / "encoded"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    rows = [f"so {'good' if n % 2 else 'bad'} number {n},{n % 2}" for n in range(40)]
    file.write_text("\n".join(["text,label", *rows]) + "\n")
    return file


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was read so far."""
    seen: list[object] = []
    real = open_data

    def watched(spec: object, *rest: Any, **named: Any) -> Any:
        seen.append(spec)
        return real(spec, *rest, **named)

    monkeypatch.setattr(module, "open_data", watched)
    return seen


def resolved(data: object, plugins: Plugins | None = None, **options: Any) -> Resolved:
    values = {"task.name": "classify", "model.name": "lstm", "data.source": str(data)}
    values |= {name.replace("__", "."): value for name, value in options.items()}
    return resolve(assemble(None, {}, values), plugins or installed())


def prepared(data: object, **options: Any) -> Prepared:
    return prepare(resolved(data, **options), installed())


def saved_of(prepared: Prepared) -> FittedColumns:
    return FittedColumns(prepared.fitted, prepared.columns, prepared.formats)


def prints(one: Prepared) -> list[Any]:
    return [{n: e.fingerprint() for n, e in one.examples.items()}, one.fitted.to_json()]


def same(one: Prepared, other: Prepared) -> bool:
    return prints(one) == prints(other)


def test_the_second_time_nothing_is_read(table: Path, opened: list[object], place: Path) -> None:
    first, second = prepared(table), prepared(table)
    assert len(opened) == 1
    assert same(first, second)
    assert second.notices == [*first.notices, HIT]
    assert (second.source, second.columns) == (first.source, first.columns)
    assert second.fitted.spec == first.fitted.spec
    assert [each.name[0] for each in place.iterdir()] != ["."]


def test_who_encodes_is_no_other_data(table: Path, opened: list[object]) -> None:
    prepared(table)
    assert prepared(table, data__workers=2).notices[-1] == HIT
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("task", "data", "options"),
    [
        ("classify", "reviews", {"data.rows": 200}),
        ("tag", "two-sentences", {}),
        ("tag", "tagged", {"data.rows": 200}),
        ("regression", "counting", {"data.rows": 100}),
        ("regression", "waves", {"data.rows": 300}),
        ("chars", "stdlib", {"data.megabytes": 0.2}),
        ("chars", "strings", {}),
        ("chars", "strings", {"data.string": "hello world", "task.mode": "last"}),
    ],
)
def test_every_task_comes_back_as_it_was(
    task: str, data: str, options: dict[str, Any], opened: list[object]
) -> None:
    options = {"task.name": task, **options}
    first = prepared(data, **options)
    plain = prepared(data, **{**options, "data.cache": False})
    second = prepared(data, **options)
    assert len(opened) == 2
    assert second.notices[-1] == HIT
    assert same(first, plain)
    assert same(second, plain)
    for name, split in plain.examples.items():
        assert split.metadata.keys() == second.examples[name].metadata.keys()
        for mark, array in split.metadata.items():
            np.testing.assert_array_equal(array, second.examples[name].metadata[mark])
        if split.target_offset is not None:
            np.testing.assert_array_equal(split.target_offset, second.examples[name].target_offset)


def test_what_decides_the_arrays_rebuilds(table: Path, opened: list[object]) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"tokenizer__name": "char"},
        {"tokenizer__min_count": 1},
        {"task__max_length": 3},
        {"data__validation_fraction": 0.2},
        {"seed": 1},
        {"smoke": True},
    ]
    for count, change in enumerate(changes, 1):
        prepared(table, **change)
        assert len(opened) == count
    for change in changes:
        prepared(table, **change)
    assert len(opened) == len(changes)


def test_what_does_not_decide_them_reads_nothing(table: Path, opened: list[object]) -> None:
    prepared(table)
    prepared(table, model__hidden_size=3, train__epochs=9)
    os.utime(table, (1, 1))
    prepared(os.path.relpath(table))
    assert len(opened) == 1


def test_a_changed_file_rebuilds(table: Path, opened: list[object]) -> None:
    first = prepared(table)
    table.write_text(table.read_text().replace("good", "not bad"))
    assert not same(first, prepared(table))
    assert len(opened) == 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    table: Path, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    real = open_data

    def changing(*arguments: Any, **named: Any) -> Any:
        data = real(*arguments, **named)
        table.write_text(table.read_text() + "one more,1\n")
        return data

    monkeypatch.setattr(module, "open_data", changing)
    notice = "cache of encoded data: not used, because the data changed while they were read"
    assert notice in prepared(table).notices
    assert not place.exists() or not list(place.iterdir())


PLUGIN = """
from seqlab import hookimpl
from seqlab_tokenizers.word import WordTokenizer

class Other(WordTokenizer):
    "Words{mark}."

@hookimpl
def register_tokenizers(register):
    register("other", Other)
"""


def test_changed_code_rebuilds(
    table: Path, tmp_path: Path, opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for count, mark in enumerate(["", "!", ""], 1):
        (tmp_path / "other.py").write_text(PLUGIN.format(mark=mark))
        known = installed().with_files([tmp_path / "other.py"])
        prepare(resolved(table, known, tokenizer__name="other"), known)
        assert len(opened) == min(count, 2)
    monkeypatch.setattr(code, "source_hash", lambda name: "changed")
    prepare(resolved(table, known, tokenizer__name="other"), known)
    monkeypatch.setattr(key, "environment", lambda: ["another"])
    prepare(resolved(table, known, tokenizer__name="other"), known)
    assert len(opened) == 4


def test_rows_and_classes_from_python_are_not_kept(table: Path, place: Path) -> None:
    rows = [{"text": f"text {n}", "label": n % 2} for n in range(20)]
    prepare(resolved("python"), installed(), from_python(rows))
    known, names = installed().with_classes({"task": type("Mine", (installed_task(),), {})})
    prepare(resolved(table, known, task__name=names["task.name"]), known)
    assert not place.exists()


def installed_task() -> type:
    return installed().tasks.get("classify").load()


def test_the_cache_can_be_off(
    table: Path, place: Path, opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(table, data__cache=False)
    monkeypatch.setenv("SEQLAB_CACHE", "off")
    prepared(table)
    assert len(opened) == 2
    assert not place.exists()


def _cut_header(entry: Path) -> None:
    header = entry / "entry.json"
    header.write_bytes(header.read_bytes()[:-9])


def _change_header(entry: Path) -> None:
    header = entry / "entry.json"
    header.write_text(header.read_text().replace('"bad"', '"mad"', 1).replace("0.", "1.", 1))


def _cut_array(entry: Path) -> None:
    array = max(entry.glob("*.npy"), key=lambda file: file.stat().st_size)
    array.write_bytes(array.read_bytes()[:-1])


def _change_array(entry: Path) -> None:
    array = max(entry.glob("*.npy"), key=lambda file: file.stat().st_size)
    whole = bytearray(array.read_bytes())
    whole[-2] ^= 1
    array.write_bytes(whole)


def _remove_array(entry: Path) -> None:
    (entry / "0.npy").unlink()


def _remove_header(entry: Path) -> None:
    (entry / "entry.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [_cut_header, _change_header, _cut_array, _change_array, _remove_array, _remove_header],
)
def test_a_damaged_entry_is_made_anew(
    table: Path, opened: list[object], place: Path, damage: Callable[[Path], None]
) -> None:
    first = prints(prepared(table))
    damage(next(place.iterdir()))
    second, third = prepared(table), prepared(table)
    assert len(opened) == 2
    assert "cache of encoded data: was damaged and is created again" in second.notices[-1]
    assert third.notices[-1] == HIT
    assert first == prints(second) == prints(third)
    assert len(list(place.iterdir())) == 1


def test_a_run_goes_on_with_a_cache_that_cannot_be_written(
    table: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "file"))
    assert "cache of encoded data: not written" in prepared(table).notices[-1]


def test_a_full_disk_leaves_nothing_behind(
    table: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqlab.prepare.cache.entry.save_arrays", full)
    assert prepared(table).notices[-1].endswith("not written: No space left on device")
    assert list(place.iterdir()) == []


def test_a_resumed_run_reads_nothing(table: Path, opened: list[object]) -> None:
    request = resolved(table)
    first = prepare(request, installed())
    again = prepare(request, installed(), saved=saved_of(first)).examples
    assert len(opened) == 1
    assert {n: e.fingerprint() for n, e in again.items()} == {
        n: e.fingerprint() for n, e in first.examples.items()
    }


def test_a_run_that_was_taught_otherwise_is_encoded_by_what_it_knows(
    table: Path, opened: list[object]
) -> None:
    first = prepared(table)
    other = prepared(table, tokenizer__min_count=20)
    again = prepare(resolved(table), installed(), saved=saved_of(other)).examples
    assert len(opened) == 3
    assert {n: e.fingerprint() for n, e in again.items()} == {
        n: e.fingerprint() for n, e in other.examples.items()
    }
    assert not same(first, other)


TWO = """
import sys
from seqlab.config.run_config import assemble
from seqlab.plugin.manager import installed
from seqlab.prepare.prepare import prepare
from seqlab.plugin.resolve import resolve
flags = {"task.name": "classify", "model.name": "lstm", "data.source": "reviews"}
for seed in range(6):
    found = prepare(resolve(assemble(None, {**flags, "seed": seed // 2}, ["data.rows=200"]),
                            installed()), installed())
    print(*(part.fingerprint() for part in found.examples.values()))
"""


def test_two_processes_at_once(place: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", TWO], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert outputs[0] == outputs[1]
    assert len(list(place.iterdir())) == 3


def test_who_comes_second_without_a_lock_leaves_the_first_ones(
    table: Path, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = prepared(table)
    shutil.copytree(place, tmp_path / "made")
    shutil.rmtree(place)
    real = open_data

    def slow(*arguments: Any, **named: Any) -> Any:
        data = real(*arguments, **named)
        shutil.copytree(tmp_path / "made", place)  # meanwhile, by another
        return data

    monkeypatch.setattr(module, "open_data", slow)
    assert same(first, prepared(table))
    assert len(list(place.iterdir())) == 1
