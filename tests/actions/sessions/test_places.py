"""Places in a session: people come and go, and are checked in."""

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import sessions
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    SessionStatus,
)
from patients.models import Patient
from tests.factories import clinic
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, HOUR, TOMORROW, people, place_of
from tests.refusals import refused

pytestmark = pytest.mark.django_db
A, S = AttendanceStatus, SessionStatus


def test_somebody_joins_a_group_until_it_is_full(site: Site, by: Actor) -> None:
    one, two, three = people(site, by, 3)
    row = make.group(site, one, by=by, what={"modality": "group-therapy", "capacity": 2})
    sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=two.public_id)
    given = {"by": by, "now": NOW, "session_id": row.public_id}
    assert set(refused(sessions.add_person, **given, patient_id=three.public_id).fields) == {"people"}
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, one).public_id, wish=CancelledBy.PATIENT, note="Ill.")
    sessions.add_person(**given, patient_id=three.public_id)
    assert refused(sessions.add_person, **given, patient_id=two.public_id).code == "attendance_once"


def test_somebody_who_gave_a_place_up_can_have_one_again(site: Site, by: Actor, patient: Patient) -> None:
    row = make.group(site, patient, by=by)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, patient).public_id, wish=CancelledBy.PATIENT)
    sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=patient.public_id)
    assert [each.status for each in row.attendances.order_by("pk")] == [A.CANCELLED_BY_PATIENT, A.BOOKED]


def test_somebody_booked_elsewhere_does_not_join(site: Site, by: Actor, patient: Patient) -> None:
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    make.individual(patient, by=by)
    row = make.group(site, by=other)
    no = refused(sessions.add_person, by=by, now=NOW, session_id=row.public_id, patient_id=patient.public_id)
    assert (no.code, set(no.fields)) == ("session_clash", {"people"})


def test_a_session_of_one_person_ends_with_their_place(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    sessions.take_off(
        by=by, now=NOW, attendance_id=place_of(row, patient).public_id, wish=CancelledBy.PATIENT, note="Work."
    )
    row.refresh_from_db()
    assert (row.status, row.cancelled_for, row.cancelled_by, row.cancellation_note) == (
        S.CANCELLED, CancelledBy.PATIENT, by, "Work.",
    )  # fmt: skip


def test_checking_in_can_be_taken_back(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    early = refused(sessions.check_in, by=by, now=NOW, attendance_id=place)
    assert (early.code, say(early.sentence)) == ("too_early", "People are checked in on the day itself, Wed 17 Jun.")
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place)
    row.refresh_from_db()
    assert (row.status, place_of(row, patient).checked_in_by) == (S.CHECKED_IN, by)
    sessions.undo_check_in(by=by, now=TOMORROW, attendance_id=place)
    row.refresh_from_db()
    assert (row.status, place_of(row, patient).checked_in_at) == (S.BOOKED, None)
    assert refused(sessions.undo_check_in, by=by, now=TOMORROW, attendance_id=place).code == "place_not_open"


def test_who_was_thought_absent_can_still_come(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    assert refused(sessions.no_show, by=by, now=NOW, attendance_id=place).code == "too_early"
    sessions.no_show(by=by, now=TOMORROW + HOUR / 2, attendance_id=place)
    row.refresh_from_db()
    assert row.status == S.NO_SHOW
    sessions.check_in(by=by, now=TOMORROW + HOUR / 2, attendance_id=place)
    row.refresh_from_db()
    assert row.status == S.CHECKED_IN


def test_who_came_late_after_all_does_not_come_while_the_leader_is_with_another(site: Site, by: Actor) -> None:
    late, other = people(site, by, 2)
    row = make.individual(late, by=by)
    place = place_of(row, late).public_id
    sessions.no_show(by=by, now=AFTER, attendance_id=place)
    make.individual(other, by=by, now=AFTER)
    no = refused(sessions.check_in, by=by, now=AFTER, attendance_id=place)
    assert (no.code, set(no.fields)) == ("session_clash", {"leader"})


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    place = place_of(row, patient).public_id
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place, expected_version=row.version)
    no = refused(sessions.no_show, by=by, now=TOMORROW, attendance_id=place, expected_version=row.version)
    assert no.status == 412
