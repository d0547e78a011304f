"""What a run began with: code, data and options; and what of it differs when it continues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from seqlab.config.run_config import RunConfig
from seqlab.data.encoding.examples import Examples
from seqlab.errors import UserError
from seqlab.plugin.resolve import Resolved
from seqlab.types import JsonObject, Options
from seqlab.versions import code_versions

FIXED = ("task", "tokenizer", "seed", "smoke")
"""Sections that a run under way keeps: what they decide has been fitted, or split."""

WITHOUT_EFFECT = (
    *("data.source", "data.cache", "data.workers"),
    *("device", "train.save_seconds", "train.save_steps"),
)
"""What may differ without notice: the data themselves are compared, any device can continue, and
who encodes them and when it is saved changes nothing."""


@dataclass(frozen=True)
class Provenance:
    """What a run began with.

    Args:
        code: The packages that train it, each with version or hash.
        plugins: The SHA-256 of each one-file plugin.
        data: The fingerprint of each split.
        options: Each option by its full name.
        changed: What was changed since, one line each.
    """

    code: dict[str, str]
    plugins: dict[str, str]
    data: dict[str, str]
    options: dict[str, Any]
    changed: list[str] = field(default_factory=list)

    def differences(self, now: Provenance) -> list[str]:
        """What differs now, one line each."""
        return [
            *_differences("", self.code, now.code),
            *_differences("", self.plugins, now.plugins),
            *_differences("the data, split ", self.data, now.data),
            *_differences("", self.options, now.options),
        ]

    def to_json(self) -> JsonObject:
        """As the folder of a run holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Provenance:
        """What `to_json` wrote.

        Raises:
            TypeError: It is something else.
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
    """What a run with this configuration and these examples begins with."""
    components = (resolved.task, resolved.model, resolved.tokenizer)
    return Provenance(
        code_versions(component.cls for component in components if component is not None),
        {file.name: file.sha256 for file in resolved.plugins},
        {name: split.fingerprint() for name, split in examples.items()},
        decisive_options(resolved.config()),
    )


def continued(before: Provenance, now: Provenance, *, step: int, accept: bool) -> Provenance:
    """What a run that continues is to be compared with the next time.

    Args:
        before: What it began with.
        now: What it would continue with.
        step: From which step.
        accept: Continue although something differs.

    Raises:
        UserError: Something differs, and that is not accepted.
    """
    lines = before.differences(now)
    if lines and not accept:
        raise UserError(
            "the run would not continue as it began: " + "; ".join(lines),
            location="--resume",
            remedy="restore what it was, or add --accept-changes: the result will list them",
        )
    after = [f"after step {step}: {line}" for line in lines]
    return Provenance(now.code, now.plugins, now.data, now.options, [*before.changed, *after])


def check_changeable(names: Iterable[str]) -> None:
    """Refuse options that a run under way cannot change.

    Args:
        names: Full names of options.

    Raises:
        UserError: One is of a section that has been fitted, or is the name of the model.
    """
    for name in names:
        if name.partition(".")[0] in FIXED or name in ("model.name", "train.init_from"):
            raise UserError(
                f"a run under way keeps its {name}",
                location=f"-o {name}",
                remedy="start a new run",
            )


def decisive_options(config: RunConfig) -> dict[str, Any]:
    """Every option by its full name that makes a difference to the result of a run."""
    options: dict[str, Any] = {"seed": config.seed, "precision": config.precision}
    for section, values in config.sections.items():
        options |= {f"{section}.{name}": value for name, value in values.items()}
    return {name: value for name, value in options.items() if name not in WITHOUT_EFFECT}


def _differences(prefix: str, before: Options, now: Options) -> list[str]:
    names = [*before, *(name for name in now if name not in before)]
    return [
        f"{prefix}{name}: {_shown(before.get(name))}, now {_shown(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def _shown(value: object) -> str:
    if isinstance(value, str) and len(value) == 64:
        value = f"{value[:12]}…"  # a hash
    return "none" if value is None else str(value)
