"""One entry: encoded parts and what the training split taught, as JSON and mapped arrays."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from seqlab.data.checking.findings import Finding
from seqlab.data.contracts import Tokenizer
from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.prepare.cache.arrays import Array, DamagedError, load_arrays, save_arrays
from seqlab.prepare.cache.content import HEADER
from seqlab.task import Fitted, Task


@dataclass(frozen=True)
class Encoded:
    """Data as a task encoded it: whole, as it is kept here, or cut for a model.

    Args:
        fitted: What the training split taught.
        columns: Which column fills each role.
        examples: Each part.
        notices: What was decided, to be said.
        source: What the configuration records as the source.
        findings: What is odd about the data.
    """

    fitted: Fitted
    columns: dict[str, str]
    examples: dict[str, Examples]
    notices: list[str]
    source: str
    findings: list[Finding]


def save(target: Path, encoded: Encoded, what: Mapping[str, str]) -> None:
    """Write an entry beside its place, then rename it: it is there whole or not at all.

    Args:
        target: The entry's folder; where it is there already, it stays.
        encoded: What to write.
        what: For a person who looks at the cache.

    Raises:
        OSError: It cannot be written.
        TypeError: What was fitted is not JSON, or an array is not of numbers.
        ValueError: The same.
    """
    beside = target.with_name(f".writing-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    beside.mkdir(parents=True)
    try:
        document = {
            "what": dict(what),
            "fitted": encoded.fitted.to_json(),
            "tokenizers": {n: each.to_json() for n, each in encoded.fitted.tokenizers.items()},
            "columns": encoded.columns,
            "notices": encoded.notices,
            "source": encoded.source,
            "findings": [each.to_json() for each in encoded.findings],
            "splits": {name: _plain(split) for name, split in encoded.examples.items()},
            "data": save_arrays(beside, _arrays(encoded.examples)),
        }
        text = json.dumps(document)
        (beside / HEADER).write_text(f"{_seal(text)}\n{text}", encoding="utf-8")
        if not target.exists():
            beside.rename(target)
    except FileExistsError:
        return  # another process was quicker
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load(folder: Path, task: type[Task], tokenizer: type[Tokenizer] | None) -> Encoded | None:
    """Read an entry; None where there is none.

    Raises:
        DamagedError: It is not what was written.
    """
    try:
        seal, _, text = (folder / HEADER).read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        if folder.exists():
            raise DamagedError(f"{HEADER} is missing") from None
        return None
    except (OSError, ValueError) as error:
        raise DamagedError(f"{HEADER}: {error}") from None
    if seal != _seal(text):
        raise DamagedError(f"{HEADER} is not what was written")
    document = json.loads(text)
    arrays = load_arrays(folder, document["data"])
    states = document["tokenizers"]
    tokenizers = {n: tokenizer.from_json(s) for n, s in states.items()} if tokenizer else {}
    os.utime(folder / HEADER)  # used now
    return Encoded(
        task.fitted.from_json(document["fitted"], tokenizers),
        document["columns"],
        {name: _examples(name, plain, arrays) for name, plain in document["splits"].items()},
        document["notices"],
        document["source"],
        [Finding.from_json(each) for each in document["findings"]],
    )


def discard(folder: Path) -> None:
    """Remove an entry, in one step for others who look for it."""
    beside = folder.with_name(f".broken-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        folder.rename(beside)
    except OSError:
        return  # another process was quicker
    shutil.rmtree(beside, ignore_errors=True)


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_TABLE = tuple(field.name for field in fields(CharacterTable))
_OWN = ("starts", "lengths", "targets", "rows")
_PLAIN = ("per", "unit", "stateful", "chunk_length", "known_classes")


def _plain(split: Examples) -> dict[str, Any]:
    """All but the arrays themselves."""
    plain = {name: getattr(split, name) for name in _PLAIN}
    kinds = {name: isinstance(stream, CharacterTable) for name, stream in split.inputs.items()}
    return {
        **plain,
        "inputs": kinds,
        "metadata": list(split.metadata),
        "target_offset": split.target_offset is not None,
    }


def _arrays(splits: Mapping[str, Examples]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for name, split in splits.items():
        found |= {f"{name}.{own}": getattr(split, own) for own in _OWN}
        found |= {f"{name}.metadata.{key}": array for key, array in split.metadata.items()}
        if split.target_offset is not None:
            found[f"{name}.target_offset"] = split.target_offset
        for stream, given in split.inputs.items():
            if isinstance(given, CharacterTable):
                found |= {f"{name}.inputs.{stream}.{own}": getattr(given, own) for own in _TABLE}
            else:
                found[f"{name}.inputs.{stream}"] = given
    return found


def _examples(name: str, plain: Mapping[str, Any], arrays: Mapping[str, Array]) -> Examples:
    def stream(of: str, *, table: bool) -> Array | CharacterTable:
        if table:
            return CharacterTable(*(arrays[f"{name}.inputs.{of}.{own}"] for own in _TABLE))
        return arrays[f"{name}.inputs.{of}"]

    own: dict[str, Any] = {each: arrays[f"{name}.{each}"] for each in _OWN}
    return Examples(
        inputs={of: stream(of, table=table) for of, table in plain["inputs"].items()},
        metadata={key: arrays[f"{name}.metadata.{key}"] for key in plain["metadata"]},
        target_offset=arrays[f"{name}.target_offset"] if plain["target_offset"] else None,
        **own,
        **{each: plain[each] for each in _PLAIN},
    )
