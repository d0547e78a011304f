import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from seqlab.cli import cli

MAIN = ("run", "--task", "sentiment", "--model", "lstm")
SMALL = ("-o", "data.rows=300", "-o", "model.hidden_size=8", "-o", "model.embedding_size=8")

Call = Callable[..., Result]


def call(*arguments: object, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


def done(*arguments: object, stdin: bytes | str | None = None) -> str:
    result = call(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def done_json(*arguments: object) -> Any:
    return json.loads(done(*arguments, "--json"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; tests do not change it."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    done(*MAIN, *SMALL, "--smoke", "--out", folder)
    return folder
