"""Opening of text files: decompression by content, and the encoding of the text."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from seqlab.errors import UserError, nearest

BOM = "\ufeff"

_MARKS = (  # UTF-32 first: its mark starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 4096
_GUESSED_BYTES = 1 << 16
"""Size of the lines by which the encoding of a text is guessed, in bytes."""

_GUESSED = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
"""Encodings that are guessed: those in which spreadsheets and data bases export."""

_RARE = 0.04
"""Share of the bytes above ASCII below which a text is not in a language of cp1250."""

_GZIP = b"\x1f\x8b"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that a text does not hold."""

_UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, decompressed if it is compressed by gzip, xz, bzip2 or zip.

    The first bytes decide, not the suffix: downloads are sometimes unpacked on the way.

    Raises:
        UserError: The file cannot be read, also later while it is read inside `with`.
    """
    try:
        with path.open("rb") as file:
            start = file.read(10)
            file.seek(0)
            if path.suffix.lower() == ".gz" and _CONTROL.search(start) and start[:2] != _GZIP:
                raise OSError("not a gzip file")
            yield _decompressed(file, start, path)
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UserError(
            f"the file cannot be read: {reason}",
            location=str(path),
            remedy="fix the file, or create it again",
        ) from None


def _decompressed(file: IO[bytes], start: bytes, path: Path) -> IO[bytes]:
    if start.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if start.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(file)
    if start.startswith(b"BZh") and start[4:] == b"1AY&SY":
        return bz2.open(file)
    if start.startswith(b"PK\x03\x04") and path.suffix.lower() == ".zip":
        return _only_member(zipfile.ZipFile(file), path)
    return file


def _only_member(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    members = [member for member in members if not member.filename.startswith("__MACOSX/")]
    if len(members) != 1 or members[0].flag_bits & 1:
        state = (
            "is encrypted" if len(members) == 1 else f"holds {len(members)} files instead of one"
        )
        raise UserError(
            f"the archive {state}", location=str(path), remedy="unpack it, and give the folder"
        )
    return archive.open(members[0])


@contextmanager
def open_text(
    path: Path, encoding: str | None = None, *, newline: str | None = ""
) -> Iterator[TextIO]:
    r"""Open a text file, decompressed and decoded, without its byte order mark.

    Args:
        path: The file.
        encoding: The encoding; None for UTF-8 or that of the byte order mark.
        newline: "" keeps all line ends as they are; None makes "\n" of them.

    Raises:
        UserError: The encoding is unknown, or the file cannot be read or decoded, also later while
            it is read inside `with`.
    """
    with open_bytes(path) as file:
        name = _encoding_of(file, path, encoding)
        text = io.TextIOWrapper(file, encoding=name, newline=newline)
        try:
            yield text
        except UnicodeError:
            raise _undecodable(path, encoding, name) from None
        finally:
            text.detach()


def encoding_of(path: Path, encoding: str | None = None) -> str:
    """The name of the encoding in which `open_text` reads a file."""
    with open_bytes(path) as file:
        return _encoding_of(file, path, encoding)


def _encoding_of(file: IO[bytes], path: Path, encoding: str | None) -> str:
    start: bytes = file.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if encoding is not None:
        return _known(encoding)
    if b"\0" in start and (guess := _without_mark(start)) is not None:
        raise UserError(
            f"the text is not UTF-8 but {guess.upper()} without a byte order mark",
            location=f"{path}, line 1",
            remedy=f"set the encoding with -o data.encoding={guess}",
        )
    return "utf-8"


def _known(encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
        "".encode(codec.name)  # hex, rot13 and others do not encode text
    except (LookupError, ValueError):
        import encodings.aliases

        near = nearest(encoding, encodings.aliases.aliases)
        raise UserError(
            f"there is no encoding '{encoding}'",
            location="data.encoding",
            remedy=f"did you mean '{near}'?" if near else "name one such as utf-8 or cp1252",
        ) from None
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def _without_mark(start: bytes) -> str | None:
    """UTF-16 or UTF-32, if nearly half or more of the bytes are NUL at regular positions."""
    zeros = [start[offset::4].count(0) * 4 / max(len(start), 1) for offset in range(4)]
    if min(zeros[1:]) > 0.8:
        return "utf-32-le"
    if min(zeros[:3]) > 0.8:
        return "utf-32-be"
    if min(zeros[1], zeros[3]) > 0.5 and max(zeros[0], zeros[2]) < 0.2:
        return "utf-16-le"
    if min(zeros[0], zeros[2]) > 0.5 and max(zeros[1], zeros[3]) < 0.2:
        return "utf-16-be"
    return None


def _undecodable(path: Path, chosen: str | None, encoding: str) -> UserError:
    """The error for a text, with its first undecodable byte and the encoding that would fit."""
    line, byte, value = _first_fault(path, encoding)
    shown = "UTF-8" if encoding.startswith("utf-8") else encoding
    guess = _guess(path) if chosen is None or encoding.startswith("utf-8") else None
    other = f"set the encoding with -o data.encoding={guess}; or " if guess else ""
    if chosen is not None and not guess:
        other = "name the right encoding with -o data.encoding=NAME; or "
    return UserError(
        f"the text is not {shown}: byte {byte} of the line is 0x{value:02x}",
        location=f"{path}, line {line}",
        remedy=f"{other}save the file as UTF-8",
    )


def _first_fault(path: Path, encoding: str) -> tuple[int, int, int]:
    """Line, byte in the line, both from 1 on, and value of the first undecodable byte."""
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 0
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            try:
                decoder.decode(line)
            except UnicodeDecodeError as error:
                at = min(error.start, len(error.object) - 1)
                return number, at + 1, error.object[at]
            except UnicodeError:
                break
    return max(number, 1), 1, 0


def _guess(path: Path) -> str | None:
    """The likely encoding of a text that is not UTF-8, by its lines that are not ASCII."""
    from charset_normalizer import from_bytes

    sample = bytearray()
    with open_bytes(path) as file:
        for line in file:
            if not line.isascii():
                sample += line[:_SAMPLE]
            if len(sample) > _GUESSED_BYTES:
                break
    if b"\0" in sample:
        return None
    best = from_bytes(bytes(sample), cp_isolation=list(_GUESSED)).best()
    name = None if best is None else best.encoding.replace("_", "-")
    # siblings of cp1252 differ in few letters, which their languages need far more often
    is_rare = name in ("cp1250", "cp1254", "cp1257") and _is_decodable(bytes(sample), "cp1252")
    is_rare = is_rare and sum(byte > 127 for byte in sample) < _RARE * len(sample)
    return "cp1252" if name is None or is_rare or _is_western(bytes(sample)) else name


def _is_decodable(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(sample: bytes) -> bool:
    """Whether bytes are cp1252: single letters with accents, or marks, among ASCII letters."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    others = [character for character in text if not character.isascii()]
    common = sum(character in _WESTERN for character in others) - len(_BETWEEN.findall(text))
    return common >= 0.9 * len(others) and len(others) < 0.35 * len(text)


_WESTERN = frozenset(
    "äöüßÄÖÜéèêëàâçîïôûùœŒÉÈÀÇáíóúñÁÍÓÚÑ¿¡åæøÅÆØãõÃÕìòÌÒ€£§°–—‘’“”„«»…•®©™·²³½µ´\xa0"
)
_BETWEEN = re.compile(
    r"(?<=[^\W\d_])[¿¡µ§£](?=[^\W\d_])|(?<=[^\W\d_m])[²³¹¶]|(?<=[bcdghjklmnpqrtvwxyz])[œæ]"
)
"""Characters that do not stand inside a word, or at its end, in a western language."""
