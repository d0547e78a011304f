"""The notebook can be executed from its first cell to its last, and shows what it prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.notebook import NOTEBOOK, as_markdown

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"-?\d[\d.,-]*")
FREE = ("seqlab.run(", ".generate")
"""What is printed along the way may change, and drawn texts may."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("notebook") / "executed.ipynb"
    done = subprocess.run(
        [sys.executable, "-m", "docs.notebook", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


def test_no_cell_warns_or_fails(executed: Path) -> None:
    printed = as_markdown(executed)
    assert "Warning" not in printed
    assert "Traceback" not in printed


def test_it_prints_what_it_is_kept_with_but_for_numbers(executed: Path) -> None:
    assert _printed(executed) == _printed(NOTEBOOK)


def test_it_shows_the_whole_python_api(executed: Path) -> None:
    source = executed.read_text(encoding="utf-8")
    for used in ("run(", "load(", ".predict(", ".evaluate(", ".errors(", ".generate("):
        assert used in source, used


def _printed(notebook: Path) -> list[str]:
    """What each cell prints, without its numbers."""
    cells: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        NUMBER.sub("0", "".join("".join(output["text"]) for output in cell["outputs"]))
        for cell in cells
        if cell["cell_type"] == "code" and not any(f in "".join(cell["source"]) for f in FREE)
    ]
