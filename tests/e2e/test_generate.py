import json
from pathlib import Path

import pytest

from tests.e2e.conftest import call, done, done_json

SMALL = ("-o", "model.hidden_size=8", "-o", "model.embedding_size=8")


@pytest.fixture(scope="module")
def chars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chars")
    (folder / "text.txt").write_text("One line.\nAnother line.\n" * 20, encoding="utf-8")
    run = ("run", "--task", "chars", "--model", "lstm", *SMALL, "--smoke")
    done(*run, "--data", folder / "text.txt", "--out", folder / "run")
    return folder / "run"


def test_the_text_continues_the_prompt(chars: Path) -> None:
    text = done("generate", chars, "--prompt", "One\n", "--length", 30, "--seed", 3)
    assert text.startswith("One\n")
    assert len(text) == len("One\n") + 30 + 1
    assert text == done("generate", chars, "--prompt", "One\n", "--length", 30, "--seed", 3)
    assert text != done("generate", chars, "--prompt", "One\n", "--length", 30)


def test_several_samples_and_json(chars: Path) -> None:
    arguments = ("generate", chars, "--prompt", "One", "--length", 20, "--samples", 2, "--top-k", 5)
    result = done_json(*arguments)
    assert [len(sample) for sample in result["texts"]] == [23, 23]
    assert (result["prompt"], result["top_k"], result["seed"]) == ("One", 5, 0)
    assert done(*arguments) == f"{result['texts'][0]}\n{'-' * 20}\n{result['texts'][1]}\n"
    single = done("generate", chars, "--prompt", "One", "--length", 20, "--top-k", 5)
    assert single == result["texts"][0] + "\n"


def test_a_whole_file_is_one_text(chars: Path) -> None:
    result = json.loads((chars / "result.json").read_text())
    assert "train: characters 1 to 432 of 480" in result["notices"]


@pytest.mark.parametrize(
    ("more", "cause", "remedy"),
    [
        (("--prompt", ""), "no token to start from", "characters"),
        (("--prompt", "a", "--temperature", "-1"), "temperature is -1", "≥ 0"),
        (("--prompt", "a", "--top-p", "2"), "top_p is 2", "≤ 1"),
        (("--prompt", "a", "--samples", "0"), "samples is 0", "≥ 1"),
    ],
)
def test_mistakes(chars: Path, more: tuple[str, ...], cause: str, remedy: str) -> None:
    result = call("generate", chars, *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert cause in result.stderr
    assert remedy in result.stderr


def test_a_run_that_cannot_generate_says_why(finished: Path) -> None:
    result = call("generate", finished, "--prompt", "good")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "task 'sentiment' does not predict the next token" in result.stderr
    assert "--task chars" in result.stderr
