"""A follow-up under its lock, as the actor may see it and as it was when they looked."""

from collections.abc import Collection
from uuid import UUID

from clinic.errors import Refused, not_found, stale
from clinic.models import Actor
from clinic.rules.sentences import sentence
from pathways.models import Enrollment, FollowUp
from pathways.queries.enrollments import DOCUMENT
from pathways.rules.follow_ups import Outcome

TOGETHER = ("patient", "site", "program_version", "counselor")


def locked(by: Actor, public_id: UUID, expected_version: int | None = None) -> FollowUp:
    """The row, locked before anything is decided. Refused: foreign (404), or changed meanwhile (412).

    What it belongs to is read once it is locked: a row waited for would join what stood before, and one statement for
    all of it takes the database longer to plan than to do.
    """
    rows = FollowUp.objects.visible_to(by).filter(public_id=public_id)
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise not_found()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    _with_enrollments([found])
    return found


def all_locked(by: Actor, public_ids: Collection[UUID]) -> list[FollowUp]:
    """Several rows, locked in one order, whoever asks for them in which. Refused (404) where one is foreign."""
    rows = FollowUp.objects.visible_to(by).filter(public_id__in=public_ids).order_by("pk")
    found = list(rows.select_for_update(no_key=True, of=("self",)))
    if len(found) != len(set(public_ids)):
        raise not_found()
    _with_enrollments(found)
    return found


def _with_enrollments(rows: Collection[FollowUp]) -> None:
    together = Enrollment.objects.select_related(*TOGETHER).defer(DOCUMENT)
    enrollments = together.in_bulk({each.enrollment_id for each in rows})
    for row in rows:
        enrollment = enrollments[row.enrollment_id]
        row.enrollment, row.patient = enrollment, enrollment.patient
        if row.site_id == enrollment.site_id:
            row.site = enrollment.site


def must_be_open(row: FollowUp) -> None:
    """A follow-up ends once."""
    if row.outcome:
        said = sentence("follow_up.refused.closed", outcome=Outcome(row.outcome))
        raise Refused("follow_up_closed", said)
