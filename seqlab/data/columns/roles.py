"""Conversion of the cells of a column to the values that its role in the task needs."""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from seqlab.config.data_settings import DataSettings
from seqlab.data.columns.numerals import PLAIN, AmbiguousNumbersError, NumberFormat, find_format
from seqlab.data.contracts import Column
from seqlab.data.decisions import Decision
from seqlab.data.encoding.labels import label_text
from seqlab.data.missing import is_missing
from seqlab.data.split import Conversion, Split
from seqlab.errors import UserError

_SAMPLE = 1000
"""Rows whose values decide how numbers are written."""

_MAX_CACHED = 10_000
"""Distinct texts of labels that are kept."""

_LIST = re.compile(r"\[.*\]|[-+\d.eE]+(,?\s+[-+\d.eE]+)+")
"""Several numbers as text: "1 2 3", "1, 2, 3" or JSON."""


def conversions_of(
    task_columns: Sequence[Column],
    columns: Mapping[str, str],
    settings: DataSettings,
    split: Split | None = None,
    *,
    numbers: Iterable[str] = (),
    known: Mapping[str, NumberFormat] = {},
    decisions: list[Decision] | None = None,
) -> dict[str, Conversion]:
    """The conversion of the values of each column whose role needs one.

    Args:
        task_columns: The columns that the task reads.
        columns: Role → column.
        settings: The options of the data.
        split: Rows that show how numbers are written; without it, options alone say so.
        numbers: Further columns that the task reads as numbers.
        known: Formats of an earlier run, as `formats_of` returns them.
        decisions: A list to which decisions about the numbers are added.

    Raises:
        UserError: The numbers of a column can be read in two ways.
    """
    roles = [column for column in task_columns if column.role in columns]
    conversions: dict[str, Conversion] = {}
    for column in roles:
        if "label" in column.kinds:
            conversions[columns[column.role]] = LabelReader()
        elif "number" in column.kinds:
            name = columns[column.role]
            has_lists = any({"list", "numbers"} & {*r.kinds} for r in roles if r is not column)
            if not (has_lists and _holds_lists(split, name)):
                form = known.get(column.role)
                conversions[name] = number_reader(split, name, settings, form, decisions)
    for name in numbers:
        conversions[name] = number_reader(split, name, settings, known.get(name), decisions)
    return conversions


def as_read(
    task_columns: Sequence[Column], columns: Mapping[str, str], split: Split
) -> list[Column]:
    """The columns of a task, without the kinds of lists where texts are read as numbers.

    A column of numbers as text may hold a text such as "1,5", which would be a list elsewhere.

    Args:
        task_columns: The columns that the task reads.
        columns: Role → column.
        split: The split, converted by `conversions_of`.
    """
    return [
        replace(column, kinds=("number",))
        if isinstance(split.conversions.get(name := columns.get(column.role, "")), NumberReader)
        and _texts(split, name)
        else column
        for column in task_columns
    ]


def formats_of(split: Split, columns: Mapping[str, str]) -> dict[str, NumberFormat]:
    """How the numbers of a split are written, by role, or by column where there is no role.

    Args:
        split: The split, converted by `conversions_of`.
        columns: Role → column.
    """
    roles = {column: role for role, column in columns.items()}
    return {
        roles.get(column, column): conversion.form
        for column, conversion in split.conversions.items()
        if isinstance(conversion, NumberReader)
    }


def number_reader(
    split: Split | None,
    column: str,
    settings: DataSettings,
    known: NumberFormat | None = None,
    decisions: list[Decision] | None = None,
) -> NumberReader:
    """The reader of a column of numbers, in the format that its values have.

    Args:
        split: Rows that show how numbers are written.
        column: The column.
        settings: The options of the data, which come first.
        known: The format of an earlier run, which counts as long as all these values fit.
        decisions: A list to which the decision is added.

    Raises:
        UserError: The numbers can be read in two ways.
    """
    try:
        form = _find_format(_texts(split, column), settings, known)
    except AmbiguousNumbersError as error:
        location = split.location(column) if split else column
        marks = f"{error.first.decimal} or -o data.decimal={error.second.decimal}"
        raise UserError(
            f"cannot tell how numbers are written: {error}",
            location=location,
            remedy=f"name the mark before decimals: -o data.decimal={marks}",
        ) from None
    if decisions is not None and split is not None and column in split.column_names:
        notable = form != (known or PLAIN) and not _is_chosen(settings)
        decisions.append(
            Decision(f"numbers of '{column}'", str(form), "data.decimal", notable=notable)
        )
    return NumberReader(form, settings.missing_cells)


def _find_format(
    texts: Sequence[str], settings: DataSettings, known: NumberFormat | None
) -> NumberFormat:
    """The format of an earlier run, if all texts are numbers in it, or else that of the texts."""
    if known is not None and not _is_chosen(settings) and None not in map(known.parse, texts):
        return known
    return find_format(texts, settings.decimal, settings.thousands)


def _is_chosen(settings: DataSettings) -> bool:
    return settings.decimal != "auto" or settings.thousands is not None


class NumberReader:
    """Makes numbers of texts and of the numbers of libraries; other values stay as they are.

    Args:
        form: How numbers are written as text.
        missing: Cells that are missing values; numbers among them are compared by value.
    """

    def __init__(self, form: NumberFormat = PLAIN, missing: Iterable[str] = ()) -> None:
        self.form = form
        numbers = (PLAIN.parse(cell) for cell in missing)
        self.missing = {number for number in numbers if number is not None and number == number}

    def __call__(self, value: Any) -> object:
        """The number, None for a missing value, or the value itself."""
        if isinstance(value, str):
            number = self.form.parse(value)
            if number is None:
                return value
        elif isinstance(value, decimal.Decimal | np.number) and not is_missing(value):
            number = float(value)
        else:
            number = value
        is_listed = self.missing and isinstance(number, int | float) and number in self.missing
        return None if is_listed else number


class LabelReader:
    """Makes the text of each label; what cannot be a label stays as it is."""

    def __init__(self) -> None:
        self._texts: dict[str, str | None] = {}

    def __call__(self, value: object) -> object:
        """The text, None for a missing label, or the value itself."""
        if type(value) is not str:
            try:
                return label_text(value)
            except TypeError:
                return value
        try:
            return self._texts[value]
        except KeyError:
            text = label_text(value)
            if len(self._texts) < _MAX_CACHED:
                self._texts[value] = text
            return text


def _texts(split: Split | None, column: str) -> list[str]:
    """The first texts of a column, as they are stored."""
    if split is None or column not in split.column_names:
        return []
    sample = split.select_columns([column]).converted({}).sample(_SAMPLE)
    return [value for value in sample.get(column, ()) if isinstance(value, str) and value.strip()]


def _holds_lists(split: Split | None, column: str) -> bool:
    """Whether most texts of a column are lists of numbers."""
    texts = _texts(split, column)
    return 2 * sum(bool(_LIST.fullmatch(text.strip())) for text in texts) > len(texts)
