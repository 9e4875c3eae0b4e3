"""Whose a follow-up is."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.follow_ups.locking import locked, must_be_open
from pathways.models import FollowUp


@action(Permission.FOLLOW_UP_ASSIGN, "follow_up.assign")
def assign(
    *, by: Actor, now: datetime, follow_up_id: UUID, owner_id: UUID | None, expected_version: int | None = None
) -> FollowUp:
    """Give an open follow-up to a member of staff of its site, or to nobody in particular."""
    row = locked(by, follow_up_id, expected_version)
    must_be_open(row)
    row.owner = _member(owner_id, row) if owner_id else None
    row.version += 1
    row.save(update_fields=["owner", "version"])
    audit.record(
        action="follow_up.assign",
        by=by,
        now=now,
        subject=("follow_up", row.public_id),
        patients=[row.patient.public_id],
        details={"owner": str(owner_id or "")},
    )
    return row


def _member(owner_id: UUID, row: FollowUp) -> Actor:
    at_site = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=row.site)
    found = at_site.filter(public_id=owner_id).first()
    if found is None:
        raise bad_input(owner=sentence("follow_up.refused.owner"))
    return found
