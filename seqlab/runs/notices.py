"""Notices and findings about data and weights, for the user and for the result."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from seqlab.device import Device
from seqlab.errors import printable
from seqlab.prepare.prepare import Prepared
from seqlab.runs.folder import RunFolder


class Notices:
    """The notices and findings of a run.

    Args:
        folder: The folder of the run. A resumed run keeps the notices of its start.
        prepared: The data.
        weights: Notices about the initial weights.
        resumed: Whether the run is resumed.
    """

    def __init__(
        self, folder: RunFolder, prepared: Prepared, weights: Sequence[str], *, resumed: bool
    ) -> None:
        if resumed:
            saved = folder.read_notices()
            self.data, self.findings = saved["notices"], saved["findings"]
        else:
            self.data = list[object](prepared.notices)
            self.findings = [finding.to_json() for finding in prepared.findings]
        self.weights = list(weights)
        self.lines = [*self.data, *self.weights]

    def to_json(self) -> dict[str, object]:
        """Notices and findings, as stored in the folder of the run."""
        return {"notices": self.data, "findings": self.findings}

    def print_weights(self, device: Device) -> None:
        """Print the notices about weights; those about data are already printed."""
        print_lines(self.weights, device)

    def add(self, notices: Sequence[str], device: Device) -> None:
        """Print and record further notices."""
        self.lines += notices
        print_lines(notices, device)


def print_lines(lines: Sequence[object], device: Device) -> None:
    """Print lines to standard error, from the main process only."""
    if lines and device.is_main:
        print(*(printable(str(line)) for line in lines), sep="\n", file=sys.stderr)
