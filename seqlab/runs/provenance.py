"""What a run began with: code, data and options; and what of it is other when it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from seqlab.config.run_config import RunConfig
from seqlab.data.encoding.examples import Examples
from seqlab.errors import UserError
from seqlab.plugin.resolve import Resolved
from seqlab.versions import code_of

FIXED = ("task", "tokenizer", "seed", "smoke")
"""Sections that a run under way keeps: what they say has been fitted, or split."""

ELSEWHERE = (
    *("data.source", "data.cache", "data.workers"),
    *("device", "train.save_seconds", "train.save_steps"),
)
"""What may be other without a word: what is read is compared, any device can go on, and who encodes
it and when it is saved change nothing."""


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
        """What is other now, one line each."""
        lines = _differing("", self.code, now.code) + _differing("", self.plugins, now.plugins)
        lines += _differing("the data, part ", self.data, now.data)
        return lines + _differing("", self.options, now.options)

    def to_json(self) -> dict[str, Any]:
        """As a run's folder holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Provenance:
        """What `to_json` wrote.

        Raises:
            TypeError: It is something else.
        """
        made = cls(**document)
        tables, lines = (made.code, made.plugins, made.data, made.options), made.changed
        if not all(isinstance(each, dict) for each in tables):
            raise TypeError("code, plugins, data and options are no tables")
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise TypeError("'changed' is no list of lines")
        return made


def provenance_of(
    resolved: Resolved, plugins: Mapping[str, str], examples: Mapping[str, Examples]
) -> Provenance:
    """What a run with this configuration and these examples begins with.

    Args:
        resolved: The configuration.
        plugins: Name and SHA-256 of the one-file plugins.
        examples: Each part, encoded.
    """
    classes = (resolved.task, resolved.model, resolved.tokenizer)
    return Provenance(
        code_of(each for each in classes if each is not None),
        dict(plugins),
        {name: split.fingerprint() for name, split in examples.items()},
        options_of_run(resolved.config),
    )


def goes_on(before: Provenance, now: Provenance, *, step: int, accept: bool) -> Provenance:
    """What a run that goes on is to be compared with the next time.

    Args:
        before: What it began with.
        now: What it would go on with.
        step: From which step.
        accept: Go on although something is other.

    Raises:
        UserError: Something is other, and that is not accepted.
    """
    lines = before.differences(now)
    if lines and not accept:
        raise UserError(
            "the run would not go on as it began: " + "; ".join(lines),
            location="--resume",
            remedy="put it back as it was, or add --accept-changes: the result will name them",
        )
    after = [f"after step {step}: {line}" for line in lines]
    return Provenance(now.code, now.plugins, now.data, now.options, [*before.changed, *after])


def check_changeable(names: Iterable[str]) -> None:
    """Refuse options that a run under way cannot change.

    Args:
        names: Full names of options.

    Raises:
        UserError: One is of a section that has been fitted, or is the model's name.
    """
    for name in names:
        if name.partition(".")[0] in FIXED or name in ("model.name", "train.init_from"):
            raise UserError(
                f"a run under way keeps its {name}", location=f"-o {name}", remedy="start a new run"
            )


def options_of_run(config: RunConfig) -> dict[str, Any]:
    """Every option by its full name that makes a difference to what a run comes to."""
    found: dict[str, Any] = {"seed": config.seed, "precision": config.precision}
    for section, options in config.sections.items():
        found |= {f"{section}.{name}": value for name, value in options.items()}
    return {name: value for name, value in found.items() if name not in ELSEWHERE}


def _differing(prefix: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = [*before, *(name for name in now if name not in before)]
    return [
        f"{prefix}{name}: {_shown(before.get(name))}, now {_shown(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) == 64:
        value = f"{value[:12]}…"  # a hash
    return "none" if value is None else str(value)
