"""Load a run and predict with it while auditing imports, compilation and opened files.

Run as `python -m tests.audited BENIGN PLANTED`. The benign run is loaded first, so that all modules
are imported before the planted one is loaded. The events of loading the benign run once more are
expected; this prints one line per further event of the planted run.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

WATCHED = (
    "import", "exec", "compile", "pickle.find_class", "marshal.loads", "os.system", "os.exec",
    "subprocess.Popen", "socket.connect", "ctypes.dlopen", "open",
)  # fmt: skip

recording = False
records: list[str] = []


def _record(event: str, arguments: tuple[object, ...]) -> None:
    if recording and event in WATCHED:
        records.append(f"{event} {arguments[0]!r}"[:300])


def events(folder: str) -> tuple[Counter[str], str]:
    """The audit events of loading a run, and the outcome."""
    global recording
    import seqlab
    from seqlab.errors import SeqlabError

    records.clear()
    recording = True
    try:
        seqlab.load(folder).predict(["so far so good"])
        outcome = "loaded"
    except SeqlabError as error:
        outcome = f"refused: {error.cause}"
    recording = False
    path = str(Path(folder).resolve())
    plain = (re.sub("0x[0-9a-f]+", "", event.replace(path, "RUN")) for event in records)
    return Counter(plain), outcome


def main(benign: str, planted: str) -> None:
    """Print the events of the planted run that the benign one does not have."""
    for _ in range(2):  # some modules are imported on the first or second use
        events(benign)
    sys.addaudithook(_record)
    expected, _ = events(benign)
    audited, outcome = events(planted)
    for event in audited - expected:
        print(event)
    print(outcome)


if __name__ == "__main__":
    main(*sys.argv[1:])
