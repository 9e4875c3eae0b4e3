"""Booking: one session, or every date of a series."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, Room, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.sessions.free_times import in_the_way, must_be_free, names_of, too_many
from pathways.actions.sessions.locking import Person, Seat, lock_leader, lock_people, lock_room, site_for_booking
from pathways.modalities import UnknownModality, modality
from pathways.models import Attendance, Session, SessionSeries
from pathways.queries.sessions import Wanted
from pathways.rules.modalities import ModalityDefinition, Setting
from pathways.rules.sessions import (
    Clash,
    Recurrence,
    Seating,
    SessionKind,
    SessionMode,
    Slot,
    occurrences,
    recurrence_problems,
    seating_problems,
    time_problems,
    usual_capacity,
)
from patients.rules.texts import plain, text_problem

TITLE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class What:
    """What takes place. Left out: the modality's usual kind and places, and whether its minutes count as a rule."""

    modality: str
    kind: SessionKind | None = None
    title: str = ""
    topic: str = ""
    mode: SessionMode = SessionMode.IN_PERSON
    capacity: int | None = None
    counts_toward_hours: bool | None = None


@dataclass(frozen=True, slots=True)
class _Booking:
    """Everything a session is made of, under lock and checked."""

    what: What
    definition: ModalityDefinition
    setting: Setting
    site: Site
    leader: Actor | None
    room: Room | None
    seats: list[Seat]
    capacity: int

    def wanted(self, by: Actor) -> Wanted:
        return Wanted(self.leader, self.room, names_of([each.patient for each in self.seats], by))


@dataclass(frozen=True, slots=True)
class BookedSeries:
    """A series as it was booked, and what stood in the way of the dates left out."""

    series: SessionSeries
    sessions: list[Session]
    left_out: dict[Slot, tuple[Clash, ...]]


@action(Permission.SESSION_WRITE, "session.book")
def book(
    *,
    by: Actor,
    now: datetime,
    site_id: UUID,
    what: What,
    starts_at: datetime,
    minutes: int | None = None,
    leader_id: UUID | None = None,
    room_id: UUID | None = None,
    people: Sequence[Person] = (),
) -> Session:
    """Book one session, with whoever is to come. `minutes` left out: what is usual.

    Raises Refused: 404, 409 `session_clash` (who or what is taken, by name and time), 422 by field: `modality`,
    `kind`, `starts_at`, `minutes`, `leader`, `room`, `people`, `capacity`, `title`, `topic`.
    """
    site = site_for_booking(by, site_id)
    definition, setting = _setting(what)
    slot = _slot(starts_at, setting.minutes if minutes is None else minutes, now)
    booking = _booking(by, site, what, definition, setting, leader_id, room_id, people)
    must_be_free(slot, booking.wanted(by), site)
    made = _rows(booking, [slot], by, now)[0]
    _audit("session.book", made, booking, by, now)
    return made


@action(Permission.SESSION_WRITE, "session.book_series")
def book_series(
    *,
    by: Actor,
    now: datetime,
    site_id: UUID,
    what: What,
    when: Recurrence,
    leader_id: UUID | None = None,
    room_id: UUID | None = None,
    people: Sequence[Person] = (),
    those_that_fit: bool = False,
) -> BookedSeries:
    """Book every date of a series, in the wall time of the site; all of them, or by choice those that are free.

    Raises Refused as `book`; 409 `session_clash` names what stands in the way of each date.
    """
    site = site_for_booking(by, site_id)
    definition, setting = _setting(what)
    if wrong := recurrence_problems(when):
        raise bad_input(**wrong)
    slots = [each.slot for each in occurrences(when, site.time_zone)]
    _check_times(slots, now)
    booking = _booking(by, site, what, definition, setting, leader_id, room_id, people)
    taken = in_the_way(slots, booking.wanted(by), site)
    free = [each for each in slots if each not in taken]
    if taken and (not those_that_fit or not free):
        raise too_many(taken, len(slots))
    series = _series(when, site, by, now)
    made = _rows(booking, free, by, now, series)
    _audit("session.book_series", series, booking, by, now, {"sessions": len(made), "left_out": len(taken)})
    return BookedSeries(series, made, taken)


