"""Booked sessions follow the course of care by themselves: an exit ends those to come, an undo brings them back."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.rules.moves import DischargeReason, HoldReason, TransferReason
from tests.factories import clinic, pathways
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR, TOMORROW, place_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site, by: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=by)


def moves(row: Enrollment, by: Actor, later: timedelta = HOUR) -> dict[str, object]:
    return {"by": by, "now": NOW + later, "enrollment_id": row.public_id}


def test_a_discharge_ends_the_sessions_to_come_and_its_undo_brings_them_back(enrollment: Enrollment, by: Actor) -> None:
    booked = make.individual(enrollment.patient, by=by)
    enrollments.discharge(reason=DischargeReason.CHOSE_TO_LEAVE, **moves(enrollment, by))
    assert place_of(booked, enrollment.patient).status == "cancelled_by_clinic"
    enrollments.reverse(note="Stays after all", **moves(enrollment, by, 2 * HOUR))
    assert place_of(booked, enrollment.patient).status == "booked"


def test_a_hold_pauses_sessions_and_what_is_still_to_come_returns_with_its_end(
    enrollment: Enrollment, by: Actor
) -> None:
    soon = make.individual(enrollment.patient, by=by)
    later = make.individual(enrollment.patient, by=by, at=TOMORROW + 9 * DAY)
    review = (NOW + 5 * DAY).date()
    enrollments.hold(reason=HoldReason.TRAVEL, review_on=review, **moves(enrollment, by))
    assert place_of(later, enrollment.patient).status == "cancelled_by_clinic"
    enrollments.resume(**moves(enrollment, by, 5 * DAY))
    kept = [place_of(each, enrollment.patient).status for each in (soon, later)]
    assert kept == ["cancelled_by_clinic", "booked"]
    enrollments.reverse(note="Still away", **moves(enrollment, by, 5 * DAY + HOUR))
    assert place_of(later, enrollment.patient).status == "cancelled_by_clinic"


def test_a_transfer_to_another_program_ends_the_sessions_booked_under_the_first(
    enrollment: Enrollment, by: Actor
) -> None:
    booked = make.individual(enrollment.patient, by=by)
    about = pathways.document()["program"] | {"key": "kratom-evening", "title": "Kratom recovery: evenings"}
    pathways.program(changed={"program": about})
    enrollments.transfer_program(program_key="kratom-evening", reason=TransferReason.MEDICAL, **moves(enrollment, by))
    assert place_of(booked, enrollment.patient).status == "cancelled_by_clinic"


def test_after_a_death_no_session_of_the_person_is_kept(enrollment: Enrollment, by: Actor) -> None:
    booked = make.individual(enrollment.patient, by=by)
    enrollments.discharge(reason=DischargeReason.DIED, **moves(enrollment, by))
    assert place_of(booked, enrollment.patient).status == "cancelled_by_clinic"


def test_a_session_the_way_out_was_opened_by_is_not_called_off_by_it(site: Site, by: Actor) -> None:
    """A gate that asks for the next appointment is not met by one that the discharge itself ends."""
    document = pathways.document()
    asked = {"key": "next-booked", "kind": "contact_booked", "what": ["session"], "within_days": 7, "source": "test"}
    document["phases"][0]["exit"] = {"title": "Way out", "criteria": [asked]}
    leave = {"kind": "discharge", "from": document["phases"][0]["key"], "roles": ["clinician"], "gate": ["exit"]}
    others = [each for each in document["transitions"] if each["kind"] != "discharge"]
    rest = {"kind": "discharge", "roles": ["clinician"], "reasons": ["died", "other"]}
    ways = [{**leave, "reasons": ["chose_to_leave"]}, *others, rest]
    pathways.program(now=NOW - DAY)
    pathways.program(changed={"phases": document["phases"], "transitions": ways})
    enrollment = pathways.enrolled(site=site, by=by)
    booked = make.individual(enrollment.patient, by=by)
    later = make.individual(enrollment.patient, by=by, at=TOMORROW + 9 * DAY)
    enrollments.discharge(reason=DischargeReason.CHOSE_TO_LEAVE, **moves(enrollment, by))
    kept = [place_of(each, enrollment.patient).status for each in (booked, later)]
    assert kept == ["booked", "cancelled_by_clinic"]
