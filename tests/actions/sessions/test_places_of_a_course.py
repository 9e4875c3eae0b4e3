"""Places to come end, pause and return with the course of care."""

from typing import Any

import pytest

from clinic.models import Actor, Site
from pathways.actions import enrollments, sessions
from pathways.models import Enrollment, Session, Transition
from pathways.rules.moves import DischargeReason, HoldReason
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    SessionStatus,
)
from patients.models import Patient
from tests.factories import pathways
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, DAY, HOUR, TOMORROW, people, place_of

pytestmark = pytest.mark.django_db
A, S = AttendanceStatus, SessionStatus


def move_of(enrolled: Enrollment, verb: Any, *, by: Actor, **given: Any) -> Transition:
    return verb(by=by, now=NOW, enrollment_id=enrolled.public_id, **given)


@pytest.fixture
def enrolled(site: Site, by: Actor, patient: Patient) -> Enrollment:
    return pathways.enrolled(patient, by=by, site=site)


def left(enrolled: Enrollment, by: Actor) -> Transition:
    """The newest move, made for this test."""
    return move_of(enrolled, enrollments.discharge, by=by, reason=DischargeReason.CHOSE_TO_LEAVE)


def cancelled(enrolled: Enrollment, moved: Transition, by: Actor, **given: Any) -> int:
    return sessions.cancel_future_places(by=by, now=NOW, enrollment=enrolled, transition=moved, **given)


def test_places_to_come_end_with_the_enrollment_and_an_undo_brings_back_those_alone(
    site: Site, by: Actor, enrolled: Enrollment
) -> None:
    patient = enrolled.patient
    alone = make.individual(patient, by=by)
    group = make.group(site, patient, *people(site, by, 1), by=by, at=TOMORROW + 2 * HOUR)
    by_hand = make.group(site, patient, by=by, at=TOMORROW + 5 * HOUR)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(by_hand, patient).public_id, wish=CancelledBy.PATIENT)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert place_of(alone, patient).status == A.CANCELLED_BY_CLINIC
    assert place_of(alone, patient).cancelled_by_transition == moved
    assert [Session.objects.get(pk=each.pk).status for each in (alone, group)] == [S.CANCELLED, S.BOOKED]
    assert group.attendances.filter(status=A.BOOKED).count() == 1
    assert sessions.restore_places(by=by, now=NOW, transition=moved) == 2
    assert [place_of(each, patient).status for each in (alone, group, by_hand)] == [
        A.BOOKED,
        A.BOOKED,
        A.CANCELLED_BY_PATIENT,
    ]
    back = Session.objects.get(pk=alone.pk)
    assert (back.status, back.cancelled_at, back.cancelled_for) == (S.BOOKED, None, "")


def test_what_lay_before_the_exit_stays_to_be_documented(site: Site, by: Actor, enrolled: Enrollment) -> None:
    earlier = make.individual(enrolled.patient, by=by, at=NOW - 3 * HOUR)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert place_of(earlier, enrolled.patient).status == A.BOOKED


def test_an_undo_books_nobody_twice(site: Site, by: Actor, enrolled: Enrollment) -> None:
    alone = make.individual(enrolled.patient, by=by)
    full = make.group(
        site, enrolled.patient, by=by, at=TOMORROW + 2 * HOUR, what={"modality": "group-therapy", "capacity": 1}
    )
    past = make.individual(enrolled.patient, by=by, at=TOMORROW + 6 * HOUR)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    one, two = people(site, by, 2)
    make.individual(one, by=by)
    sessions.add_person(by=by, now=NOW, session_id=full.public_id, patient_id=two.public_id)
    assert sessions.restore_places(by=by, now=NOW, transition=moved) == 1
    assert [place_of(each, enrolled.patient).status for each in (alone, full, past)] == [
        A.CANCELLED_BY_CLINIC, A.CANCELLED_BY_CLINIC, A.BOOKED,
    ]  # fmt: skip


def test_what_lies_in_the_past_is_not_brought_back(site: Site, by: Actor, enrolled: Enrollment) -> None:
    alone = make.individual(enrolled.patient, by=by)
    moved = left(enrolled, by)
    cancelled(enrolled, moved, by)
    assert sessions.restore_places(by=by, now=AFTER, transition=moved) == 0
    assert place_of(alone, enrolled.patient).status == A.CANCELLED_BY_CLINIC


def test_a_hold_pauses_the_places_to_come(site: Site, by: Actor, enrolled: Enrollment) -> None:
    soon = make.individual(enrolled.patient, by=by)
    later = make.individual(enrolled.patient, by=by, at=TOMORROW + 9 * DAY)
    held = move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    cancelled(enrolled, held, by)
    assert sessions.restore_places(by=by, now=NOW + 5 * DAY, transition=held, due_from=NOW + 5 * DAY) == 1
    assert [place_of(each, enrolled.patient).status for each in (soon, later)] == [A.CANCELLED_BY_CLINIC, A.BOOKED]


def test_the_moves_of_an_enrollment_take_its_places_along_and_back(site: Site, by: Actor, enrolled: Enrollment) -> None:
    """Through the verbs themselves: a hold and its end, a discharge and its undo."""
    row = make.individual(enrolled.patient, by=by, at=TOMORROW + 9 * DAY)

    def status() -> tuple[str, str]:
        return place_of(row, enrolled.patient).status, Session.objects.get(pk=row.pk).status

    move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    assert status() == (A.CANCELLED_BY_CLINIC, S.CANCELLED)
    enrollments.resume(by=by, now=NOW + HOUR, enrollment_id=enrolled.public_id)
    assert status() == (A.BOOKED, S.BOOKED)
    given = {"by": by, "enrollment_id": enrolled.public_id}
    enrollments.discharge(**given, now=NOW + 2 * HOUR, reason=DischargeReason.CHOSE_TO_LEAVE)
    assert status() == (A.CANCELLED_BY_CLINIC, S.CANCELLED)
    enrollments.reverse(**given, now=NOW + 3 * HOUR, note="Came back the same day.")
    assert status() == (A.BOOKED, S.BOOKED)


def test_what_somebody_booked_during_a_hold_stays_when_the_hold_goes_on(
    site: Site, by: Actor, enrolled: Enrollment
) -> None:
    held = move_of(enrolled, enrollments.hold, by=by, reason=HoldReason.TRAVEL, review_on=(NOW + 5 * DAY).date())
    row = make.individual(enrolled.patient, by=by, now=NOW + HOUR)
    cancelled(enrolled, held, by)
    assert place_of(row, enrolled.patient).status == A.BOOKED


def test_after_a_death_every_place_of_the_person_ends(site: Site, by: Actor, patient: Patient) -> None:
    loose = make.individual(patient, by=by)
    enrolled = pathways.enrolled(patient, by=by, site=site)
    moved = move_of(enrolled, enrollments.discharge, by=by, reason=DischargeReason.DIED)
    cancelled(enrolled, moved, by, of_person=True)
    assert place_of(loose, patient).status == A.CANCELLED_BY_CLINIC
