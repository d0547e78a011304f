"""`python -m seqlab` is `seqlab`."""

import sys
from pathlib import Path

# `python -m` looks for modules in the working folder first, which may be a stranger's
if sys.path[:1] == [str(Path.cwd())] and Path.cwd() != Path(__file__).parents[1]:
    del sys.path[0]

from seqlab.cli import main

main()
