"""A row that cannot be read holds up no other: a run that goes over many passes it over, and tells the log which."""

from uuid import UUID

import structlog

UNREADABLE = (LookupError, ValueError)
"""What is raised for a row whose stored words, or whose program, cannot be read: it is passed over and named, others
go on. Every handler tells the log (`tell_passed_over`)."""

log = structlog.get_logger(__name__)


def tell_passed_over(what: str, public_id: UUID) -> None:
    """Write into the log, from within a handler, that a row was passed over: which, and what was raised where."""
    log.warning("passed_over", what=what, id=str(public_id), exc_info=True)
