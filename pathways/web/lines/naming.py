"""What a line's element is called on a page."""

from uuid import UUID

from pathways.queries.worklist import Subject
from pathways.rules.worklist import Line, LineType

PREFIXES = {
    LineType.SESSION: "g",
    LineType.PLAN_REVIEW: "p",
    LineType.PLAN_SIGNATURE: "q",
    LineType.FIRST_VISIT: "v",
    LineType.GATE_EVIDENCE: "e",
    LineType.EARLY_WARNING: "w",
}
"""Lines that are about a record of which there may be another line."""


def line_id(subject: Subject) -> str:
    """The element of a line about a record that is owed by itself: letters and digits."""
    return f"l{subject.public_id.hex}"


def id_of(line: Line) -> str:
    """The element of any line."""
    return element_id(line.item.type, line.item.public_id)


def element_id(kind: LineType, public_id: UUID) -> str:
    """The element of a line about this record."""
    return f"{PREFIXES.get(kind, 'l')}{public_id.hex}"
