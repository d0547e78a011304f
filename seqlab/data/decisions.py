"""What was decided about data while they were read, and the option that changes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from seqlab.types import JsonObject


@dataclass(frozen=True)
class Decision:
    """One decision about the data, such as the separator of a file or the column of a role.

    Args:
        subject: What was decided, such as "separator" or "text".
        choice: The result, such as "';'" or "column 'review'".
        option: Full name of the option that changes it; "" if there is none.
        notable: Whether a run tells the user. `seqlab data check` shows all decisions.
    """

    subject: str
    choice: str
    option: str = ""
    notable: bool = True

    def __str__(self) -> str:
        return f"{self.subject}: {self.choice}"

    def to_json(self) -> JsonObject:
        """The fields as JSON; `Decision(**record)` restores the decision."""
        return asdict(self)


def notices_of(decisions: Iterable[Decision]) -> list[str]:
    """The lines that a run shows to the user: its notable decisions."""
    return [str(decision) for decision in decisions if decision.notable]
