"""Python's own standard-library source as text: every machine that runs this has it."""

from __future__ import annotations

import sys
import sysconfig
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from seqlab import DataSource, Range, Split, UserError

_NAMES = """
bisect fnmatch textwrap string csv copy colorsys glob cmd queue
random calendar contextlib hashlib dataclasses pprint mimetypes difflib selectors wave
enum fileinput getopt graphlib linecache shelve netrc operator trace hmac
gettext gzip tempfile plistlib sched secrets reprlib uuid types timeit
optparse socketserver socket smtplib shutil tokenize weakref traceback quopri warnings
configparser argparse ast threading pickle inspect subprocess filecmp webbrowser lzma
mailbox typing ipaddress bdb tarfile platform pydoc datetime doctest stringprep
locale pickletools pdb imaplib dis http/server http/client html/parser ssl pyclbr
"""
MODULES = tuple(_NAMES.split())
"""In the order in which they are taken: small ones first, so that few bytes are many modules."""

_HELD_OUT: Mapping[int, str] = {4: "validation", 9: "test"}
"""Of ten modules in a row, one is held out for each of these."""


class StandardLibrary(DataSource):
    """Source of modules of Python's standard library, a module a row, as "text" and "module".

    Of ten modules one is for validation and one for the test, so that what is measured is code
    that training never saw. The texts are those of the Python that runs this: the same version
    gives the same rows on every machine.

    Args:
        megabytes: Whole modules are taken, in a fixed order, up to this many million bytes.
    """

    def __init__(self, megabytes: Annotated[float, Range(0.1, 2.5)] = 0.5) -> None:
        self.megabytes = megabytes

    def fingerprint(self) -> str:
        """Which Python it is, and where its library is."""
        return f"{sys.version} {sysconfig.get_path('stdlib')}"

    def load(self) -> Mapping[str, Split]:
        """The modules of each split.

        Raises:
            UserError: This Python came without the source of its library.
        """
        folder = Path(sysconfig.get_path("stdlib"))
        splits: dict[str, dict[str, list[str]]] = {
            name: {"module": [], "text": []} for name in ("train", "validation", "test")
        }
        for place, (module, text) in enumerate(_within(_sources(folder), self.megabytes * 1e6)):
            columns = splits[_HELD_OUT.get(place % 10, "train")]
            columns["module"].append(module)
            columns["text"].append(text)
        if not all(columns["text"] for columns in splits.values()):
            raise UserError(
                "this Python has too little of its standard library's source",
                location=str(folder),
                remedy="use a Python with its .py files, or give another --data",
            )
        return {name: Split(name, columns, "stdlib") for name, columns in splits.items()}


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and source of each module that is there; a module may have become a package."""
    for module in MODULES:
        for file in (folder / f"{module}.py", folder / module / "__init__.py"):
            if file.is_file():
                with tokenize.open(file) as opened:  # decodes as the file's first lines ask
                    yield module.replace("/", "."), opened.read()
                break


def _within(sources: Iterator[tuple[str, str]], limit: float) -> Iterator[tuple[str, str]]:
    """As many as fit into so many bytes."""
    total = 0
    for module, text in sources:
        total += len(text.encode())
        if total > limit:
            return
        yield module, text
