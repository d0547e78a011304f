import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete

from seqlab.cli import cli

PLUGIN = """
import seqlab

@seqlab.hookimpl
def register_layers(register):
    register("mylayer", "nowhere:Layer", summary="A test layer")
"""


def completions(*arguments: str) -> list[CompletionItem]:
    *before, incomplete = arguments
    return ShellComplete(cli, {}, "seqlab", "_SEQLAB_COMPLETE").get_completions(before, incomplete)


def values(*arguments: str) -> list[str]:
    return [item.value for item in completions(*arguments)]


def test_commands_and_options() -> None:
    assert {"data", "doctor"} <= set(values("d"))
    assert "--tokenizer" in values("run", "--t")
    assert values("data", "s") == ["show"]
    assert "models" in values("list", "m")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("run", "--model", "ls"), "lstm"),
        (("run", "--task", "senti"), "sentiment"),
        (("run", "--tokenizer", "wo"), "word"),
        (("run", "--data", "revi"), "reviews"),
        (("evaluate", "runs/a", "--data", "revi"), "reviews"),
        (("data", "show", "revi"), "reviews"),
        (("data", "show", "--task", "senti"), "sentiment"),
        (("show", "model", "ls"), "lstm"),
        (("show", "tokenizer", "wo"), "word"),
    ],
)
def test_names(arguments: tuple[str, ...], name: str) -> None:
    items = {item.value: item for item in completions(*arguments) if item.type == "plain"}
    assert name in items
    assert items[name].help
    assert all(value.startswith(arguments[-1]) for value in items)


def test_names_of_a_plugin_file(tmp_path: Path) -> None:
    file = tmp_path / "mylayer.py"
    file.write_text(PLUGIN)
    assert values("run", "--plugin", str(file), "--model", "my") == ["mylayer"]
    file.write_text("broken")
    assert values("run", "--plugin", str(file), "--model", "lst") == ["lstm"]
    assert values("run", "--plugin", "missing.py", "--model", "lst") == ["lstm"]


def test_paths() -> None:
    assert [item.type for item in completions("run", "--data", "./x")] == ["file"]
    assert [item.type for item in completions("predict", "runs/")] == ["dir"]
    assert [item.type for item in completions("run", "--resume", "runs/")] == ["dir"]
    assert completions("show", "train", "x") == []


CODE = """
import sys
from seqlab.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = [name for name in ("torch", "datasets", "numpy", "rich") if name in sys.modules]
sys.exit(f"imported: {loaded}" if loaded else 0)
"""


@pytest.mark.parametrize("line", ["seqlab run --model l", "seqlab data show r"])
def test_completion_imports_nothing_heavy_and_bash_understands_it(line: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    process = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"_SEQLAB_COMPLETE": "bash_complete", **words},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    expected = "plain,lstm" if "--model" in line else "plain,reviews"
    assert expected in process.stdout.splitlines()


def test_the_help_explains_how_to_enable_completion() -> None:
    help_text = cli.get_help(cli.make_context("seqlab", [], resilient_parsing=True))
    for shell in ("bash", "zsh", "fish"):
        assert f"_SEQLAB_COMPLETE={shell}_source seqlab" in help_text
