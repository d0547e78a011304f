"""What was decided and found about data and weights, for the user and for the result."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from seqlab.device import Device
from seqlab.prepare.prepare import Prepared
from seqlab.runs.folder import RunFolder


class Notices:
    """The notices and findings of a run.

    Args:
        folder: Of the run: a resumed one keeps what was said at its start.
        prepared: The data.
        weights: Notices about the initial weights.
        resumed: Whether the run is a resumed one.
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
        """As the folder of the run keeps them."""
        return {"notices": self.data, "findings": self.findings}

    def print_weights(self, device: Device) -> None:
        """Print the notices about weights; those about data are printed as soon as they exist."""
        print_lines(self.weights, device)

    def add(self, notices: Sequence[str], device: Device) -> None:
        """Print and keep further notices."""
        self.lines += notices
        print_lines(notices, device)


def print_lines(lines: Sequence[object], device: Device) -> None:
    """Lines on standard error, from one process only."""
    if lines and device.is_main:
        print(*lines, sep="\n", file=sys.stderr)
