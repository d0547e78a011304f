"""The main loop of a worker process that encodes texts; see `seqlab.data.encoding.workers`."""

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
    """Read a tokenizer, then batches of texts from standard input until it ends; answer each."""
    requests, responses = os.fdopen(0, "rb", closefd=False), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a tokenizer prints must not get into the responses
    tokenizer: Tokenizer | None = None
    while requests.peek(1):
        request = pickle.load(requests)
        response: Ragged | Exception | None = None
        try:
            if tokenizer is None:
                tokenizer = _load_tokenizer(*request)
            else:
                response = encode_checked(tokenizer, request)
        except Exception as error:
            response = _picklable(error)
        try:
            pickle.dump(response, responses, pickle.HIGHEST_PROTOCOL)
            responses.flush()
        except BrokenPipeError:  # the process that asked has ended
            os._exit(0)


def _load_tokenizer(module: str, name: str, file: str | None, state: str) -> Tokenizer:
    """Restore the fitted tokenizer from its JSON, as when a run is loaded."""
    try:
        kind: type[Tokenizer] = attrgetter(name)(_import_module(module, file))
        return kind.from_json(json.loads(state))
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"a worker process that encodes texts cannot find the tokenizer {name}: {error}",
            location="data.workers",
            remedy="define it in a module or a one-file plugin, or -o data.workers=1",
        ) from None


def _import_module(module: str, file: str | None) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module or file is None:
            raise
    source = PythonFile.read(Path(file))
    if source.module_name != module:
        raise ImportError(f"'{file}' has changed")
    return source.load()


def _picklable(error: Exception) -> Exception:
    """The error itself if it can be pickled, with a note on where in the worker it was raised."""
    if not isinstance(error, SeqlabError):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        error.add_note(f"in a data worker, at {frame.filename}:{frame.lineno}, in {frame.name}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return PluginError(f"{type(error).__name__}: {error}", location="data.workers")
    return error
