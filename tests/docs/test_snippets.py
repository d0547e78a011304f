"""Snippets of the pages run, files are shown as they are, and links have a target.

A fenced block under `<!-- run -->` is run, page by page, in one process; training is cut to two
steps. One under `<!-- run with FILE -->` needs a file of the real data sets, and is left out
without it. A block under `<!-- file: NAME -->` is first written to that file. Python, and commands
of seqlab, must be under one of these, or under `<!-- not run: REASON -->`.
"""

from __future__ import annotations

import functools
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqlab
from seqlab.cli import main

ROOT = Path(__file__).parents[2]
SHARED_DATA = Path(os.environ.get("SEQLAB_TEST_DATA", ROOT.parent / "shared" / "data"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))

BLOCK = re.compile(
    r"^<!-- (run|run with \S+|file: \S+) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
UNMARKED = re.compile(r"(?<!-->\n)^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REFUSED = re.compile("refused: |error: ")
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


def _copied(name: str, folder: Path) -> bool:
    """Copy a file of the real data sets; False if it is not there."""
    source = SHARED_DATA / name
    if source.exists():
        shutil.copy(source, folder)
    return source.exists()


def _run_command(words: list[str], monkeypatch: pytest.MonkeyPatch, *, refused: bool) -> None:
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
    assert (end.value.code not in (0, None)) == refused, words


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
        if mark.startswith("file: "):
            (tmp_path / mark.removeprefix("file: ")).write_text(content, encoding="utf-8")
        elif mark != "run" and not _copied(mark.removeprefix("run with "), tmp_path):
            continue
        elif language == "python":
            exec(compile(content, _page(page), "exec"), names)
        else:
            for words, output in _commands(content):
                capsys.readouterr()
                _run_command(words, monkeypatch, refused=any(map(REFUSED.match, output)))
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
