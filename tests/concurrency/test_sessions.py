"""Many people book the same time at once: one wins, the others are told who is taken, nothing waits for ever."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from pathways.actions import enrollments, sessions
from pathways.actions.sessions import Move
from pathways.models import Attendance, Session
from pathways.rules.moves import DischargeReason
from pathways.rules.sessions import AttendanceStatus, CancelledBy
from tests.concurrency.test_moves import race
from tests.factories import clinic, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR, TOMORROW, place_of

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 32


def test_of_many_who_book_one_clinician_at_one_time_one_wins(site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by) for _ in range(THREADS)]
    told = race(THREADS, lambda n: make.individual(people[n], by=by, at=TOMORROW + timedelta(minutes=n)))
    assert told == {"won": 1, "409 session_clash": THREADS - 1}
    assert Session.objects.count() == Attendance.objects.count() == 1


def test_of_many_who_book_one_room_at_one_time_one_wins(site: Site, by: Actor) -> None:
    room = make.room(site)
    leaders = [clinic.actor(sites=[site]) for _ in range(THREADS)]
    told = race(THREADS, lambda n: make.group(site, by=by, leader=leaders[n], room_id=room.public_id))
    assert told == {"won": 1, "409 session_clash": THREADS - 1}


def test_of_many_who_book_one_person_at_one_time_one_wins(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by)
    leaders = [clinic.actor(sites=[site]) for _ in range(THREADS)]
    told = race(THREADS, lambda n: make.individual(person, by=by, leader=leaders[n]))
    assert told == {"won": 1, "409 session_clash": THREADS - 1}


def test_of_many_who_take_the_last_place_of_a_group_one_wins(site: Site, by: Actor) -> None:
    row = make.group(site, by=by, what={"modality": "group-therapy", "capacity": 1})
    people = [patients.patient(site, by=by) for _ in range(THREADS)]
    told = race(
        THREADS,
        lambda n: sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=people[n].public_id),
    )
    assert told == {"won": 1, "422 bad_input": THREADS - 1}


def test_sessions_that_change_leaders_crosswise_do_not_wait_for_each_other(site: Site, by: Actor) -> None:
    """Each moves onto the other's leader and room: refused or done, never stuck."""
    other, rooms = clinic.actor(sites=[site]), [make.room(site), make.room(site)]
    people = [patients.patient(site, by=by) for _ in range(4)]
    first = make.group(site, *people, by=by, room_id=rooms[0].public_id)
    second = make.group(site, *people, by=by, leader=other, at=TOMORROW + 3 * HOUR, room_id=rooms[1].public_id)
    swaps = [
        (first, Move(leader_id=other.public_id, room_id=rooms[1].public_id)),
        (second, Move(leader_id=by.public_id, room_id=rooms[0].public_id)),
    ]

    def swap(number: int) -> None:
        row, to = swaps[number % 2]
        sessions.move(by=by, now=NOW, session_id=row.public_id, to=to)

    told = race(THREADS, swap)
    assert set(told) <= {"won", "409 busy"}
    assert told["won"] >= 2


def test_an_exit_beside_check_ins_and_bookings_leaves_no_place_behind(site: Site, by: Actor) -> None:
    """One person leaves while the desk works on their sessions: afterwards nothing of them is booked."""
    rows = make.enrolled_people(site, by, 3)
    leaving = rows[0]
    group = make.group(site, *(each.patient for each in rows), by=by)
    alone = make.individual(leaving.patient, by=by, at=TOMORROW + 3 * HOUR)

    def leave() -> None:
        moved = enrollments.discharge(
            by=by, now=NOW, enrollment_id=leaving.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
        )
        if place_of(alone, leaving.patient).status == AttendanceStatus.BOOKED:
            sessions.cancel_future_places(by=by, now=NOW, enrollment=leaving, transition=moved)

    def work(number: int) -> None:
        if number == 0:
            leave()
        elif number % 2:
            place = place_of(group, rows[1].patient).public_id
            verb = sessions.check_in if number % 4 == 1 else sessions.undo_check_in
            verb(by=by, now=TOMORROW, attendance_id=place)
        else:
            place = place_of(group, rows[2].patient).public_id
            sessions.take_off(by=by, now=NOW, attendance_id=place, wish=CancelledBy.PATIENT)

    told = race(THREADS, work)
    assert set(told) <= {"won", "409 busy", "409 place_not_open"}
    left = Attendance.objects.filter(patient=leaving.patient).values_list("status", flat=True)
    assert set(left) == {AttendanceStatus.CANCELLED_BY_CLINIC}


def test_a_group_is_documented_once_however_many_try(site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by) for _ in range(3)]
    row = make.group(site, *people, by=by)
    told = race(THREADS, lambda _: sessions.document(by=by, now=TOMORROW + HOUR, session_id=row.public_id, came=[]))
    assert told == {"won": 1, "409 session_not_documentable": THREADS - 1}
