"""The page on the architecture names all packages in their order, and functions that exist."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "seqlab"
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

LINE = re.compile(r"^(?P<indent>[│ ]*)[├└]── (?P<name>\S+) +\S", re.MULTILINE)
INDENT = 4
FUNCTION = re.compile(r"`((?:\w+/)*\w+\.py)`: `([\w.]+)`")
TERM = re.compile(r"\*\*`(\w+)`\*\*")


def _tree() -> list[str]:
    """The paths in the tree of the page, from top to bottom; folders end with a slash."""
    block = PAGE.split("```text\nseqlab/\n")[1].split("```")[0]
    parents: list[str] = []
    paths = []
    for match in LINE.finditer(block):
        depth = len(match["indent"]) // INDENT
        parents = [*parents[:depth], match["name"]]
        paths.append("".join(parents))
    return paths


def _packages(folder: Path) -> Iterator[str]:
    """All packages below a folder, relative to `seqlab`."""
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").is_file():
            yield f"{path.relative_to(PACKAGE)}/"
            yield from _packages(path)


def _layers() -> list[set[str]]:
    """The names of each import layer of pyproject.toml, from top to bottom."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [set(line.split(" | ")) for line in lines]


def _definitions(file: Path) -> set[str]:
    """The functions, classes and methods of a module."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (child for child in node.body if isinstance(child, ast.FunctionDef))
            names |= {f"{node.name}.{method.name}" for method in methods}
    return names


def test_the_tree_has_every_package_and_root_module() -> None:
    modules = [file.name for file in PACKAGE.glob("*.py") if file.name != "__init__.py"]
    assert sorted(_tree()) == sorted([*_packages(PACKAGE), *modules])


def test_the_tree_is_in_the_order_of_the_import_layers() -> None:
    block = PAGE.split("```text\nseqlab/\n")[1].split("```")[0]
    groups = [
        {
            m["name"].removesuffix("/").removesuffix(".py")
            for m in LINE.finditer(g)
            if not m["indent"]
        }
        for g in block.split("│\n")
    ]
    assert groups == _layers()


def test_contributing_has_the_order_of_the_import_layers() -> None:
    block = CONTRIBUTING.split("## Import layers")[1].split("    cli →")[1].split("\n\n")[0]
    lines = f"cli → {block}".replace("\n", " ").split("→")
    assert [set(re.findall(r"\w+", line)) for line in lines] == _layers()[1:]


@pytest.mark.parametrize(("module", "name"), FUNCTION.findall(PAGE))
def test_the_functions_of_the_page_exist(module: str, name: str) -> None:
    assert name in _definitions(PACKAGE / module)


def test_the_contracts_of_the_page_are_public() -> None:
    import seqlab
    import seqlab.nn

    terms = TERM.findall(PAGE.split("## Contracts")[1].split("\n## ")[0])
    assert len(terms) >= 9
    assert set(terms) <= {*seqlab.__all__, *seqlab.nn.__all__}
