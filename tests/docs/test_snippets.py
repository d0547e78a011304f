"""Snippets of the pages run, files are shown as they are, and links have a target.

A fenced block under `<!-- run -->` is run, page by page, in one process; training is cut to two
steps. A block under `<!-- file: NAME -->` is first written to that file. Python, and commands of
seqlab, must be under one of the two, or under `<!-- not run: REASON -->`.
"""

from __future__ import annotations

import functools
import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqlab
from seqlab.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))

BLOCK = re.compile(r"^<!-- (run|file: \S+) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNMARKED = re.compile(r"(?<!-->\n)^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")

EXACT = ("data", "list", "show")
"""Subcommands that print the same with `--smoke` runs as with real ones."""


def _page(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path) -> list[tuple[str, str, str]]:
    """The marked blocks of a page: mark, language, content."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def _commands(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words of each command of a block, and the lines of output below it."""
    for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *output = text.splitlines()
        yield shlex.split(command), output


def _run_command(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert words[0] == "seqlab", "only this command can be run here"
    if words[-2] == "<":
        stdin = io.TextIOWrapper(io.BytesIO(Path(words[-1]).read_bytes()))
        monkeypatch.setattr(sys, "stdin", stdin)
        words = words[:-2]
    if words[1] == "run":
        words = [*words, "--smoke"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, None), words


def _assert_shown(output: list[str], printed: str) -> None:
    """Check that a command printed the lines of a page; "…" stands for any characters or lines."""
    pattern = re.escape("\n".join(line.rstrip() for line in output)).replace("…", "(?:.|\n)*")
    text = "\n".join(line.rstrip() for line in printed.splitlines())
    assert re.fullmatch(pattern, text), printed


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page)], ids=_page)
def test_snippets_run(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(seqlab, "run", functools.partial(seqlab.run, smoke=True))
    names: dict[str, object] = {}
    for mark, language, content in _blocks(page):
        if mark != "run":
            (tmp_path / mark.removeprefix("file: ")).write_text(content, encoding="utf-8")
        elif language == "python":
            exec(compile(content, _page(page), "exec"), names)
        else:
            for words, output in _commands(content):
                capsys.readouterr()
                _run_command(words, monkeypatch)
                if output and words[1] in EXACT:
                    _assert_shown(output, capsys.readouterr().out)


@pytest.mark.parametrize("example", EXAMPLES, ids=_page)
def test_examples_are_shown_as_they_are(example: Path) -> None:
    shown = [
        content
        for page in PAGES
        for mark, _, content in _blocks(page)
        if mark == f"file: {example.name}"
    ]
    assert shown, "no page shows it"
    assert set(shown) == {example.read_text(encoding="utf-8")}


def test_the_example_of_a_layer_is_short() -> None:
    text = (ROOT / "docs" / "examples" / "mylayer.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 25


@pytest.mark.parametrize("page", PAGES, ids=_page)
def test_every_snippet_has_a_mark(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^<!-- (?:run|file)", text, re.MULTILINE)) == len(_blocks(page))
    for language, content in UNMARKED.findall(text):
        assert language == "console", content
        assert not any(words[0] == "seqlab" for words, _ in _commands(content)), content


@pytest.mark.parametrize("page", PAGES, ids=_page)
def test_links_have_a_target(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
