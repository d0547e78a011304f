from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import pytest

from seqlab.config.data_settings import DataSettings
from seqlab.config.evaluate_settings import EvaluateSettings
from seqlab.config.run_config import RunConfig
from seqlab.config.train_settings import TrainSettings
from seqlab.errors import UserError
from seqlab.nn import model_options
from seqlab.options import Option, Range, options_of, validate
from seqlab.options.synonyms import ROLES, SYNONYMS, role_option
from seqlab.plugin.manager import installed


class Builder:
    """Builds.

    Args:
        size: Not an option: it has no default.
        width: How wide it is,
            in numbers.
        kind: Which one.
    """

    def __init__(
        self,
        size: int,
        width: Annotated[int, Range(1, 8)] = 4,
        kind: Literal["fast", "slow"] = "fast",
        share: Annotated[float, Range(0, 1)] | None = None,
        flag: bool = False,
        names: dict[str, str] | None = None,
        words: list[str] | None = None,
    ) -> None: ...


OPTIONS = options_of(Builder)


def test_options_have_default_meaning_and_range() -> None:
    assert list(OPTIONS) == ["width", "kind", "share", "flag", "names", "words"]
    assert OPTIONS["width"].meaning == "How wide it is, in numbers."
    assert OPTIONS["width"].type == "int (1 to 8)"
    assert OPTIONS["share"].type == "float or none (0 to 1)"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"width": "8"}, {"width": 8}),
        ({"width": 3}, {"width": 3}),
        ({"kind": "slow"}, {"kind": "slow"}),
        ({"share": "0.5"}, {"share": 0.5}),
        ({"share": 1}, {"share": 1.0}),
        ({"share": "none"}, {"share": None}),
        ({"flag": "yes"}, {"flag": True}),
        ({"flag": False}, {"flag": False}),
        ({"names": {"text": "review"}}, {"names": {"text": "review"}}),
        ({"names": '{"text": "review"}'}, {"names": {"text": "review"}}),
        ({"words": "a, b"}, {"words": ["a", "b"]}),
    ],
)
def test_values_are_converted(values: dict[str, object], expected: dict[str, object]) -> None:
    complete = validate("model", values, OPTIONS)
    assert {name: complete[name] for name in expected} == expected


INVALID = [
    ({"width": "9"}, "int (1 to 8)"),
    ({"width": "many"}, "int (1 to 8)"),
    ({"width": True}, "int (1 to 8)"),
    ({"width": 2.5}, "int (1 to 8)"),
    ({"kind": "fst"}, "did you mean 'fast'?"),
    ({"share": "2"}, "float or none (0 to 1)"),
    ({"share": float("nan")}, "float or none (0 to 1)"),
    ({"flag": "perhaps"}, "bool"),
    ({"names": "text"}, "dict"),
    ({"widht": 3}, "did you mean 'model.width'?"),
    ({"zzz": 3}, "options here: flag, kind, names, share, width, words"),
]


@pytest.mark.parametrize(("values", "message"), INVALID)
def test_invalid_values_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as caught:
        validate("model", values, OPTIONS)
    assert message in str(caught.value)
    assert caught.value.location == f"model.{next(iter(values))}"


@pytest.mark.parametrize("values", [values for values, _ in INVALID])
def test_an_error_names_the_location_of_the_value(values: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        validate("model", values, OPTIONS, locate=lambda name: f"my.toml, {name}")
    assert caught.value.location == f"my.toml, model.{next(iter(values))}"


def test_range_without_a_bound() -> None:
    assert str(Range(0)) == "≥ 0"
    assert 7 in Range(0)
    assert -1 not in Range(0)
    assert Option("x", int, 1, range=Range(None, 3)).type == "int (≤ 3)"


def sections() -> Iterator[tuple[str, Mapping[str, Option]]]:
    """The options of every section, with every class that is installed."""
    plugins = installed()
    yield "train", options_of(TrainSettings)
    yield "evaluate", options_of(EvaluateSettings)
    for section, registry in (("task", plugins.tasks), ("tokenizer", plugins.tokenizers)):
        yield from ((section, options_of(entry.load())) for entry in registry)
    yield from (("model", model_options(entry.load())) for entry in plugins.models)
    data = options_of(DataSettings)
    yield from (("data", data | options_of(entry.load())) for entry in plugins.data)


@pytest.mark.parametrize("name", SYNONYMS)
def test_synonyms_suggest_an_option_that_exists(name: str) -> None:
    section, _, option = name.partition(".")
    builders = [known for name, known in sections() if name == section and option in known]
    assert builders, f"no builder has the option {name}"
    for known in builders:
        for synonym in SYNONYMS[name].split():
            if synonym in known:
                continue  # of this builder it is an option itself
            with pytest.raises(UserError, match=f"unknown option '{section}.{synonym}'") as caught:
                validate(section, {synonym: "1"}, known)
            assert caught.value.remedy == f"did you mean '{name}'?"


@pytest.mark.parametrize("spelling", ["lr", "LR", "base-lr", "Base_LR"])
def test_synonyms_in_other_spellings(spelling: str) -> None:
    with pytest.raises(UserError, match=r"did you mean 'train\.learning_rate'"):
        validate("train", {spelling: 0.1}, options_of(TrainSettings))


@pytest.mark.parametrize(
    ("section", "name", "remedy"),
    [
        ("train", "hidden_size", "'model.hidden_size'"),
        ("train", "seed", "'seed'"),
        ("model", "lr", "'train.learning_rate'"),
        ("data", "batch_size", "'train.batch_size'"),
        ("train", "learning_rat", "'train.learning_rate'"),
    ],
)
def test_an_option_of_a_different_section_is_suggested(
    section: str, name: str, remedy: str
) -> None:
    with pytest.raises(UserError, match=f"unknown option '{section}.{name}'") as caught:
        validate(section, {name: "1"}, options_of(TrainSettings) if section == "train" else OPTIONS)
    assert caught.value.remedy == f"did you mean {remedy}?"


@pytest.mark.parametrize("name", ["lr", "optimizer.lr", "learning_rate"])
def test_an_option_without_its_section_is_suggested(name: str) -> None:
    with pytest.raises(UserError) as caught:
        RunConfig().set(name, 0.1, f"-o {name}")
    assert caught.value.remedy == "did you mean 'train.learning_rate'?"


def test_an_unknown_name_lists_the_options() -> None:
    with pytest.raises(UserError, match="options here"):
        validate("train", {"qqq": 0.1}, OPTIONS)


def test_roles_of_the_built_in_tasks_have_synonyms() -> None:
    tasks = [entry.load() for entry in installed().tasks]
    roles = {column.role for task in tasks for column in task.columns}
    assert roles <= set(ROLES)
    for synonyms in ROLES.values():
        assert len(set(synonyms.split())) == len(synonyms.split())
    assert (role_option("Target"), role_option("y")) == ("data.columns.target",) * 2
    assert role_option("hidden-size") is None
