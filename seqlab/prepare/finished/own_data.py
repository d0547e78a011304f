"""The data of a finished run, compared with those that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.identity import ChangedDataError, KeptRows, find_changed
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.prepare import Prepared, prepare


@dataclass(frozen=True)
class FinishedRun:
    """What a finished run knows about its data.

    Args:
        resolved: The configuration.
        plugins: Provides the data sources.
        saved: The fitted task and its columns.
        kept: The rows of each split; None if the folder of the run does not keep them.
        fingerprints: The fingerprint of the encoded examples of each split.
    """

    resolved: ResolvedData
    plugins: Plugins
    saved: FittedColumns
    kept: KeptRows | None
    fingerprints: Mapping[str, str] = field(default_factory=dict)


def own_data(run: FinishedRun, name: str) -> Prepared:
    """Prepare a split of the data of a run. Without kept rows, the encoded examples are compared.

    Args:
        run: The run.
        name: Name of the split.

    Raises:
        ChangedDataError: The split does not have the rows that it had in the run.
    """
    prepared = prepare(run.resolved, run.plugins, saved=run.saved, names=(name,), kept=run.kept)
    findings = [f for f in prepared.findings if f.split == name and f.action != "kept"]
    if prepared.examples[name].fingerprint() != run.fingerprints.get(name):
        findings.append(_encoded_differently(prepared, name, compared=run.kept is not None))
    elif run.kept is not None:
        findings += find_changed(run.kept, prepared.hashes, name, prepared.source)
    return replace(prepared, decisions=[], findings=findings)  # the run has shown its decisions


def read_anyway(error: ChangedDataError, name: str) -> Finding:
    """The finding about changed data of a run that are named with `--data`."""
    return Finding(
        "changed data",
        "kept",
        f"{error.cause}; they are read like any other data",
        error.location,
        "restore the data of the run to evaluate on its own split",
        name,
    )


def _encoded_differently(prepared: Prepared, name: str, *, compared: bool) -> Finding:
    """The model reads something else than it did in the run."""
    if compared:
        cause = "the rows are those of the run, but they are encoded differently than in the run"
        remedy = "use the versions of seqlab and its plugins in the result.json of the run"
    else:
        cause = (
            f"the {name} split cannot be compared with that of the run, whose folder does not keep "
            "its rows: its encoded rows differ, so the data or the code have changed, and rows "
            "that the model was trained on may be among them"
        )
        remedy = "train the run again with this version of seqlab, or name other rows with --data"
    kind = "encoded differently" if compared else "not comparable"
    return Finding(kind, "kept", cause, prepared.source, remedy, name)
