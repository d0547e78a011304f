"""Code, data and options of a run, and their differences when it is resumed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from seqlab.config.run_config import RunConfig
from seqlab.data.encoding.examples import Examples
from seqlab.errors import UserError
from seqlab.plugin.resolve import Resolved
from seqlab.types import JsonObject, Options
from seqlab.versions import code_versions

FIXED = ("task", "tokenizer", "seed", "smoke")
"""Settings that cannot change on resume, because the data are already split and fitted."""

WITHOUT_EFFECT = (
    *("data.source", "data.cache", "data.workers"),
    *("device", "train.save_seconds", "train.save_steps"),
)
"""Settings that may change without `--accept-changes`: the data are compared by their contents, and
a run can be resumed on any device."""


@dataclass(frozen=True)
class Provenance:
    """The code, data and options of a run.

    Args:
        code: Package → version or hash of its source.
        plugins: One-file plugin → SHA-256.
        data: Split → fingerprint.
        options: Full name of an option → value.
        changed: Changes since the start, one line per change.
    """

    code: dict[str, str]
    plugins: dict[str, str]
    data: dict[str, str]
    options: dict[str, Any]
    changed: list[str] = field(default_factory=list)

    def differences(self, now: Provenance, rows: Mapping[str, str] = {}) -> list[str]:
        """The differences, one line per difference.

        Args:
            now: The provenance with which this one is compared.
            rows: Split → what has changed about its rows, which replaces its fingerprints.
        """
        data = {
            name: change
            for name, change in rows.items()
            if self.data.get(name) != now.data.get(name)
        }
        return [
            *_differences("", self.code, now.code),
            *_differences("", self.plugins, now.plugins),
            *(f"the data, split {name}: {change}" for name, change in data.items()),
            *_differences("the data, split ", self.data, now.data, without=data),
            *_differences("", self.options, now.options),
        ]

    def to_json(self) -> JsonObject:
        """The provenance as stored in the folder of the run."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Provenance:
        """Restore the provenance from the result of `to_json`.

        Raises:
            TypeError: The document has a different form.
        """
        provenance = cls(**document)
        tables = (provenance.code, provenance.plugins, provenance.data, provenance.options)
        if not all(isinstance(table, dict) for table in tables):
            raise TypeError("code, plugins, data and options are not tables")
        lines = provenance.changed
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise TypeError("'changed' is not a list of lines")
        return provenance


def provenance_of(resolved: Resolved, examples: Mapping[str, Examples]) -> Provenance:
    """The provenance of a run with this configuration and these examples."""
    components = (resolved.task, resolved.model, resolved.tokenizer)
    return Provenance(
        code_versions(component.cls for component in components if component is not None),
        {file.name: file.sha256 for file in resolved.plugins},
        {name: split.fingerprint() for name, split in examples.items()},
        decisive_options(resolved.config()),
    )


def continued(
    before: Provenance,
    now: Provenance,
    *,
    step: int,
    accept: bool,
    rows: Mapping[str, str] = {},
) -> Provenance:
    """The provenance of a resumed run, with its changes.

    Args:
        before: The provenance at the start of the run.
        now: The provenance now.
        step: The step from which the run is resumed.
        accept: Whether to accept differences.
        rows: Split → what has changed about its rows.

    Raises:
        UserError: There are differences, and `accept` is False.
    """
    lines = before.differences(now, rows)
    if lines and not accept:
        raise UserError(
            "the run would not be resumed as it was started: " + "; ".join(lines),
            location="--resume",
            remedy="undo the changes, or add --accept-changes: the result then lists them",
        )
    after = [f"after step {step}: {line}" for line in lines]
    return Provenance(now.code, now.plugins, now.data, now.options, [*before.changed, *after])


def check_changeable(locations: Mapping[str, str]) -> None:
    """Refuse options that cannot change when a run is resumed.

    Args:
        locations: Where each option is changed, by its full name.

    Raises:
        UserError: An option cannot change, such as one of the task.
    """
    for name, location in locations.items():
        if name.partition(".")[0] in FIXED or name in ("model.name", "train.init_from"):
            raise UserError(
                f"the {name} of a resumed run cannot be changed",
                location=location,
                remedy="start a new run",
            )


def decisive_options(config: RunConfig) -> dict[str, Any]:
    """All options that affect the result of a run, by full name."""
    options: dict[str, Any] = {"seed": config.seed, "precision": config.precision}
    for section, values in config.sections.items():
        options |= {f"{section}.{name}": value for name, value in values.items()}
    return {name: value for name, value in options.items() if name not in WITHOUT_EFFECT}


def _differences(
    prefix: str, before: Options, now: Options, without: Container[str] = ()
) -> list[str]:
    names = [*before, *(name for name in now if name not in before)]
    return [
        f"{prefix}{name}: {_shown(before.get(name))}, now {_shown(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name) and name not in without
    ]


def _shown(value: object) -> str:
    if isinstance(value, str) and len(value) == 64:
        value = f"{value[:12]}…"  # a hash
    return "none" if value is None else str(value)
