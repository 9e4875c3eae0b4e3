"""A session at another time, or not at all."""

import pytest

from clinic.models import Actor, Room, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.sessions import Move
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
)
from patients.models import Patient
from tests.factories import clinic
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, HOUR, TOMORROW, people, place_of
from tests.refusals import refused

pytestmark = pytest.mark.django_db
A = AttendanceStatus


def test_a_session_moves_with_its_places_and_its_messages_retire(
    site: Site, by: Actor, patient: Patient, room: Room
) -> None:
    row = make.individual(patient, by=by)
    moved = sessions.move(
        by=by, now=NOW, session_id=row.public_id,
        to=Move(starts_at=TOMORROW + HOUR / 2, minutes=30, room_id=room.public_id), expected_version=row.version,
    )  # fmt: skip
    place = place_of(row, patient)
    assert (place.starts_at, place.ends_at) == (TOMORROW + HOUR / 2, TOMORROW + HOUR)
    assert (moved.plan_version, moved.version, moved.room) == (2, 2, room)
    again = sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(room_id=None, title="First talk"))
    assert (again.plan_version, again.version, again.room, again.title) == (2, 3, None, "First talk")


def test_a_session_does_not_move_into_another(site: Site, by: Actor, room: Room) -> None:
    one, two = people(site, by, 2)
    make.individual(one, by=by, room_id=room.public_id)
    row = make.individual(two, by=by, at=TOMORROW + 3 * HOUR, room_id=room.public_id)
    no = refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(starts_at=TOMORROW))
    assert (no.code, set(no.fields)) == ("session_clash", {"leader", "room"})
    row.refresh_from_db()
    assert row.starts_at == TOMORROW + 3 * HOUR


def test_a_session_may_move_within_its_own_time(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(starts_at=TOMORROW + HOUR / 4))
    row.refresh_from_db()
    assert row.starts_at == TOMORROW + HOUR / 4


def test_once_somebody_is_here_a_session_has_its_time(by: Actor, patient: Patient, room: Room) -> None:
    row = make.individual(patient, by=by)
    sessions.check_in(by=by, now=TOMORROW, attendance_id=place_of(row, patient).public_id)
    no = refused(sessions.move, by=by, now=TOMORROW, session_id=row.public_id, to=Move(minutes=40))
    assert no.code == "session_begun"
    assert sessions.move(by=by, now=TOMORROW, session_id=row.public_id, to=Move(room_id=room.public_id)).room == room


def test_a_session_moves_to_fewer_places_only_where_people_fit(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 3), by=by)
    no = refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(capacity=2))
    assert set(no.fields) == {"people"}
    assert set(refused(sessions.move, by=by, now=NOW, session_id=row.public_id, to=Move(leader_id=None)).fields) == {
        "leader"
    }


def test_places_go_with_a_cancelled_session(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 2), by=by)
    assert set(refused(sessions.cancel, by=by, now=NOW, session_id=row.public_id, wish=CancelledBy.PATIENT).fields) == {
        "wish"
    }
    sessions.cancel(by=by, now=NOW, session_id=row.public_id, wish=CancelledBy.CLINIC, note="Leader ill.")
    assert {each.status for each in row.attendances.all()} == {A.CANCELLED_BY_CLINIC}
    assert {each.cancellation_note for each in row.attendances.all()} == {"Leader ill."}
    for verb in (sessions.cancel, sessions.move):
        given = {"wish": CancelledBy.CLINIC} if verb is sessions.cancel else {"to": Move(minutes=30)}
        assert refused(verb, by=by, now=NOW, session_id=row.public_id, **given).code == "session_closed"


def test_a_session_of_another_site_is_not_found(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    stranger = clinic.actor(roles=[Role.SUPERVISOR])
    place = place_of(row, patient).public_id
    for verb, given in (
        (sessions.move, {"session_id": row.public_id, "to": Move(minutes=30)}),
        (sessions.cancel, {"session_id": row.public_id, "wish": CancelledBy.CLINIC}),
        (sessions.document, {"session_id": row.public_id, "came": []}),
        (sessions.amend, {"session_id": row.public_id, "came": [], "reason": "x"}),
        (sessions.add_person, {"session_id": row.public_id, "patient_id": patient.public_id}),
        (sessions.check_in, {"attendance_id": place}),
        (sessions.undo_check_in, {"attendance_id": place}),
        (sessions.no_show, {"attendance_id": place}),
        (sessions.take_off, {"attendance_id": place, "wish": CancelledBy.CLINIC}),
    ):
        assert refused(verb, by=stranger, now=AFTER, **given).status == 404, verb
