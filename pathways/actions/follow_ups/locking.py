"""A follow-up under its lock, as the actor may see it and as it was when they looked."""

from collections.abc import Collection
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


def all_locked(by: Actor, public_ids: Collection[UUID]) -> list[FollowUp]:
    """Several rows, locked in one order, whoever asks for them in which. Refused (404) where one is foreign."""
    rows = FollowUp.objects.visible_to(by).filter(public_id__in=public_ids).order_by("pk")
    rows = rows.select_related(*TOGETHER).defer(f"enrollment__{DOCUMENT}")
    found = list(rows.select_for_update(no_key=True, of=("self",)))
    if len(found) != len(set(public_ids)):
        raise not_found()
    return found


def must_be_open(row: FollowUp) -> None:
    """A follow-up ends once."""
    if row.outcome:
        said = sentence("follow_up.refused.closed", outcome=Outcome(row.outcome))
        raise Refused("follow_up_closed", said)
