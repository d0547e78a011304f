"""Run the checks on a model or a layer, and report the results."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch

from seqlab.errors import unknown
from seqlab.nn import Layer, Model, build_model, model_options
from seqlab.options import validate
from seqlab.spec import Field, Ids, ModelSpec, Numbers, Outputs
from seqlab.testing.checks import CHECKS, Check, Skipped, Subject, Violation
from seqlab.types import Options


@dataclass(frozen=True)
class Result:
    """The result of one check.

    Args:
        id: Id of the check.
        status: Whether the rule is followed.
        evidence: What is wrong, or why the check was skipped.
        subject: What was checked, if one call checks several subjects.
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
        spec: The inputs and outputs that the model is built for.
        only: Ids of the checks to run; None for all.
        seed: Seed of weights and batches. The global random state is not changed.

    Raises:
        UserError: `only` names a check that does not exist.
    """
    subject = Subject(build, spec, seed)
    return [_run(check, subject) for check in _select(only)]


def check_layer(
    layer: type[Layer],
    options: Options | None = None,
    *,
    only: Iterable[str] | None = None,
    seed: int = 0,
) -> list[Result]:
    """Check a layer inside a `SequenceModel`, with each kind of input and output.

    Args:
        layer: The layer's class.
        options: Options of the layer and of `SequenceModel`; the others keep their defaults.
        only: As in `check_model`.
        seed: As in `check_model`.
    """
    check_ids = None if only is None else tuple(only)
    known = model_options(layer)
    validated = validate("model", {"embedding_size": 6, **(options or {})}, known)
    results = []
    for subject, spec in _specs().items():
        causal = _is_causal(layer, spec, validated)
        spec = replace(spec, causal=causal and spec.outputs.per == "step")

        def build(spec: ModelSpec = spec) -> Model:
            return build_model(layer, spec, validated)

        model_results = check_model(build, spec, only=check_ids, seed=seed)
        results += [replace(result, subject=subject) for result in model_results]
    return results


def assert_passes(results: Sequence[Result]) -> None:
    """Raise if a rule is broken; skipped checks are not failures.

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


def _select(only: Iterable[str] | None) -> list[Check]:
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
    except Exception as error:  # a plugin's model may raise anything
        return Result(check.id, "failed", _describe(error))
    return Result(check.id, "passed")


def _describe(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"raised {type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {error}"


def _is_causal(layer: type[Layer], spec: ModelSpec, options: Options) -> bool:
    with torch.random.fork_rng(devices=[]):
        model = build_model(layer, spec, options)
    return bool(getattr(getattr(model, "stack", None), "causal", False))


def _specs() -> dict[str, ModelSpec]:
    inputs: dict[str, Field] = {"tokens": Ids(11), "numbers": Numbers(4)}
    outputs = {
        "a class per step": Outputs("class", (5,), "step"),
        "a value per sequence": Outputs("value", (2,), "sequence"),
    }
    return {
        f"{stream} to {label}": ModelSpec({stream: field}, output)
        for stream, field in inputs.items()
        for label, output in outputs.items()
    }
