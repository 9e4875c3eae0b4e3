"""Whose caseload an enrollment is in."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.locking import locked
from pathways.models import Enrollment, FollowUp


@action(Permission.ENROLLMENT_WRITE, "enrollment.assign_counselor")
def assign_counselor(
    *, by: Actor, now: datetime, enrollment_id: UUID, counselor_id: UUID | None, expected_version: int | None = None
) -> Enrollment:
    """Hand the person over: open contacts that were the former counselor's, or nobody's, go along."""
    row = locked(by, enrollment_id, expected_version)
    former = row.counselor
    staff = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=row.site)
    row.counselor = staff.filter(public_id=counselor_id).first() if counselor_id else None
    if counselor_id and row.counselor is None:
        raise bad_input(counselor=sentence("enrollment.refused.counselor"))
    row.version += 1
    row.save(update_fields=["counselor", "version"])
    owed = FollowUp.objects.open().filter(enrollment=row, owner=former, owner_role=Role.COUNSELOR)
    owed.update(owner=row.counselor)
    audit.record(
        action="enrollment.assign_counselor",
        by=by,
        now=now,
        subject=("enrollment", row.public_id),
        patients=[row.patient.public_id],
        details={"counselor": str(counselor_id or "")},
    )
    return row
