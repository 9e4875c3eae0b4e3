"""Places in a session: somebody comes in, is checked in, does not come, or gives the place up."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.reminders.overtaken import hand_over
from pathways.actions.sessions.booking import place_for
from pathways.actions.sessions.free_times import must_be_free, must_be_free_again, names_of
from pathways.actions.sessions.locking import Held, Person, held_with, lock_people, lock_places, lock_session
from pathways.models import Attendance, Session
from pathways.queries.sessions import Wanted
from pathways.queries.sessions import session as seen_session
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    SessionKind,
    SessionStatus,
    Slot,
    change_problem,
    check_in_problem,
    no_show_problem,
    status_of,
)
from patients.rules.texts import text_problem

NOTE_LIMIT = 300
CANCELLED = {
    CancelledBy.PATIENT: AttendanceStatus.CANCELLED_BY_PATIENT,
    CancelledBy.CLINIC: AttendanceStatus.CANCELLED_BY_CLINIC,
}


@action(Permission.SESSION_WRITE, "session.add_person")
def add_person(
    *,
    by: Actor,
    now: datetime,
    session_id: UUID,
    patient_id: UUID,
    enrollment_id: UUID | None = None,
    expected_version: int | None = None,
) -> Attendance:
    """Book somebody into a session that is still to be documented.

    Raises Refused: 404, 412, 409 `session_clash`, `session_closed`, `attendance_once`, 422 `people` (it is full).
    """
    seen = seen_session(by, session_id)
    seat = lock_people(by, seen.site, [Person(patient_id, enrollment_id)])[0]
    row = lock_session(seen.pk, expected_version)
    must_be_open(row)
    places = Held(row, lock_places([row.pk]))
    _must_have_room(places, seat.patient.pk)
    must_be_free(_slot(row), Wanted(None, None, names_of([seat.patient], by)), row.site, but=row)
    made = place_for(row, seat, by, now)
    made.save()
    places.places.append(made)
    _settle(places)
    plan_places(by=by, now=now, places=[made.pk])
    _audit("session.add_person", row, [made], by, now)
    return made


@action(Permission.SESSION_WRITE, "session.take_off")
def take_off(
    *,
    by: Actor,
    now: datetime,
    attendance_id: UUID,
    wish: CancelledBy,
    note: str = "",
    expected_version: int | None = None,
) -> Attendance:
    """Cancel one person's place, by their wish or the clinic's; a session of one person ends with it."""
    places, row = held_with(by, attendance_id, expected_version)
    must_be_open(places.session)
    check_note(note)
    cancel_place(row, wish, note, by, now)
    if places.session.kind == SessionKind.INDIVIDUAL:
        cancel_session(places.session, wish, note, by, now)
    _settle(places)
    plan_places(by=by, now=now, places=[row.pk])
    if wish == CancelledBy.CLINIC and row.starts_at > now:
        hand_over([row.pk], now)
    _audit("session.take_off", places.session, [row], by, now, {"wish": wish.value})
    return row


@action(Permission.SESSION_WRITE, "session.check_in")
def check_in(*, by: Actor, now: datetime, attendance_id: UUID, expected_version: int | None = None) -> Attendance:
    """Somebody is here; on the day itself, or later while nothing is documented. Who was thought absent can still come.

    Raises Refused: 404, 412, 409 `place_not_open`, `session_closed`, `too_early`.
    """
    places, row = held_with(by, attendance_id, expected_version)
    session = places.session
    _must_allow(check_in_problem(session.starts_at, now, session.site.zone), "too_early")
    must_be_free_again(places, [row], by)
    _change(places, row, AttendanceStatus.CHECKED_IN)
    row.checked_in_at, row.checked_in_by = now, by
    return _kept("session.check_in", places, row, by, now)


@action(Permission.SESSION_WRITE, "session.undo_check_in")
def undo_check_in(*, by: Actor, now: datetime, attendance_id: UUID, expected_version: int | None = None) -> Attendance:
    """A check-in is taken back: the place is booked as before."""
    places, row = held_with(by, attendance_id, expected_version)
    _change(places, row, AttendanceStatus.BOOKED)
    row.checked_in_at = row.checked_in_by = None
    return _kept("session.undo_check_in", places, row, by, now)


@action(Permission.SESSION_WRITE, "session.no_show")
def no_show(*, by: Actor, now: datetime, attendance_id: UUID, expected_version: int | None = None) -> Attendance:
    """Somebody did not come. Raises Refused as `check_in`; `too_early` before it began."""
    places, row = held_with(by, attendance_id, expected_version)
    _must_allow(no_show_problem(places.session.starts_at, now), "too_early")
    _change(places, row, AttendanceStatus.NO_SHOW)
    row.checked_in_at = row.checked_in_by = None
    return _kept("session.no_show", places, row, by, now)


def must_be_open(row: Session) -> None:
    """A session that is neither cancelled nor documented."""
    if row.status == SessionStatus.CANCELLED:
        raise Refused("session_closed", sentence("session.refused.cancelled"))
    if row.documented_at is not None:
        raise Refused("session_closed", sentence("session.refused.documented"))


def check_note(note: str, field: str = "note") -> None:
    """A line that can be kept. Raises Refused 422."""
    problem = text_problem(note, limit=NOTE_LIMIT)
    if problem is not None:
        raise bad_input(**{field: problem})


def cancel_place(row: Attendance, wish: CancelledBy, note: str, by: Actor, now: datetime) -> None:
    """The place is given up, and saved so."""
    _must_allow(change_problem(AttendanceStatus(row.status), CANCELLED[wish]), "place_not_open")
    row.status, row.cancellation_note = CANCELLED[wish], note.strip()
    row.cancelled_at, row.cancelled_by = now, by
    row.version += 1
    row.save()


def cancel_session(row: Session, wish: CancelledBy, note: str, by: Actor, now: datetime) -> None:
    """The session as a whole does not take place (not saved)."""
    row.status, row.cancelled_for, row.cancellation_note = SessionStatus.CANCELLED, wish, note.strip()
    row.cancelled_at, row.cancelled_by = now, by


def _must_have_room(places: Held, patient_id: int) -> None:
    if any(each.patient_id == patient_id for each in places.standing):
        raise Refused("attendance_once", sentence("constraint.attendance_once"))
    taken = sum(each != AttendanceStatus.NO_SHOW for each in places.statuses)
    if taken >= places.session.capacity:
        raise bad_input(people=sentence("session.refused.full", places=places.session.capacity))


def _change(places: Held, row: Attendance, wanted: AttendanceStatus) -> None:
    must_be_open(places.session)
    _must_allow(change_problem(AttendanceStatus(row.status), wanted), "place_not_open")
    row.status = wanted


def _must_allow(problem: Sentence | None, code: str) -> None:
    if problem is not None:
        raise Refused(code, problem)


def _kept(name: str, places: Held, row: Attendance, by: Actor, now: datetime) -> Attendance:
    row.version += 1
    row.save()
    _settle(places)
    plan_places(by=by, now=now, places=[row.pk])
    _audit(name, places.session, [row], by, now)
    return row


def _settle(places: Held) -> None:
    """The session is what its places make it, and another version of itself."""
    row = places.session
    if row.status != SessionStatus.CANCELLED:
        row.status = status_of(SessionKind(row.kind), places.statuses, documented=row.documented_at is not None)
    row.version += 1
    row.save()


def _slot(row: Session) -> Slot:
    return Slot(row.starts_at, row.ends_at)


def _audit(
    name: str,
    row: Session,
    places: list[Attendance],
    by: Actor,
    now: datetime,
    details: dict[str, object] | None = None,
) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("session", row.public_id),
        patients=[each.patient.public_id for each in places],
        details=details or {},
    )
