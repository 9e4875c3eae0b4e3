"""A follow-up under its lock, as the actor may see it and as it was when they looked."""

from uuid import UUID

from clinic.errors import Refused, not_found, stale
from clinic.models import Actor
from clinic.rules.sentences import sentence
from pathways.models import FollowUp
from pathways.queries.enrollments import DOCUMENT
from pathways.rules.follow_ups import Outcome

TOGETHER = ("patient", "site", "enrollment__program_version", "enrollment__counselor", "owner")


def locked(by: Actor, public_id: UUID, expected_version: int | None = None) -> FollowUp:
    """The row, locked before anything is decided. Refused: foreign (404), or changed meanwhile (412)."""
    rows = FollowUp.objects.visible_to(by).filter(public_id=public_id)
    rows = rows.select_related(*TOGETHER).defer(f"enrollment__{DOCUMENT}")
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise not_found()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    return found


def must_be_open(row: FollowUp) -> None:
    """A follow-up ends once."""
    if row.outcome:
        said = sentence("follow_up.refused.closed", outcome=Outcome(row.outcome))
        raise Refused("follow_up_closed", said)
