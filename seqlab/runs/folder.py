"""The folder that a run leaves behind. Nothing in it is a pickle, and it can be moved.

config.toml          complete and resolved
model.safetensors    the weights
provenance.json          code, data and options that it began with
notices.json            what was decided about the data, and what is odd about them
fitted.json          labels, scalers, columns
tokenizers/          vocabularies
metrics.jsonl        a line an epoch
result.json          metrics, baseline, timings, versions
checkpoints/         while it is under way
"""

from __future__ import annotations

import datetime
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.config.run_config import RunConfig, read_toml
from seqlab.errors import SeqlabError, UserError, nearest
from seqlab.files.untrusted import check_folder, read_json
from seqlab.runs.provenance import Provenance
from seqlab.training.checkpoint import write_beside, writing

if TYPE_CHECKING:
    from seqlab.data.contracts import Tokenizer
    from seqlab.nn import Model
    from seqlab.task import Fitted, Task

FORMAT = 1
"""Of the folder; a folder of a later format is refused."""


def place_for(out: str | Path | None, task: str, model: str) -> Path:
    """Where a new run goes.

    Raises:
        UserError: The folder that was asked for is not empty, or is a file.
    """
    if out is None:
        now, own = datetime.datetime.now(), secrets.token_hex(3)  # runs may start together
        return Path("runs") / f"{task}-{model}-{now:%Y%m%d-%H%M%S}-{own}"
    path = Path(out)
    if path.is_file():
        raise UserError(f"'{path}' is a file", location="--out", remedy="name a new folder")
    if path.is_dir() and any(path.iterdir()):
        raise UserError(
            f"the folder '{path}' is not empty",
            location="--out",
            remedy="name a new folder, or go on with a run in it by --resume",
        )
    return path


def begin(
    folder: Path,
    config: RunConfig,
    fitted: Fitted,
    columns: Mapping[str, str],
    origin: Provenance,
    said: Mapping[str, Any],
) -> None:
    """Write all that is known before the first step.

    Args:
        folder: Of the run.
        config: Complete and resolved.
        fitted: The fitted task.
        columns: Which column fills each role.
        origin: With what it begins.
        said: The `notices` and `findings` about the data.

    Raises:
        UserError: The folder cannot be written to, or another run has taken it meanwhile.
    """
    try:
        (folder / "tokenizers").mkdir(parents=True)  # of two at once, one succeeds
    except FileExistsError:
        raise UserError(
            f"another run is being written to '{folder}'",
            location="--out",
            remedy="name a new folder",
        ) from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        for name, tokenizer in fitted.tokenizers.items():
            _write_json(folder / "tokenizers" / f"{name}.json", tokenizer.to_json())
        document = {"format": FORMAT, "columns": dict(columns), "state": fitted.to_json()}
        _write_json(folder / "fitted.json", document)
        _write_json(folder / "notices.json", said)
        change(folder, config, origin)
    except OSError as error:
        discard(folder)
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> UserError:
    return UserError(
        f"cannot write to '{folder}': {error.strerror}", location="--out", remedy="--out DIR"
    )


def change(folder: Path, config: RunConfig, origin: Provenance) -> None:
    """Write what the run goes on with."""
    _write_json(folder / "provenance.json", origin.to_json())
    write_beside(folder / "config.toml", config.to_toml())


def discard(folder: Path) -> None:
    """Remove the folder of a run that never made a step."""
    shutil.rmtree(folder, ignore_errors=True)


def finish(folder: Path, model: Model, result: Mapping[str, Any]) -> None:
    """Write the weights and the result.

    Raises:
        RunError: They cannot be written.
    """
    from safetensors.torch import save_file

    tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    with writing(folder):
        try:
            save_file(tensors, folder / ".writing-model")
            (folder / ".writing-model").replace(folder / "model.safetensors")
        finally:
            (folder / ".writing-model").unlink(missing_ok=True)
        _write_json(folder / "result.json", result)


def read_config(folder: Path) -> RunConfig:
    """The configuration of a run.

    Raises:
        UserError: The folder is no run, or holds what no run leaves behind.
    """
    if not (folder / "config.toml").is_file():
        near = _near_run(folder)
        raise UserError(
            f"'{folder}' is no run" if folder.exists() else f"there is no run '{folder}'",
            location="RUN",
            remedy=f"did you mean '{near}'?" if near else "give the folder that `seqlab run` made",
        )
    check_folder(folder)
    return read_toml(folder / "config.toml")


def read_provenance(folder: Path) -> Provenance:
    """What a run began with."""
    document = read_json(folder / "provenance.json")
    try:
        return Provenance.from_json(document)
    except TypeError as error:
        raise UserError(
            f"the run's file cannot be read: {error}",
            location=str(folder / "provenance.json"),
            remedy="restore the file",
        ) from None


def read_notices(folder: Path) -> dict[str, Any]:
    """The `notices` and `findings` about the data of a run."""
    document = read_json(folder / "notices.json")
    found = {name: document.get(name) for name in ("notices", "findings")}
    return {name: value if isinstance(value, list) else [] for name, value in found.items()}


def read_result(folder: Path) -> dict[str, Any] | None:
    """The result of a run, or None while it has none."""
    path = folder / "result.json"
    return read_json(path) if path.is_file() else None


def read_fitted(
    folder: Path, task: type[Task], tokenizer: type[Tokenizer] | None
) -> tuple[Fitted, dict[str, str]]:
    """The fitted task of a run, and its columns.

    Raises:
        UserError: The files are missing, or not as this seqlab and its plugins write them.
    """
    document = read_json(folder / "fitted.json")
    if document.get("format") != FORMAT:
        raise UserError(
            f"the run has format {document.get('format')}, this seqlab reads {FORMAT}",
            location=str(folder),
            remedy="use the version of seqlab in its result.json",
        )
    files = sorted((folder / "tokenizers").glob("*.json"))
    tokenizers = {}
    for file in files:
        if tokenizer is not None:
            with restoring(file):
                tokenizers[file.stem] = tokenizer.from_json(read_json(file))
    with restoring(folder / "fitted.json"):
        columns = {str(role): str(column) for role, column in document["columns"].items()}
        return task.fitted.from_json(document["state"], tokenizers), columns


@contextmanager
def restoring(path: Path) -> Iterator[None]:
    """Inside, whatever a plugin says of a file that it cannot take is an error with its place.

    Raises:
        UserError: Something went wrong.
    """
    try:
        yield
    except SeqlabError:
        raise
    except BaseException as error:
        # a library in Rust ends with an exception of its own, which is none of Python's
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        said = next(iter(str(error).strip().splitlines()), "")
        raise UserError(
            f"the run's file does not fit: {type(error).__name__}: {said}",
            location=str(path),
            remedy="restore the file, or use the versions in the run's result.json",
        ) from error


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    write_beside(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _near_run(folder: Path) -> Path | None:
    parent = folder.parent
    if not parent.is_dir():
        return None
    near = nearest(folder.name, [p.name for p in parent.iterdir() if (p / "config.toml").is_file()])
    return parent / near if near else None
