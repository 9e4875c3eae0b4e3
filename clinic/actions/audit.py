"""Writing the record of what was done and looked at."""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID, uuid4

from clinic.models import Actor, AuditEntry

request_id: ContextVar[str] = ContextVar("request_id", default="")
Subject = tuple[str, UUID]


def record(
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
    """Write one entry beside the change, in its transaction. `details` holds codes and public ids, never content."""
    kind, subject_id = subject or ("", None)
    return AuditEntry.objects.create(
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