def _setting(what: What) -> tuple[ModalityDefinition, Setting]:
    try:
        definition = modality(what.modality)
    except UnknownModality:
        raise bad_input(modality=sentence("session.refused.modality")) from None
    try:
        return definition, definition.setting(what.kind or definition.kind)
    except ValueError:
        said = sentence("session.refused.kind", modality=definition.title, kinds=definition.kinds)
        raise bad_input(kind=said) from None


def _slot(starts_at: datetime, minutes: int, now: datetime) -> Slot:
    ends_at = starts_at + timedelta(minutes=max(min(minutes, 100_000), 0))
    if wrong := time_problems(starts_at=starts_at, ends_at=ends_at, now=now):
        raise bad_input(**wrong)
    return Slot(starts_at, ends_at)


def _check_times(slots: Sequence[Slot], now: datetime) -> None:
    """The first and the last date of a series lie within the years one plans in."""
    for slot, field in ((slots[0], "starts_on"), (slots[-1], "ends_on")):
        wrong = time_problems(starts_at=slot.starts_at, ends_at=slot.ends_at, now=now)
        if wrong:
            raise bad_input(**{field: next(iter(wrong.values()))})


def _booking(
    by: Actor,
    site: Site,
    what: What,
    definition: ModalityDefinition,
    setting: Setting,
    leader_id: UUID | None,
    room_id: UUID | None,
    people: Sequence[Person],
) -> _Booking:
    """Lock whoever and whatever it takes up, and check that they fit."""
    what = replace(what, title=words_of(what.title, "title"), topic=words_of(what.topic, "topic"))
    seats = lock_people(by, site, people)
    leader, room = lock_leader(leader_id, site), lock_room(room_id, site)
    free = room.seats if room else None
    capacity = what.capacity
    if capacity is None:
        capacity = usual_capacity(
            setting.kind, setting.most, people=len(seats), seats=free, has_leader=leader is not None
        )
    asked = Seating(setting.kind, what.mode, len(seats), capacity, leader is not None, free)
    if wrong := seating_problems(asked, setting.most):
        raise bad_input(**wrong)
    return _Booking(what, definition, setting, site, leader, room, seats, capacity)


def words_of(text: str, field: str) -> str:
    """A title or topic as it is kept. Raises Refused 422 with that field."""
    problem = text_problem(text, limit=TITLE_LIMIT)
    if problem is not None:
        raise bad_input(**{field: problem})
    return plain(text)


def _series(when: Recurrence, site: Site, by: Actor, now: datetime) -> SessionSeries:
    return SessionSeries.objects.create(
        site=site,
        every_weeks=when.every_weeks,
        weekdays=sorted(set(when.weekdays)),
        starts_on=when.starts_on,
        ends_on=when.ends_on,
        starts_time=when.starts_time,
        minutes=when.minutes,
        made_at=now,
        made_by=by,
    )


def _rows(
    booking: _Booking, slots: Sequence[Slot], by: Actor, now: datetime, series: SessionSeries | None = None
) -> list[Session]:
    counts = booking.what.counts_toward_hours
    made = Session.objects.bulk_create(
        Session(
            site=booking.site,
            series=series,
            modality=booking.definition.key,
            kind=booking.setting.kind,
            title=booking.what.title,
            topic=booking.what.topic,
            mode=booking.what.mode,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            time_zone=booking.site.time_zone,
            leader=booking.leader,
            room=booking.room,
            capacity=booking.capacity,
            counts_toward_hours=booking.definition.counts_toward_hours if counts is None else counts,
            booked_at=now,
            booked_by=by,
        )
        for slot in slots
    )
    places = [place_for(row, seat, by, now) for row in made for seat in booking.seats]
    booked = Attendance.objects.bulk_create(places)
    plan_places(by=by, now=now, places=[each.pk for each in booked])
    return made


def place_for(row: Session, seat: Seat, by: Actor, now: datetime) -> Attendance:
    """A place in a session, not saved; its times are the session's, written by the table."""
    return Attendance(session=row, patient=seat.patient, enrollment=seat.enrollment, booked_at=now, booked_by=by)


def _audit(
    name: str,
    subject: Session | SessionSeries,
    booking: _Booking,
    by: Actor,
    now: datetime,
    details: dict[str, object] | None = None,
) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("session" if isinstance(subject, Session) else "session_series", subject.public_id),
        patients=[each.patient.public_id for each in booking.seats],
        details={"modality": booking.definition.key, **(details or {})},
    )
