"""Writing the record of what was done and looked at."""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import ParamSpec
from uuid import UUID, uuid4

from clinic.models import Actor, AuditEntry

request_id: ContextVar[str] = ContextVar("request_id", default="")
Subject = tuple[str, UUID]
Told = ParamSpec("Told")


def entry(
    *,
    action: str,
    by: Actor | None,
    now: datetime,
    subject: Subject | None = None,
    patients: Iterable[UUID] = (),
    outcome: str = "done",
    reason: str = "",
    details: Mapping[str, object] | None = None,
    public_id: UUID | None = None,
) -> AuditEntry:
    """An entry, not saved: for a verb that sends all it writes together. `details` holds codes and public ids, never
    content."""
    kind, subject_id = subject or ("", None)
    return AuditEntry(
        public_id=public_id or uuid4(),
        action=action[:80],
        actor=by,
        recorded_at=now,
        subject_type=kind,
        subject_id=subject_id,
        patient_ids=list(patients),
        outcome=outcome,
        reason=reason[:400],
        details=dict(details or {}),
        request_id=request_id.get(),
    )


def _written(make: Callable[Told, AuditEntry]) -> Callable[Told, AuditEntry]:
    def write(*args: Told.args, **kwargs: Told.kwargs) -> AuditEntry:
        made = make(*args, **kwargs)
        made.save(force_insert=True)
        return made

    return write


record = _written(entry)
"""Write one entry beside the change, in its transaction; takes what `entry` takes."""
