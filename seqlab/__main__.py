"""`python -m seqlab` is the same as the command `seqlab`."""

import sys
from pathlib import Path

# `python -m` searches the working folder first, whose modules may not be trusted
if sys.path[:1] == [str(Path.cwd())] and Path.cwd() != Path(__file__).parents[1]:
    del sys.path[0]

from seqlab.cli import main

main()
