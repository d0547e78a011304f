"""What a process does that encodes texts for another one; see `seqlab.data.encoding.workers`."""

from __future__ import annotations

import importlib
import json
import os
import pickle
import traceback
from operator import attrgetter
from pathlib import Path
from types import ModuleType

from seqlab.data.contracts import Tokenizer
from seqlab.data.encoding.encoding import encode_checked
from seqlab.errors import PluginError, SeqlabError, UserError
from seqlab.files.python_file import PythonFile
from seqlab.spec import Ragged


def serve() -> None:
    """Take a tokenizer and then texts from standard input, until it ends; answer each."""
    given, answers = os.fdopen(0, "rb", closefd=False), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a tokenizer prints is no answer
    tokenizer: Tokenizer | None = None
    while given.peek(1):
        asked = pickle.load(given)
        found: Ragged | Exception | None = None
        try:
            if tokenizer is None:
                tokenizer = _restored(*asked)
            else:
                found = encode_checked(tokenizer, asked)
        except Exception as error:
            found = _sendable(error)
        pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _restored(module: str, name: str, file: str | None, state: str) -> Tokenizer:
    """The tokenizer that was fitted, as a run's folder would give it back."""
    try:
        made: Tokenizer = attrgetter(name)(_imported(module, file)).from_json(json.loads(state))
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"a process that encodes texts does not find the tokenizer {name}: {error}",
            location="data.workers",
            remedy="define it in a module or a one-file plugin, or -o data.workers=1",
        ) from None
    return made


def _imported(module: str, file: str | None) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module or file is None:
            raise
    source = PythonFile.read(Path(file))
    if source.module_name != module:
        raise ImportError(f"'{file}' has changed")
    return source.load()


def _sendable(error: Exception) -> Exception:
    """The error itself where it comes through a pipe, with its place unless it says its own."""
    if not isinstance(error, SeqlabError):
        last = traceback.extract_tb(error.__traceback__)[-1]
        error.add_note(f"in a data worker, at {last.filename}:{last.lineno}, in {last.name}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return PluginError(f"{type(error).__name__}: {error}", location="data.workers")
    return error
