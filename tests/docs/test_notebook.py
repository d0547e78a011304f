"""The notebook runs from its first cell to its last, and its saved outputs are up to date."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.notebook import NOTEBOOK, as_markdown
from seqlab.types import JsonObject

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"-?\d[\d.,-]*")
NOT_COMPARED = ("seqlab.run(", ".generate")
"""Cells with these calls print messages of the training, or sampled text, which may differ."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("notebook") / "executed.ipynb"
    completed = subprocess.run(
        [sys.executable, "-m", "docs.notebook", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return target


def test_no_cell_warns_or_fails(executed: Path) -> None:
    printed = as_markdown(executed)
    assert "Warning" not in printed
    assert "Traceback" not in printed


def test_the_outputs_are_those_that_are_saved_except_for_numbers(executed: Path) -> None:
    assert _printed(executed) == _printed(NOTEBOOK)


def test_it_shows_the_whole_python_api(executed: Path) -> None:
    source = executed.read_text(encoding="utf-8")
    for call in ("run(", "load(", ".predict(", ".evaluate(", ".errors(", ".generate("):
        assert call in source, call


def _printed(notebook: Path) -> list[str]:
    """What each cell prints, without its numbers."""
    cells: list[JsonObject] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        NUMBER.sub("0", "".join("".join(output["text"]) for output in cell["outputs"]))
        for cell in cells
        if cell["cell_type"] == "code" and not _has_free_output(cell)
    ]


def _has_free_output(cell: JsonObject) -> bool:
    source = "".join(cell["source"])
    return any(call in source for call in NOT_COMPARED)
