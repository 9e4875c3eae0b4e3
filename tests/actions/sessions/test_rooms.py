"""Rooms: opened, changed, and closed when nothing is booked in them."""

import pytest

from clinic.actions import rooms
from clinic.models import Actor, Room, Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import sessions
from pathways.actions.sessions import Move
from pathways.actions.sessions.rooms import close_room
from patients.models import Patient
from tests.factories import clinic
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def test_a_room_has_a_name_of_its_own_and_seats(site: Site) -> None:
    by = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    given = {"by": by, "now": NOW}
    row = rooms.open_room(**given, site=site, name=" Oak  room ", seats=9)
    assert row.name == "Oak room"
    assert refused(rooms.open_room, **given, site=site, name="Oak room", seats=4).code == "room_name_once"
    assert set(refused(rooms.open_room, **given, site=site, name=" ", seats=0).fields) == {"name", "seats"}
    changed = rooms.change_room(**given, room=row, name="Elm room", seats=7, expected_version=1)
    assert (changed.name, changed.seats, changed.version) == ("Elm room", 7, 2)
    assert refused(rooms.change_room, **given, room=row, name="x", seats=1, expected_version=1).status == 412
    closed = rooms.close_room(**given, room=row)
    assert closed.closed_by == by
    assert refused(rooms.close_room, **given, room=row).code == "room_closed"
    assert rooms.open_room(**given, site=site, name="Elm room", seats=7).closed_at is None


def test_a_room_closes_when_nothing_is_booked_in_it_any_more(
    site: Site, by: Actor, patient: Patient, room: Room
) -> None:
    administrator = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    row = make.individual(patient, by=by, room_id=room.public_id)
    no = refused(close_room, by=administrator, now=NOW, room=room)
    assert (no.code, say(no.sentence)) == ("room_booked", f"1 session is still booked in {room.name}. Move it first.")
    sessions.move(by=by, now=NOW, session_id=row.public_id, to=Move(room_id=None))
    assert close_room(by=administrator, now=NOW, room=room).closed_at == NOW


def test_only_who_looks_after_sites_changes_rooms(site: Site, by: Actor) -> None:
    assert refused(rooms.open_room, by=by, now=NOW, site=site, name="Oak", seats=3).status == 403
