"""The reference pages describe everything: their tables are made from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import seqlab
import seqlab.nn
import seqlab.testing
from docs.docstrings import restructured
from docs.generated import GENERATORS, MARK, fill, prose, table
from seqlab.cli import COMMANDS
from seqlab.cli.show import REGISTRIES
from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.options import options_of
from seqlab.plugin.manager import installed

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
API = (REFERENCE / "api.md").read_text(encoding="utf-8")


def _reference() -> str:
    return "\n".join(fill(page.read_text(encoding="utf-8")) for page in REFERENCE.glob("*.md"))


def test_every_table_is_on_a_page() -> None:
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.parent.rglob("*.md")]
    assert {name for page in pages for name in MARK.findall(page)} == {*GENERATORS}


@pytest.mark.parametrize("registry", REGISTRIES.values())
def test_every_built_in_name_is_described(registry: str) -> None:
    reference = _reference()
    origins = {info.name: info.origin for info in installed().infos}
    for entry in getattr(installed(), registry):
        if origins[entry.plugin].startswith("seqlab "):
            heading_or_cell = rf"^## {entry.name}$|^\| `{entry.name}` \|"
            assert re.search(heading_or_cell, reference, re.MULTILINE)
            assert entry.summary in reference or registry == "recipes"


def test_every_command_is_described() -> None:
    reference = _reference()
    assert [name for name in COMMANDS if f"## seqlab {name}" not in reference] == []
    assert "`--temperature X`" in reference


def test_options_have_type_default_and_meaning() -> None:
    reference = _reference()
    option = options_of(EvaluateSettings)["state"]
    assert f"| `evaluate.state` | empty \\| carried | `empty` | {option.meaning} |" in reference
    for section, name in (("model", "hidden_size"), ("tokenizer", "min_count"), ("task", "mode")):
        assert f"| `{section}.{name}` |" in reference


def test_every_public_name_is_described() -> None:
    described = re.findall(r"\.\. (?:auto|py:)\w+:: seqlab\.(\w+)", API)
    assert sorted(described) == sorted([*seqlab.__all__, "plugin"])  # seqlab.plugin.hookspecs
    for module in (seqlab.nn, seqlab.testing):
        page = REFERENCE / f"{module.__name__.removeprefix('seqlab.')}.md"
        assert f".. automodule:: {module.__name__}\n" in page.read_text(encoding="utf-8")


def test_a_cell_keeps_its_bars_and_has_no_html() -> None:
    assert table(("a", "b"), [("x | y", "z")]) == "| a | b |\n| --- | --- |\n| x \\| y | z |\n"
    assert prose("runs/<task> and `<task>`") == "runs/&lt;task> and `<task>`"


def test_docstrings_become_restructured_text() -> None:
    lines = ["Such as *args, `*kwargs` or name_:", "", "    a * b", "", "a | b"]
    expected = [r"Such as \*args, `*kwargs` or name\_::", "", "    a * b", "", r"a \| b"]
    assert list(restructured(lines)) == expected
