"""Who and what a session takes up, under lock.

Always in this order: people by id, their enrollments by id, the leader, the room, the session, its places by id. Two
bookings of one person, leader or room thus wait for one another and the second sees the first; the constraints of
the tables are the guarantee.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import BUSY, Refused, bad_input, not_found, stale
from clinic.models import Actor, ActorKind, Room, Site
from clinic.rules.sentences import sentence
from pathways.models import Attendance, Enrollment, Session
from pathways.queries.sessions import place as seen_place
from pathways.rules.sessions import CANCELLATIONS, AttendanceStatus
from patients.models import Patient, PatientSite

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be booked; without an enrollment it is their one open enrollment, if they have exactly one."""

    patient_id: UUID
    enrollment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody under lock, and what they are booked under."""

    patient: Patient
    enrollment: Enrollment | None


@dataclass(slots=True)
class Held:
    """A session under lock with all its places, by id; `patient` of each is loaded."""

    session: Session
    places: list[Attendance]

    def place(self, public_id: UUID) -> Attendance:
        """The place of that id. Raises Refused not_found."""
        return _first(each for each in self.places if each.public_id == public_id)

    @property
    def standing(self) -> list[Attendance]:
        """Places that were not cancelled."""
        return [each for each in self.places if each.status not in CANCELLATIONS]

    @property
    def statuses(self) -> list[AttendanceStatus]:
        """What became of each place that was not cancelled."""
        return [AttendanceStatus(each.status) for each in self.standing]


def site_for_booking(by: Actor, site_id: UUID) -> Site:
    """An open site the actor works at; a job works everywhere. Raises Refused not_found."""
    rows = Site.objects.filter(public_id=site_id, closed_at__isnull=True)
    if by.kind != ActorKind.JOB:
        rows = rows.filter(actors=by)
    return _first(rows)


def lock_people(by: Actor, site: Site, people: Sequence[Person]) -> list[Seat]:
    """The people, seen at the site, and their enrollments, in the order given.

    Raises Refused: 404 (foreign or unknown), 409 `patient_closed`, 422 with `people` (twice, not seen at the site, an
    enrollment that has ended).
    """
    wanted = {each.patient_id: each for each in people}
    if len(wanted) < len(people):
        raise bad_input(people=sentence("session.refused.twice"))
    rows = Patient.objects.visible_to(by).filter(public_id__in=wanted).order_by("pk")
    found = {each.public_id: each for each in rows.select_for_update(no_key=True, of=("self",))}
    if len(found) < len(wanted):
        raise not_found()
    _check_people(found.values(), site)
    open_ones = _lock_enrollments(found.values())
    return [_seat(wanted[each.patient_id], found[each.patient_id], open_ones) for each in people]


def _check_people(people: Collection[Patient], site: Site) -> None:
    for each in people:
        if each.died_on is not None:
            raise Refused("patient_closed", sentence("session.refused.died", name=each.display_name))
    if any(each.merged_into_id is not None for each in people):
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    here = PatientSite.objects.filter(patient__in=people, site=site, until__isnull=True)
    elsewhere = {each.pk for each in people} - set(here.values_list("patient", flat=True))
    for each in people:
        if each.pk in elsewhere:
            raise bad_input(people=sentence("session.refused.not_seen_here", name=each.display_name))


def _lock_enrollments(people: Collection[Patient]) -> list[Enrollment]:
    rows = Enrollment.objects.open().filter(patient__in=people).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def _seat(person: Person, patient: Patient, open_ones: Collection[Enrollment]) -> Seat:
    own = [each for each in open_ones if each.patient_id == patient.pk]
    if person.enrollment_id is None:
        return Seat(patient, own[0] if len(own) == 1 else None)
    chosen = next((each for each in own if each.public_id == person.enrollment_id), None)
    if chosen is None:
        if not Enrollment.objects.filter(patient=patient, public_id=person.enrollment_id).exists():
            raise not_found()
        raise bad_input(people=sentence("session.refused.enrollment_ended"))
    return Seat(patient, chosen)


def lock_leader(leader_id: UUID | None, site: Site) -> Actor | None:
    """Whoever leads it: staff of the site. Raises Refused 422 with `leader`."""
    if leader_id is None:
        return None
    rows = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site, public_id=leader_id)
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise bad_input(leader=sentence("session.refused.leader"))
    return found


def lock_room(room_id: UUID | None, site: Site) -> Room | None:
    """Where it takes place: a room in use at the site. Raises Refused 422 with `room`."""
    if room_id is None:
        return None
    rows = Room.objects.filter(site=site, public_id=room_id)
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise bad_input(room=sentence("session.refused.room"))
    if found.closed_at is not None:
        raise bad_input(room=sentence("session.refused.room_closed", name=found.name))
    return found


def held(
    by: Actor,
    public_id: UUID,
    expected_version: int | None = None,
    *,
    leader_id: UUID | None = None,
    room_id: UUID | None = None,
) -> Held:
    """The session with everybody and everything in it, locked before anything is decided.

    `leader_id`, `room_id`: whoever and whatever it shall have, locked with those it has.

    Raises Refused: foreign (404), changed since the actor looked (412), or changing at this very moment (409 `busy`).
    """
    seen = _first(Session.objects.visible_to(by).filter(public_id=public_id))
    people = _lock(Patient.objects.filter(pk__in=Attendance.objects.filter(session=seen).values("patient")))
    lock_leaders_and_rooms([seen.pk], leader_id, room_id)
    row = lock_session(seen.pk, expected_version)
    places = lock_places([row.pk])
    if (row.leader_id, row.room_id) != (seen.leader_id, seen.room_id) or set(people) != {
        each.patient_id for each in places
    }:
        raise Refused("busy", status=BUSY)
    return Held(row, places)


def held_with(by: Actor, attendance_id: UUID, expected_version: int | None = None) -> tuple[Held, Attendance]:
    """The session of one place, and the place. `expected_version` is the session's."""
    session = held(by, seen_place(by, attendance_id).session.public_id, expected_version)
    return session, session.place(attendance_id)


def lock_leaders_and_rooms(
    session_ids: Collection[int], leader_id: UUID | None = None, room_id: UUID | None = None
) -> None:
    """The leaders, then the rooms of sessions and those named besides, each by id."""
    rows = Session.objects.filter(pk__in=session_ids)
    _lock(Actor.objects.filter(Q(pk__in=rows.values("leader")) | Q(public_id=leader_id)))
    _lock(Room.objects.filter(Q(pk__in=rows.values("room")) | Q(public_id=room_id)))


def lock_session(pk: int, expected_version: int | None = None) -> Session:
    """One session, read anew once it is locked. Raises Refused (412) where it is not the version meant."""
    Session.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    found = Session.objects.select_related("site", "leader", "room").get(pk=pk)
    if expected_version is not None and found.version != expected_version:
        raise stale()
    return found


def lock_places(session_ids: Collection[int]) -> list[Attendance]:
    """Every place of the sessions, by id."""
    rows = Attendance.objects.filter(session__in=session_ids).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)).select_related("patient"))


def _lock(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def _first(rows: Iterable[Row]) -> Row:
    found = next(iter(rows), None)
    if found is None:
        raise not_found()
    return found
