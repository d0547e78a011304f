"""Delimited text (.csv, .tsv), JSON (.json, .jsonl) and plain texts (.txt)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain
from typing import TextIO

from seqlab.data.split import Split
from seqlab.data.writing.cells import cell, plain, unsuitable
from seqlab.data.writing.delimited_lines import delimited_line
from seqlab.errors import UserError

_SPECIAL = ("\t", "\n", "\r")


def write_csv(split: Split, file: TextIO) -> None:
    """Write a header and a record per row; fields that need quotes are quoted."""
    file.write(delimited_line(split.column_names, ","))
    file.writelines(delimited_line(row, ",") for row in _cells(split))


def write_tsv(split: Split, file: TextIO) -> None:
    """Write fields as they are; all in quotes if one holds a tab, a line end or a quote at an end.

    A quote inside of a text needs none of this: a reader of .tsv files takes it as it is.
    """
    names = split.column_names
    needs_quotes = any(map(_is_special, chain(names, chain.from_iterable(_cells(split)))))
    if needs_quotes:
        writer = csv.writer(file, "excel-tab", lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(names)
        writer.writerows(_cells(split))
        return
    file.write("\t".join(names) + "\n")
    file.writelines("\t".join(text or "" for text in row) + "\n" for row in _cells(split))


def write_jsonl(split: Split, file: TextIO) -> None:
    """Write an object per line."""
    file.writelines(f"{line}\n" for line in _objects(split))


def write_json(split: Split, file: TextIO) -> None:
    """Write a list of objects, one per line."""
    file.write("[")
    for number, line in enumerate(_objects(split)):
        file.write(",\n" * (number > 0) + line)
    file.write("]\n")


def write_txt(split: Split, file: TextIO) -> None:
    """Write the only column, a text per line."""
    names = split.column_names
    if len(names) != 1:
        raise UserError(
            f"a .txt file holds one column, and the data have {len(names)}: "
            f"{', '.join(names[:10])}",
            location=split.location(),
            remedy="write a .csv or a .jsonl file",
        )
    for number, (text,) in enumerate(_cells(split), 1):
        if text is None or "\n" in text or "\r" in text:
            cause = "is missing" if text is None else "has a line end, and a line is a text"
            raise unsuitable(f"the text of row {number} {cause}", split.location(names[0]))
        file.write(text + "\n")


def _cells(split: Split) -> Iterator[list[str | None]]:
    names = split.column_names
    locations = {name: split.location(name) for name in names}
    for batch in split.batches():
        for values in zip(*(batch[name] for name in names), strict=True):
            pairs = zip(names, values, strict=True)
            yield [cell(value, name, locations[name]) for name, value in pairs]


def _objects(split: Split) -> Iterator[str]:
    names, row = split.column_names, 0
    for batch in split.batches():
        for values in zip(*(batch[name] for name in names), strict=True):
            row += 1
            try:
                simple = {name: plain(value) for name, value in zip(names, values, strict=True)}
            except TypeError as error:
                raise UserError(
                    f"row {row} holds {error}, which JSON cannot",
                    location=split.location(),
                    remedy="write a .parquet or an .arrow file",
                ) from None
            yield json.dumps(simple, ensure_ascii=False)


def _is_special(text: str | None) -> bool:
    if not text:
        return False
    return text[0] == '"' or text[-1] == '"' or any(mark in text for mark in _SPECIAL)
