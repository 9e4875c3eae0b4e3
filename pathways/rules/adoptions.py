"""The words of adopting a version: where a run stands, and what became of each enrollment in it."""

from enum import StrEnum


class RunStatus(StrEnum):
    """A run over many enrollments; one that was stopped may go on."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class ItemStatus(StrEnum):
    """One enrollment of a run."""

    PENDING = "pending"
    ADOPTED = "adopted"
    SKIPPED = "skipped"
    REFUSED = "refused"
