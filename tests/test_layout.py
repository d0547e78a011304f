"""What the code keeps to beside style and types: size, openness, nothing left undone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqlab
import seqlab.nn
import seqlab.testing

ROOT = Path(__file__).parents[1]
FILES = sorted(file for top in ("seqlab", "plugins") for file in (ROOT / top).rglob("*.py"))
PLUGINS = sorted(folder.name for folder in (ROOT / "plugins").iterdir() if folder.is_dir())

FILE_LINES = 400
FUNCTION_LINES = 40  # without its docstring

PUBLIC = {module.__name__: set(module.__all__) for module in (seqlab, seqlab.nn, seqlab.testing)}
PUBLIC["seqlab"] |= {"nn", "testing"}


def _place(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every imported (module, name); the name is empty for `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their package"
            yield from ((node.module or "", alias.name) for alias in node.names)


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    total = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or 0) - first.lineno + 1
    return total


@pytest.mark.parametrize("file", FILES, ids=_place)
def test_files_and_functions_are_small(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= FILE_LINES
    long = {
        node.name: _lines(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _lines(node) > FUNCTION_LINES
    }
    assert not long


@pytest.mark.parametrize("file", FILES, ids=_place)
def test_nothing_is_left_undone(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not [word for word in ("TODO", "FIXME", "XXX", "NotImplementedError") if word in text]


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.is_relative_to(ROOT / "plugins")], ids=_place
)
def test_a_plugin_imports_public_names_only(file: Path) -> None:
    plugin = file.relative_to(ROOT / "plugins").parts[0]
    for module, name in _imported(ast.parse(file.read_text(encoding="utf-8"))):
        package = module.partition(".")[0]
        if package == "seqlab":
            assert module in PUBLIC, f"{module} is not public"
            assert not name or name in PUBLIC[module], f"{module}.{name} is not public"
        assert package == plugin or package not in PLUGINS, f"{plugin} knows {package}"


def test_public_names_exist() -> None:
    for module in (seqlab, seqlab.nn, seqlab.testing):
        assert len(set(module.__all__)) == len(module.__all__)
        for name in module.__all__:
            assert getattr(module, name) is not None
