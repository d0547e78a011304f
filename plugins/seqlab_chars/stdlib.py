"""Source code of Python's standard library as text, available on every machine."""

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
"""Modules in the order of use: small ones first, so that few bytes cover many modules."""

_HELD_OUT: Mapping[int, str] = {4: "validation", 9: "test"}
"""Split of the modules whose index ends in this digit; all others are in the training split."""


class StandardLibrary(DataSource):
    """Modules of Python's standard library, one per row, in the columns "text" and "module".

    One module in ten is in the validation split and one in the test split, so metrics are
    measured on code that was not in the training split. The rows depend on the version of Python,
    not on the machine.

    Args:
        megabytes: Maximum size in million bytes; whole modules are taken in a fixed order.
    """

    def __init__(self, megabytes: Annotated[float, Range(0.1, 2.5)] = 0.5) -> None:
        self.megabytes = megabytes

    def fingerprint(self) -> str:
        """The version of Python and the path of its library."""
        return f"{sys.version} {sysconfig.get_path('stdlib')}"

    def load(self) -> Mapping[str, Split]:
        """The modules of each split.

        Raises:
            UserError: This Python has no source code of its standard library.
        """
        folder = Path(sysconfig.get_path("stdlib"))
        splits: dict[str, dict[str, list[str]]] = {
            name: {"module": [], "text": []} for name in ("train", "validation", "test")
        }
        modules = _up_to(_read_modules(folder), self.megabytes * 1e6)
        for index, (module, text) in enumerate(modules):
            columns = splits[_HELD_OUT.get(index % 10, "train")]
            columns["module"].append(module)
            columns["text"].append(text)
        if not all(columns["text"] for columns in splits.values()):
            raise UserError(
                "this Python has too little source code of its standard library",
                location=str(folder),
                remedy="use a Python installation with .py files, or choose other data with --data",
            )
        return {name: Split(name, columns, "stdlib") for name, columns in splits.items()}


def _read_modules(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and source code of each module that exists, as a file or as a package."""
    for module in MODULES:
        for path in (folder / f"{module}.py", folder / module / "__init__.py"):
            if path.is_file():
                with tokenize.open(path) as file:  # respects the encoding declared in the file
                    yield module.replace("/", "."), file.read()
                break


def _up_to(modules: Iterator[tuple[str, str]], max_bytes: float) -> Iterator[tuple[str, str]]:
    """The first modules with at most `max_bytes` bytes in total."""
    total = 0
    for module, text in modules:
        total += len(text.encode())
        if total > max_bytes:
            return
        yield module, text
