"""Where the data sets are."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SEQLAB_TEST_DATA", ROOT.parent / "shared" / "data"))
