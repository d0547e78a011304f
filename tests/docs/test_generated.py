"""The reference pages name all that there is: made from the code, so that they cannot be stale."""

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


def test_every_table_has_a_place() -> None:
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.parent.rglob("*.md")]
    assert {name for page in pages for name in MARK.findall(page)} == {*GENERATORS}


@pytest.mark.parametrize("registry", REGISTRIES.values())
def test_all_that_is_built_in_is_described(registry: str) -> None:
    shown = _reference()
    origins = {info.name: info.origin for info in installed().infos}
    for entry in getattr(installed(), registry):
        if origins[entry.plugin].startswith("seqlab "):
            assert re.search(rf"^## {entry.name}$|^\| `{entry.name}` \|", shown, re.MULTILINE)
            assert entry.summary in shown or registry == "recipes"


def test_every_command_is_described() -> None:
    shown = _reference()
    assert [name for name in COMMANDS if f"## seqlab {name}" not in shown] == []
    assert "`--temperature X`" in shown


def test_options_stand_with_type_default_and_meaning() -> None:
    shown = _reference()
    option = options_of(EvaluateSettings)["state"]
    assert f"| `evaluate.state` | empty \\| carried | `empty` | {option.meaning} |" in shown
    for section, known in (("model", "hidden_size"), ("tokenizer", "min_count"), ("task", "mode")):
        assert f"| `{section}.{known}` |" in shown


def test_every_public_name_is_described() -> None:
    described = re.findall(r"\.\. (?:auto|py:)\w+:: seqlab\.(\w+)", API)
    assert sorted(described) == sorted([*seqlab.__all__, "hookspecs"])
    for module in (seqlab.nn, seqlab.testing):
        page = REFERENCE / f"{module.__name__.removeprefix('seqlab.')}.md"
        assert f".. automodule:: {module.__name__}\n" in page.read_text(encoding="utf-8")


def test_a_cell_keeps_its_bars_and_holds_no_html() -> None:
    assert table(("a", "b"), [("x | y", "z")]) == "| a | b |\n| --- | --- |\n| x \\| y | z |\n"
    assert prose("runs/<task> and `<task>`") == "runs/&lt;task> and `<task>`"


def test_docstrings_become_restructured_text() -> None:
    lines = ["Such as *args, `*kwargs` or name_:", "", "    a * b", "", "a | b"]
    expected = [r"Such as \*args, `*kwargs` or name\_::", "", "    a * b", "", r"a \| b"]
    assert list(restructured(lines)) == expected
