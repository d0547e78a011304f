"""Run the checks on a model or a layer, and say what was found."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from seqlab.errors import unknown
from seqlab.nn import Layer, Model, build_model, model_options
from seqlab.options import validate
from seqlab.spec import Field, Ids, ModelSpec, Numbers, Outputs
from seqlab.testing.checks import CHECKS, Check, Skipped, Subject, Violation


@dataclass(frozen=True)
class Result:
    """What one check found.

    Args:
        id: The check.
        status: Whether the rule is kept.
        evidence: What was seen, or why the check was skipped.
        subject: What was checked, where there is more than one.
    """

    id: str
    status: Literal["passed", "failed", "skipped"]
    evidence: str = ""
    subject: str = ""


def check_model(
    build: Callable[[], Model],
    spec: ModelSpec,
    *,
    only: Iterable[str] | None = None,
    seed: int = 0,
) -> list[Result]:
    """Check a model against all rules.

    Args:
        build: Builds the model; called several times.
        spec: What it is built for.
        only: Ids of the checks to run; None for all.
        seed: Of weights and batches. The caller's random state is left alone.

    Raises:
        UserError: `only` names a check that does not exist.
    """
    subject = Subject(build, spec, seed)
    return [_run(check, subject) for check in _chosen(only)]


def check_layer(
    layer: type[Layer],
    options: Mapping[str, Any] | None = None,
    *,
    only: Iterable[str] | None = None,
    seed: int = 0,
) -> list[Result]:
    """Check a layer inside the core's model, with each kind of input and of output.

    Args:
        layer: The layer's class.
        options: Options of the layer and of the core; the others keep their default.
        only: As in `check_model`.
        seed: As in `check_model`.
    """
    names = None if only is None else tuple(only)
    known = model_options(layer)
    chosen = validate("model", {"embedding_size": 6, **(options or {})}, known)
    results = []
    for subject, spec in _specs().items():
        causal = _is_causal(layer, spec, chosen)
        spec = replace(spec, causal=causal and spec.outputs.per == "step")

        def build(spec: ModelSpec = spec) -> Model:
            return build_model(layer, spec, chosen)

        found = check_model(build, spec, only=names, seed=seed)
        results += [replace(result, subject=subject) for result in found]
    return results


def assert_passes(results: Sequence[Result]) -> None:
    """Raise where a rule is broken; skipped checks are no failure.

    Raises:
        AssertionError: With rule, reason and evidence of each failure.
    """
    failed = [result for result in results if result.status == "failed"]
    if not failed:
        return
    checks = {check.id: check for check in CHECKS}
    lines = [f"{len(failed)} of {len(results)} checks failed"]
    for result in failed:
        rule = (checks[result.id].function.__doc__ or "").splitlines()[0]
        title = f"{result.id} ({result.subject})" if result.subject else result.id
        lines += [f"{title}: {rule}", f"  why:      {checks[result.id].why}"]
        lines += [f"  evidence: {result.evidence}"]
    raise AssertionError("\n".join(lines))


def _chosen(only: Iterable[str] | None) -> list[Check]:
    if only is None:
        return list(CHECKS)
    known = {check.id: check for check in CHECKS}
    names = list(only)
    for name in names:
        if name not in known:
            raise unknown("check", name, known, location="only")
    return [known[name] for name in names]


def _run(check: Check, subject: Subject) -> Result:
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            check.function(subject)
    except Skipped as reason:
        return Result(check.id, "skipped", str(reason))
    except Violation as violation:
        return Result(check.id, "failed", str(violation))
    except Exception as error:  # an author's model may raise anything
        return Result(check.id, "failed", _described(error))
    return Result(check.id, "passed")


def _described(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return f"raised {type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {error}"


def _is_causal(layer: type[Layer], spec: ModelSpec, options: Mapping[str, Any]) -> bool:
    with torch.random.fork_rng(devices=[]):
        model = build_model(layer, spec, options)
    return bool(getattr(getattr(model, "stack", None), "causal", False))


def _specs() -> dict[str, ModelSpec]:
    inputs: dict[str, Field] = {"symbols": Ids(11), "numbers": Numbers(4)}
    outputs = {
        "a class a step": Outputs("class", (5,), "step"),
        "a value a sequence": Outputs("value", (2,), "sequence"),
    }
    return {
        f"{stream} to {what}": ModelSpec({stream: field}, wanted)
        for stream, field in inputs.items()
        for what, wanted in outputs.items()
    }
