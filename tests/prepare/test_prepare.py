"""From a configuration to parts with their columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import OpenedData, open_data
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve
from seqlab.prepare import prepare as preparation
from seqlab.prepare.prepare import open_splits, row_numbers

ROWS = [{"text": f"text {n}", "label": n % 2} for n in range(20)]


def opened(data: object = None, **options: Any) -> Any:
    flags = {"task.name": "classify", "model.name": "lstm"}
    if data is not None:
        flags["data.source"] = "python"
    config = assemble(None, flags, {name.replace("__", "."): v for name, v in options.items()})
    return open_splits(resolve(config, installed()), installed(), data)


def test_a_test_part_without_labels_is_left_out() -> None:
    unlabelled = [{"text": row["text"], "label": None} for row in ROWS]
    splits, columns, _, source, findings = opened({"train": ROWS, "test": unlabelled})
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 16,
        "validation": 2,
        "test": 2,
    }
    assert columns == {"text": "text", "label": "label"}
    (left_out,) = (each for each in findings if each.action == "dropped")
    assert left_out.cause == "the test split is left out: no row has a value in column 'label'"
    assert left_out.count == 20
    assert source == "python"


def test_a_missing_label_is_found_before_rows_are_drawn() -> None:
    with pytest.raises(UserError, match="row 6 is without a label"):
        opened([*ROWS[:5], {"text": "so", "label": None}, *ROWS])


def test_rows_have_the_numbers_of_their_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    texts = ["text,label", *(f"text {n},{'' if n == 3 else n % 2}" for n in range(30))]
    file.write_text("\n".join(texts) + "\n")
    asked = {"task.name": "classify", "model.name": "lstm", "data.source": str(file)}
    resolved = resolve(assemble(None, asked, {"data.faulty": "drop"}), installed())
    train, rows = open_splits(resolved, installed()).splits["train"], np.array([0, 5, 9])
    origin, numbers = row_numbers(resolved, installed(), rows)
    assert origin == str(file)
    for row, number in zip(rows.tolist(), numbers, strict=True):
        assert texts[number].split(",")[0] == train[row]["text"]


@pytest.mark.parametrize("whole", [False, True])
def test_whole_texts_are_asked_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    seen: list[OpenedData] = []

    def keep(*arguments: Any, **named: Any) -> OpenedData:
        seen.append(open_data(*arguments, **named))
        return seen[-1]

    monkeypatch.setattr(preparation, "open_data", keep)
    with pytest.raises(UserError, match="which column is the label"):
        opened(data__source=str(tmp_path / "a.txt"), data__whole=whole)
    assert len(seen[0].splits["train"]) == (1 if whole else 2)


def test_a_part_with_the_rows_of_another_shares_its_arrays() -> None:
    flags = {"task.name": "chars", "model.name": "lstm", "data.source": "python"}
    config = resolve(assemble(None, flags), installed())
    found = preparation.prepare(config, installed(), [{"text": "hello world " * 40}]).examples
    assert np.shares_memory(found["test"].targets, found["validation"].targets)
    assert not np.shares_memory(found["test"].targets, found["train"].targets)
