"""A session moves to another time, leader or room, or does not take place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db.models import F

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.reminders.overtaken import hand_over
from pathways.actions.sessions.booking import words_of
from pathways.actions.sessions.free_times import must_be_free, names_of
from pathways.actions.sessions.locking import Held, held, lock_leader, lock_room
from pathways.actions.sessions.places import cancel_place, cancel_session, check_note, must_be_open
from pathways.modalities import modality
from pathways.models import Attendance, Session
from pathways.queries.sessions import Wanted
from pathways.rules.sessions import (
    OPEN_PLACES,
    AttendanceStatus,
    CancelledBy,
    Seating,
    SessionKind,
    SessionMode,
    Slot,
    seating_problems,
    time_problems,
)


class Keep(Enum):
    """Says that a part stays as it is."""

    AS_IT_IS = "as it is"


KEEP = Keep.AS_IT_IS
# These take place for one person (and their family), who can call them off.
OF_ONE = (SessionKind.INDIVIDUAL, SessionKind.FAMILY)


@dataclass(frozen=True, slots=True)
class Move:
    """What changes; the parts left out stay. None takes the leader or the room away."""

    starts_at: datetime | Keep = KEEP
    minutes: int | Keep = KEEP
    leader_id: UUID | Keep | None = KEEP
    room_id: UUID | Keep | None = KEEP
    mode: SessionMode | Keep = KEEP
    title: str | Keep = KEEP
    topic: str | Keep = KEEP
    capacity: int | Keep = KEEP
    counts_toward_hours: bool | Keep = KEEP


@action(Permission.SESSION_WRITE, "session.move")
def move(*, by: Actor, now: datetime, session_id: UUID, to: Move, expected_version: int | None = None) -> Session:
    """Another time, length, leader, room or way of meeting, or other words about it. Its places come along.

    Another time or way of meeting raises `plan_version`: messages about the old one retire, and whoever had one
    already is to be told. Who had said they would
    come has not said so for another time.

    Raises Refused: 404, 412, 409 `session_clash` (by name and time), `session_closed`, `session_begun` (somebody is
    checked in or was missed: the time stays), 422 by field.
    """
    session = held(by, session_id, expected_version, leader_id=_named(to.leader_id), room_id=_named(to.room_id))
    row = session.session
    must_be_open(row)
    slot = _slot_wanted(row, to, now)
    _may_change_time(session, slot)
    was = (row.starts_at, row.ends_at, row.mode)
    _take_on(row, to, slot)
    _must_fit(session, by, slot)
    if was != (row.starts_at, row.ends_at, row.mode):
        row.plan_version += 1
    row.version += 1
    row.save()
    if was[0] != row.starts_at:
        _nobody_said_so(row)
    plan_places(by=by, now=now, places=[each.pk for each in session.standing])
    if row.starts_at != was[0] > now:
        hand_over([each.pk for each in session.standing], now)
    audit.record(
        action="session.move",
        by=by,
        now=now,
        subject=("session", row.public_id),
        patients=[each.patient.public_id for each in session.standing],
        details={"from": was[0].isoformat(), "to": row.starts_at.isoformat()},
    )
    return row


@action(Permission.SESSION_WRITE, "session.cancel")
def cancel(
    *,
    by: Actor,
    now: datetime,
    session_id: UUID,
    wish: CancelledBy,
    note: str = "",
    expected_version: int | None = None,
) -> Session:
    """The session does not take place, by the person's wish or the clinic's; the places still open go with it.

    Where several are booked, one person's wish takes off their place alone (`take_off`). Raises Refused: 404, 412,
    409 `session_closed`, 422 `wish`, `note`.
    """
    session = held(by, session_id, expected_version)
    row = session.session
    must_be_open(row)
    check_note(note)
    if AttendanceStatus.NO_SHOW in session.statuses:
        raise Refused("session_begun", sentence("session.refused.begun"))
    still_open = [each for each in session.places if each.status in OPEN_PLACES]
    if wish == CancelledBy.PATIENT and (row.kind not in OF_ONE or len(still_open) != 1):
        raise bad_input(wish=sentence("session.refused.whose_wish"))
    for each in still_open:
        cancel_place(each, wish, note, by, now)
    cancel_session(row, wish, note, by, now)
    row.version += 1
    row.save()
    plan_places(by=by, now=now, places=[each.pk for each in still_open])
    if wish == CancelledBy.CLINIC and row.starts_at > now:
        hand_over([each.pk for each in still_open], now)
    audit.record(
        action="session.cancel",
        by=by,
        now=now,
        subject=("session", row.public_id),
        patients=[each.patient.public_id for each in still_open],
        details={"wish": wish.value},
    )
    return row


def _nobody_said_so(row: Session) -> None:
    confirmed = Attendance.objects.filter(session=row, confirmed_at__isnull=False)
    confirmed.update(confirmed_at=None, confirmed_by=None, version=F("version") + 1)


def _slot_wanted(row: Session, to: Move, now: datetime) -> Slot:
    starts_at = row.starts_at if isinstance(to.starts_at, Keep) else to.starts_at
    length = row.ends_at - row.starts_at
    if not isinstance(to.minutes, Keep):
        length = timedelta(minutes=max(min(to.minutes, 100_000), 0))
    if wrong := time_problems(starts_at=starts_at, ends_at=starts_at + length, now=now):
        raise bad_input(**wrong)
    return Slot(starts_at, starts_at + length)


def _may_change_time(session: Held, slot: Slot) -> None:
    """Once somebody is checked in or was missed, the session has its time."""
    moved = (slot.starts_at, slot.ends_at) != (session.session.starts_at, session.session.ends_at)
    if moved and any(each != AttendanceStatus.BOOKED for each in session.statuses):
        raise Refused("session_begun", sentence("session.refused.begun"))


def _named(wanted: UUID | Keep | None) -> UUID | None:
    return None if isinstance(wanted, Keep) else wanted


def _take_on(row: Session, to: Move, slot: Slot) -> None:
    row.starts_at, row.ends_at = slot.starts_at, slot.ends_at
    if not isinstance(to.leader_id, Keep):
        row.leader = lock_leader(to.leader_id, row.site)
    if not isinstance(to.room_id, Keep):
        row.room = lock_room(to.room_id, row.site)
    for name in ("mode", "capacity", "counts_toward_hours"):
        wanted = getattr(to, name)
        if not isinstance(wanted, Keep):
            setattr(row, name, wanted)
    for name in ("title", "topic"):
        wanted = getattr(to, name)
        if not isinstance(wanted, Keep):
            setattr(row, name, words_of(wanted, name))


def _must_fit(session: Held, by: Actor, slot: Slot) -> None:
    """The room holds them, somebody leads it, and everybody and everything in it is free then."""
    row, coming = session.session, [each for each in session.places if each.status in OPEN_PLACES]
    kind, has_leader = SessionKind(row.kind), row.leader is not None
    seats = row.room.seats if row.room else None
    # People who gave their place up or did not come leave an individual session as it was: one place.
    people = 1 if kind == SessionKind.INDIVIDUAL else len(coming)
    asked = Seating(kind, SessionMode(row.mode), people, row.capacity, has_leader, seats)
    if wrong := seating_problems(asked, modality(row.modality).setting(kind).most):
        raise bad_input(**wrong)
    wanted = Wanted(row.leader, row.room, names_of([each.patient for each in coming], by))
    must_be_free(slot, wanted, row.site, but=row)
