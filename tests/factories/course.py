"""People on their way through the kratom program: what its gates ask for, recorded by the product's own verbs."""

from datetime import datetime, timedelta
from typing import Any

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments, findings, follow_ups
from pathways.models import Enrollment, FollowUp, Transition
from patients import instruments
from patients.models import Assessment, Patient
from tests.factories import clinic
from tests.factories.patients import NOW

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
THERAPY = "behavioral-therapy"
INTAKE = ("kratom_use_profile", "dsm5_sud", "phq9", "cssrs_screen")


def quiet(instrument: str) -> dict[str, Any]:
    """Every item answered with the least there is to choose."""
    found: dict[str, Any] = {}
    for item in instruments.definition(instrument).items:
        if item.visible_if is not None:
            continue
        if item.is_number:
            found[item.key] = int(item.minimum or 0)
        else:
            found[item.key] = min(item.options, key=lambda option: option.value).code
    return found


def recorded(
    patient: Patient, instrument: str, answers: dict[str, Any] | None = None, *, by: Actor, at: datetime
) -> Assessment:
    """A recorded form, told to the course of care."""
    given = quiet(instrument) if answers is None else answers
    return findings.record_assessment(
        patient=patient, instrument=instrument, answers=given, by=by, now=at, effective_at=at
    )


def ready_for_therapy(row: Enrollment, by: Actor, *, now: datetime = LATER, but: str = "") -> None:
    """All that the first gate asks for; `but` leaves the second reading of one instrument out."""
    for instrument in INTAKE:
        recorded(row.patient, instrument, by=by, at=now - 2 * DAY)
    recorded(row.patient, "cows", by=by, at=now - 2 * DAY)
    if but != "cows":
        recorded(row.patient, "cows", by=by, at=now - timedelta(hours=2))
    attestations.attest(
        by=by, now=now - timedelta(hours=1), enrollment_id=row.public_id, key="treatment-plan-agreed",
        role=Role(by.roles[0]),
    )  # fmt: skip


def to_therapy(row: Enrollment, by: Actor, *, now: datetime = LATER, **given: Any) -> Transition:
    """Through the first gate."""
    ready_for_therapy(row, by, now=now)
    return enrollments.advance(by=by, now=now, enrollment_id=row.public_id, **given)


def climbed(row: FollowUp, hours: int) -> FollowUp:
    """As it stands so many hours after it was due."""
    follow_ups.climb_ladders(by=clinic.job(), now=row.due_at + timedelta(hours=hours))
    row.refresh_from_db()
    return row
