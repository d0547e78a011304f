"""From a configuration to splits with their columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import OpenedData, from_python, open_data
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve
from seqlab.prepare import splits as module
from seqlab.prepare.prepare import prepare
from seqlab.prepare.splits import OpenedSplits, open_splits

ROWS = [{"text": f"text {n}", "label": n % 2} for n in range(20)]


def opened(data: object = None, **options: Any) -> OpenedSplits:
    flags = {"task.name": "classify", "model.name": "lstm"}
    if data is not None:
        flags["data.source"] = "python"
    config = assemble(None, flags, {name.replace("__", "."): v for name, v in options.items()})
    splits = None if data is None else from_python(data)
    return open_splits(resolve(config, installed()), installed(), splits)


def test_a_test_part_without_labels_is_left_out() -> None:
    unlabelled = [{"text": row["text"], "label": None} for row in ROWS]
    result = opened({"train": ROWS, "test": unlabelled})
    sizes = {name: len(split) for name, split in result.splits.items()}
    assert sizes == {"train": 16, "validation": 2, "test": 2}
    assert result.columns == {"text": "text", "label": "label"}
    (left_out,) = (finding for finding in result.findings if finding.action == "dropped")
    assert left_out.cause == "the test split is left out: no row has a value in column 'label'"
    assert left_out.count == 20
    assert result.source == "python"


def test_a_missing_label_is_found_before_rows_are_drawn() -> None:
    with pytest.raises(UserError, match="row 6 lacks a label"):
        opened([*ROWS[:5], {"text": "so", "label": None}, *ROWS])


@pytest.mark.parametrize("from_cache", [False, True])
def test_rows_have_the_numbers_of_their_file(tmp_path: Path, from_cache: bool) -> None:
    file = tmp_path / "rows.csv"
    texts = ["text,label", *(f"text {n},{'' if n == 3 else n % 2}" for n in range(30))]
    file.write_text("\n".join(texts) + "\n")
    flags = {"task.name": "classify", "model.name": "lstm", "data.source": str(file)}
    resolved = resolve(assemble(None, flags, {"data.faulty": "drop"}), installed())
    for _ in range(2 if from_cache else 1):
        prepared = prepare(resolved, installed())
    rows = np.array([0, 5, 9])
    origin, numbers = prepared.locate("train", rows)
    assert origin == str(file)
    train = prepared.splits["train"]
    for row, number in zip(rows.tolist(), numbers, strict=True):
        assert texts[number].split(",")[0] == train[row]["text"]
    assert train.number(5) == numbers[1]


@pytest.mark.parametrize(
    ("task", "source", "options"),
    [
        ("classify", "reviews", {"data.rows": 200}),
        ("regression", "waves", {"data.rows": 200}),
        ("chars", "strings", {"data.string": "hello world"}),
        ("pos", "tagged", {"data.rows": 200}),
    ],
)
@pytest.mark.parametrize("smoke", [False, True])
def test_splits_of_cached_data_are_those_that_were_encoded(
    task: str, source: str, options: dict[str, Any], smoke: bool
) -> None:
    flags = {"task.name": task, "model.name": "lstm", "data.source": source, "smoke": smoke}
    resolved = resolve(assemble(None, flags, options), installed())
    first, second = prepare(resolved, installed()), prepare(resolved, installed())
    assert "from the cache" in second.notices[-1]
    for name, split in first.splits.items():
        again = second.splits[name]
        assert list(map(split.number, range(len(split)))) == [
            again.number(row) for row in range(len(again))
        ]
        assert [split[row] for row in range(len(split))] == [
            again[row] for row in range(len(again))
        ]
        assert (split.before is None) == (again.before is None)


@pytest.mark.parametrize("whole", [False, True])
def test_whole_texts_are_read_from_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    seen: list[OpenedData] = []

    def keep(*arguments: Any, **named: Any) -> OpenedData:
        seen.append(open_data(*arguments, **named))
        return seen[-1]

    monkeypatch.setattr(module, "open_data", keep)
    with pytest.raises(UserError, match="which column is the label"):
        opened(data__source=str(tmp_path / "a.txt"), data__whole=whole)
    assert len(seen[0].splits["train"]) == (1 if whole else 2)


def test_a_part_with_the_rows_of_another_shares_its_arrays() -> None:
    flags = {"task.name": "chars", "model.name": "lstm", "data.source": "python"}
    config = resolve(assemble(None, flags), installed())
    data = from_python([{"text": "hello world " * 40}])
    examples = prepare(config, installed(), data).examples
    assert np.shares_memory(examples["test"].targets, examples["validation"].targets)
    assert not np.shares_memory(examples["test"].targets, examples["train"].targets)
