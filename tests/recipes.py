"""A plugin with recipes, in a folder of a test."""

from __future__ import annotations

from pathlib import Path

QUICK = """
summary = "A few reviews, two steps"
source = "these tests"
seed = 7

[task]
name = "sentiment"

[data]
source = "reviews"
rows = 200

[model]
name = "lstm"
hidden_size = 4
embedding_size = 4

[train]
max_steps = 2

[[expected]]
name = "train.accuracy"
condition = ">= 0"

[[expected]]
name = "test.accuracy"
condition = "> 1"
"""

PLUGIN = """
from pathlib import Path
import seqlab

@seqlab.hookimpl
def register_recipes(register):
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        register(path.stem, path)
"""


def write_plugin(folder: Path, **recipes: str) -> Path:
    """A one-file plugin with these recipes, and `quick`."""
    for name, text in {"quick": QUICK, **recipes}.items():
        (folder / f"{name}.toml").write_text(text)
    file = folder / "recipes.py"
    file.write_text(PLUGIN)
    return file
