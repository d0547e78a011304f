"""Load a run and predict with it while imports, compilation and opened files are watched.

Run as `python -m tests.audited BENIGN PLANTED`. What the first folder needs is loaded first, so
that the second one has no reason left to import anything; what the first one does again when it is
loaded once more is taken for the loading itself. Prints a line for each event beyond that.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

WATCHED = (
    "import", "exec", "compile", "pickle.find_class", "marshal.loads", "os.system", "os.exec",
    "subprocess.Popen", "socket.connect", "ctypes.dlopen", "open",
)  # fmt: skip

watching = False
seen: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if watching and event in WATCHED:
        seen.append(f"{event} {arguments[0]!r}"[:300])


def events(folder: str) -> tuple[Counter[str], str]:
    """What loading a folder does, and what comes of it."""
    global watching
    import seqlab
    from seqlab.errors import SeqlabError

    seen.clear()
    watching = True
    try:
        seqlab.load(folder).predict(["so far so good"])
        said = "loaded"
    except SeqlabError as error:
        said = f"refused: {error.cause}"
    watching = False
    own = str(Path(folder).resolve())
    plain = (re.sub("0x[0-9a-f]+", "", event.replace(own, "RUN")) for event in seen)
    return Counter(plain), said


def main(benign: str, planted: str) -> None:
    """Compare the two."""
    for _ in range(2):  # what is imported late, or the first time only
        events(benign)
    sys.addaudithook(_watch)
    usual, _ = events(benign)
    found, said = events(planted)
    for event in found - usual:
        print(event)
    print(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
