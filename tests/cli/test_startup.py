import subprocess
import sys

import pytest

HEAVY = ("torch", "datasets", "accelerate", "numpy", "rich", "matplotlib")
CODE = """
import sys
from seqlab.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
loaded = [name for name in {heavy!r} if name in sys.modules]
sys.exit(f"imported: {{loaded}}" if loaded else 0)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["list", "models"],
        ["list", "--json"],
        ["list", "recipes"],
        ["list", "runs"],
        ["show", "recipe", "sentiment-lstm"],
        ["plugins"],
        ["data", "show", "--help"],
    ],
)
def test_listings_import_nothing_heavy(arguments: list[str]) -> None:
    code = CODE.format(heavy=HEAVY)
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout


def test_runs_as_a_module() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "seqlab", "--version"], capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith("seqlab, version ")
