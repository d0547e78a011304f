"""The folder of a run. Nothing in it is a pickle, and it can be moved.

config.toml          the configuration, complete and resolved
model.safetensors    the weights
provenance.json      code, data and options at the start of the run
notices.json         notices and findings about the data
rows.safetensors     hashes of the rows of each split
fitted.json          labels, scalers, columns, how numbers are written
tokenizers/          vocabularies
metrics.jsonl        one line per epoch, written by the plugin `reporting`
curves.svg           a plot of it
result.json          metrics, baseline, timings, versions
checkpoints/         only while the run is not finished
"""

from __future__ import annotations

import datetime
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.config.document import read_config
from seqlab.config.run_config import RunConfig
from seqlab.data.columns.numerals import NumberFormat
from seqlab.errors import SeqlabError, UserError, nearest
from seqlab.files.untrusted import check_folder, read_json
from seqlab.files.writing import atomic_file, write_text
from seqlab.prepare.encoded import FittedColumns
from seqlab.runs.kept_rows import read_rows, write_rows
from seqlab.runs.provenance import Provenance
from seqlab.types import JsonObject

if TYPE_CHECKING:
    from seqlab.data.checking.identity import KeptRows
    from seqlab.data.contracts import Tokenizer
    from seqlab.nn import Model
    from seqlab.task import Task

FORMAT = 1
"""Version of the folder format; a folder of a later version is refused."""


