"""An entry of the cache: encoded splits and the fitted task, as JSON and mapped arrays."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import RowHashes
from seqlab.data.columns.numerals import NumberFormat
from seqlab.data.contracts import Tokenizer
from seqlab.data.decisions import Decision
from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.files.writing import atomic_folder, seal, unseal
from seqlab.prepare.cache.arrays import DamagedError, load_arrays, save_arrays
from seqlab.prepare.cache.content import HEADER
from seqlab.prepare.encoded import Encoded
from seqlab.prepare.splits import SplitIndex
from seqlab.task import Task
from seqlab.types import Array, JsonObject

_TABLE = tuple(field.name for field in fields(CharacterTable))
_HASHES = tuple(field.name for field in fields(RowHashes))
_ARRAYS = ("starts", "lengths", "targets", "rows")
_VALUES = ("per", "unit", "stateful", "chunk_length", "known_classes")
"""Fields of `Examples` that are stored as JSON."""


def save(target: Path, encoded: Encoded, description: Mapping[str, str]) -> None:
    """Write an entry atomically.

    Args:
        target: The folder of the entry; an existing entry is kept.
        encoded: The data.
        description: Task, tokenizer and source, for listings of the cache.

    Raises:
        OSError: The entry cannot be written.
        TypeError: The fitted task is not JSON, or an array is not numeric.
        ValueError: The fitted task is not JSON.
    """
    if target.exists():
        return  # another process has written it
    with atomic_folder(target) as folder:
        document = {
            "what": dict(description),
            "fitted": encoded.fitted.to_json(),
            "tokenizers": {n: t.to_json() for n, t in encoded.fitted.tokenizers.items()},
            "columns": encoded.columns,
            "formats": {name: asdict(form) for name, form in encoded.formats.items()},
            "decisions": [decision.to_json() for decision in encoded.decisions],
            "source": encoded.source,
            "findings": [finding.to_json() for finding in encoded.findings],
            "splits": {name: _describe(split) for name, split in encoded.examples.items()},
            "index": _describe_index(encoded.index),
            "arrays": save_arrays(folder, _arrays(encoded)),
        }
        (folder / HEADER).write_text(seal(json.dumps(document)), encoding="utf-8")


def load(folder: Path, task: type[Task], tokenizer: type[Tokenizer] | None) -> Encoded | None:
    """Read an entry; None if it does not exist.

    Raises:
        DamagedError: The entry is damaged.
    """
    try:
        document = json.loads(unseal((folder / HEADER).read_text(encoding="utf-8")))
    except FileNotFoundError:
        if folder.exists():
            raise DamagedError(f"{HEADER} is missing") from None
        return None
    except (OSError, ValueError) as error:
        raise DamagedError(f"{HEADER}: {error}") from None
    arrays = load_arrays(folder, document["arrays"])
    states = document["tokenizers"]
    tokenizers = {n: tokenizer.from_json(s) for n, s in states.items()} if tokenizer else {}
    os.utime(folder / HEADER)  # the time of the last use
    return Encoded(
        fitted=task.fitted.from_json(document["fitted"], tokenizers),
        columns=document["columns"],
        formats={name: NumberFormat(**form) for name, form in document["formats"].items()},
        examples={n: _examples(n, split, arrays) for n, split in document["splits"].items()},
        source=document["source"],
        decisions=[Decision(**record) for record in document["decisions"]],
        findings=[Finding.from_json(record) for record in document["findings"]],
        index=_index(document["index"], arrays),
        hashes={
            name: RowHashes(*(arrays[f"{name}.hashes.{key}"] for key in _HASHES))
            for name in document["splits"]
        },
    )


def discard(folder: Path) -> None:
    """Remove an entry; for other processes it disappears at once."""
    beside = folder.with_name(f".broken-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        folder.rename(beside)
    except OSError:
        return  # another process has removed it
    shutil.rmtree(beside, ignore_errors=True)


def _describe(split: Examples) -> JsonObject:
    """All fields except the arrays."""
    return {
        **{name: getattr(split, name) for name in _VALUES},
        "inputs": {n: isinstance(s, CharacterTable) for n, s in split.inputs.items()},
        "metadata": list(split.metadata),
        "target_offset": split.target_offset is not None,
    }


def _describe_index(index: Mapping[str, SplitIndex] | None) -> JsonObject | None:
    if index is None:
        return None
    return {
        name: {
            "origin": split.origin,
            "source": split.source,
            "rows": split.rows is not None,
            "before": split.before,
        }
        for name, split in index.items()
    }


def _arrays(encoded: Encoded) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, split in encoded.examples.items():
        arrays |= {f"{name}.{key}": getattr(split, key) for key in _ARRAYS}
        arrays |= {f"{name}.metadata.{key}": array for key, array in split.metadata.items()}
        if split.target_offset is not None:
            arrays[f"{name}.target_offset"] = split.target_offset
        for stream, values in split.inputs.items():
            key = f"{name}.inputs.{stream}"
            if isinstance(values, CharacterTable):
                arrays |= {f"{key}.{part}": getattr(values, part) for part in _TABLE}
            else:
                arrays[key] = values
    for name, hashes in encoded.hashes.items():
        arrays |= {f"{name}.hashes.{key}": getattr(hashes, key) for key in _HASHES}
    for name, index in (encoded.index or {}).items():
        if index.rows is not None:
            arrays[f"{name}.index"] = index.rows
    return arrays


def _examples(name: str, description: JsonObject, arrays: Mapping[str, Array]) -> Examples:
    def stream(key: str, *, table: bool) -> Array | CharacterTable:
        if table:
            return CharacterTable(*(arrays[f"{name}.inputs.{key}.{part}"] for part in _TABLE))
        return arrays[f"{name}.inputs.{key}"]

    values: dict[str, Any] = {key: arrays[f"{name}.{key}"] for key in _ARRAYS}
    values |= {key: description[key] for key in _VALUES}
    return Examples(
        inputs={key: stream(key, table=table) for key, table in description["inputs"].items()},
        metadata={key: arrays[f"{name}.metadata.{key}"] for key in description["metadata"]},
        target_offset=arrays[f"{name}.target_offset"] if description["target_offset"] else None,
        **values,
    )


def _index(
    description: Mapping[str, JsonObject] | None, arrays: Mapping[str, Array]
) -> dict[str, SplitIndex] | None:
    if description is None:
        return None
    return {
        name: SplitIndex(
            split["origin"],
            split["source"],
            arrays[f"{name}.index"] if split["rows"] else None,
            split["before"],
        )
        for name, split in description.items()
    }
