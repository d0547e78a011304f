"""Lists and dictionaries that a program printed as text, such as a data frame saved as csv."""

from __future__ import annotations

import ast
import json
import re
import warnings

_MAX_LENGTH = 20_000
"""Longest text that is parsed, in characters."""

_LAST = frozenset("])}\n ")
"""How a printed list ends: few other texts do, and only these are looked at."""

_ARRAY = re.compile(r"\[(?:\s*(?:'[^']*'|\"[^\"]*\"|\.\.\.)\s*,?)+\]", re.DOTALL)
"""A printed array of texts; long ones are shortened with dots."""

_CALL = re.compile(r"(?:array|list|tuple|set|Index|c)\((.*?)(?:,\s*dtype=\S+)?\)", re.DOTALL)


def is_printed(text: str, *, numbers: bool = True) -> bool:
    """Whether a text is a printed list, tuple or dictionary.

    Args:
        text: The text.
        numbers: Whether a list of nothing but numbers counts, too.
    """
    if text[-1:] not in _LAST or len(text) > _MAX_LENGTH:
        return False
    text = text.strip()
    if match := _CALL.fullmatch(text):
        text = match[1] if match[1][:1] in "[(" else f"[{match[1]}]"
    if text[:1] + text[-1:] not in ("[]", "()", "{}"):
        return False
    value = _parsed(text)
    if not isinstance(value, list | tuple | dict | set):
        return _ARRAY.fullmatch(text) is not None
    return numbers or isinstance(value, dict) or any(isinstance(entry, str) for entry in value)


def _parsed(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the parser, about escapes in the text
        for parse in (ast.literal_eval, json.loads):
            try:
                return parse(text)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
    return None