class RunFolder:
    """Reads and writes the files of a run.

    Args:
        path: The folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._new_parents: list[Path] = []

    def __str__(self) -> str:
        return str(self.path)

    @classmethod
    def new(cls, out: str | Path | None, *names: str) -> RunFolder:
        """The folder of a new run. Nothing is written yet.

        Args:
            out: The requested folder; None for a new folder in `runs`.
            names: Task and model, for the name of a new folder.

        Raises:
            UserError: The requested folder is not empty, or is a file.
        """
        if out is None:
            label = "-".join(name.rpartition(":")[2] for name in names)  # python:MyLayer
            # several runs may start in the same second
            unique = f"{datetime.datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
            return cls(Path("runs") / f"{label}-{unique}")
        path = Path(out)
        if path.is_file():
            raise UserError(f"'{path}' is a file", location="--out", remedy="name a new folder")
        if path.is_dir() and any(path.iterdir()):
            raise UserError(
                f"the folder '{path}' is not empty",
                location="--out",
                remedy="name a new folder, or continue a run in it by --resume",
            )
        return cls(path)

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def weights(self) -> Path:
        """The file of the weights; only a finished run has it."""
        return self.path / "model.safetensors"

    def create(
        self,
        config: RunConfig,
        saved: FittedColumns,
        provenance: Provenance,
        notices: Mapping[str, object],
        rows: KeptRows,
    ) -> None:
        """Create the folder, and write everything except the weights and the result.

        Args:
            config: The complete, resolved configuration.
            saved: The fitted task, and the column of each role.
            provenance: The code, data and options of the run.
            notices: The `notices` and `findings` about the data.
            rows: The rows of each split.

        Raises:
            UserError: The folder cannot be written to, or another run has created it meanwhile.
        """
        fitted = saved.fitted
        self._new_parents = [parent for parent in self.path.parents if not parent.exists()]
        try:
            (self.path / "tokenizers").mkdir(parents=True)  # only one of two processes succeeds
        except FileExistsError:
            raise UserError(
                f"another run is being written to '{self.path}'",
                location="--out",
                remedy="name a new folder",
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            for name, tokenizer in fitted.tokenizers.items():
                self._write(f"tokenizers/{name}.json", tokenizer.to_json())
            state = {
                "format": FORMAT,
                "columns": saved.columns,
                "numbers": {name: asdict(form) for name, form in saved.formats.items()},
                "state": fitted.to_json(),
            }
            self._write("fitted.json", state)
            self._write("notices.json", notices)
            self.update(config, provenance, rows)
        except OSError as error:
            self.discard()
            raise self._unwritable(error) from None

    def update(self, config: RunConfig, provenance: Provenance, rows: KeptRows | None) -> None:
        """Write the configuration, the provenance and the rows of a resumed run."""
        if rows is not None:
            write_rows(self.path, rows)
        self._write("provenance.json", provenance.to_json())
        write_text(self.path / "config.toml", config.to_toml())

    def finish(self, model: Model, result: Mapping[str, object]) -> None:
        """Write the weights and the result.

        Raises:
            RunError: They cannot be written.
        """
        from safetensors.torch import save_file

        from seqlab.nn.weights import weights_of, writable
        from seqlab.training.checkpoint import writing

        tensors = writable(weights_of(model))
        with writing(self.path):
            with atomic_file(self.weights) as path:
                save_file(tensors, path)
            self._write("result.json", result)

    def discard(self) -> None:
        """Remove the folder of a run that failed before its first step."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):  # a parent that another run uses meanwhile is not empty
            for parent in self._new_parents:  # the innermost first
                parent.rmdir()

    def read_config(self) -> RunConfig:
        """The configuration.

        Raises:
            UserError: The folder is not a run, or has contents that no run writes.
        """
        if not (self.path / "config.toml").is_file():
            near = self._near()
            exists = self.path.exists()
            raise UserError(
                f"'{self.path}' is not a run" if exists else f"there is no run '{self.path}'",
                location="RUN",
                remedy=f"did you mean '{near}'?"
                if near
                else "give the folder that `seqlab run` made",
            )
        check_folder(self.path)
        return read_config(self.path / "config.toml")

    def read_fitted(self, task: type[Task], tokenizer: type[Tokenizer] | None) -> FittedColumns:
        """The fitted task, and the column of each role.

        Raises:
            UserError: The files are missing, damaged, or of another version.
        """
        document = read_json(self.path / "fitted.json")
        if document.get("format") != FORMAT:
            raise UserError(
                f"the run has format {document.get('format')}, this seqlab reads {FORMAT}",
                location=str(self.path),
                remedy="use the version of seqlab in its result.json",
            )
        tokenizers = {}
        for file in sorted((self.path / "tokenizers").glob("*.json")):
            if tokenizer is not None:
                with restoring(file):
                    tokenizers[file.stem] = tokenizer.from_json(read_json(file))
        with restoring(self.path / "fitted.json"):
            columns = {str(role): str(column) for role, column in document["columns"].items()}
            formats = {n: NumberFormat(**f) for n, f in document.get("numbers", {}).items()}
            fitted = task.fitted.from_json(document["state"], tokenizers)
            return FittedColumns(fitted, columns, formats)

    def read_provenance(self) -> Provenance:
        """The code, data and options of the run."""
        path = self.path / "provenance.json"
        try:
            return Provenance.from_json(read_json(path))
        except TypeError as error:
            raise UserError(
                f"a file of the run cannot be read: {error}",
                location=str(path),
                remedy="restore the file",
            ) from None

    def read_rows(self) -> KeptRows | None:
        """The rows of each split; None if the folder does not keep them.

        Raises:
            UserError: The file is damaged.
        """
        return read_rows(self.path)

    def read_notices(self) -> dict[str, list[object]]:
        """The `notices` and `findings` about the data."""
        document = read_json(self.path / "notices.json")
        values = {name: document.get(name) for name in ("notices", "findings")}
        return {name: value if isinstance(value, list) else [] for name, value in values.items()}

    def read_result(self) -> JsonObject | None:
        """The result; None if the run is not finished."""
        path = self.path / "result.json"
        return read_json(path) if path.is_file() else None

    def _write(self, name: str, document: Mapping[str, object]) -> None:
        write_text(self.path / name, json.dumps(document, indent=1, ensure_ascii=False) + "\n")

    def _unwritable(self, error: OSError) -> UserError:
        return UserError(
            f"cannot write to '{self.path}': {error.strerror}",
            location="--out",
            remedy="--out DIR",
        )

    def _near(self) -> Path | None:
        parent = self.path.parent
        if not parent.is_dir():
            return None
        names = [path.name for path in parent.iterdir() if (path / "config.toml").is_file()]
        near = nearest(self.path.name, names)
        return parent / near if near else None


@contextmanager
def restoring(path: Path) -> Iterator[None]:
    """A context in which any exception that a plugin raises becomes an error about a file.

    Args:
        path: The file that is restored.

    Raises:
        UserError: The block raised an exception.
    """
    try:
        yield
    except SeqlabError:
        raise
    except BaseException as error:
        # a panic of a Rust library is not a subclass of Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        message = next(iter(str(error).strip().splitlines()), "")
        raise UserError(
            f"a file of the run does not fit: {type(error).__name__}: {message}",
            location=str(path),
            remedy="restore the file, or use the versions in the run's result.json",
        ) from error
