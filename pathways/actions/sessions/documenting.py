"""What took place: who came and for how long, a note that all share, and a line for each.

A group is documented once. Afterwards the account is corrected, never overwritten: it is kept as it stood before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, forbidden
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.evidence import note_withdrawn
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.sessions.free_times import must_be_free_again
from pathways.actions.sessions.locking import Held, held
from pathways.models import Attendance, Session
from pathways.rules.sessions import (
    CANCELLATIONS,
    AttendanceStatus,
    SessionKind,
    SessionStatus,
    change_problem,
    document_problem,
    minutes_problem,
    status_of,
    who_is_named,
)
from patients.rules.texts import text_problem

NOTE_LIMIT, LINE_LIMIT, REASON_LIMIT = 4000, 400, 300


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody was there: for how long, and a line about them alone."""

    attendance_id: UUID
    minutes: int
    note: str = ""


@action(Permission.SESSION_DOCUMENT, "session.document")
def document(
    *,
    by: Actor,
    now: datetime,
    session_id: UUID,
    came: Sequence[Came],
    note: str = "",
    lines: Mapping[UUID, str] | None = None,
    expected_version: int | None = None,
) -> Session:
    """Record in one pass who came and for how long. Everybody booked who is not among them did not come.

    `note` is shared by all and names nobody of a group; `lines`: a line about somebody who did not come, by place.
    Raises Refused: 403, 404, 412, 409 `session_not_documentable`, 422 `note`, `missed`, `came.<n>.minutes` and so on.
    """
    session = held(by, session_id, expected_version)
    row = session.session
    _may_document(by, row)
    documented = row.documented_at is not None
    problem = document_problem(SessionStatus(row.status), row.starts_at, now, documented=documented)
    if problem is not None:
        raise Refused("session_not_documentable", problem)
    _check(session, came, note, lines or {})
    _write(session, came, note, lines or {}, by, now)
    row.documented_at, row.documented_by = now, by
    _close(session)
    plan_places(by=by, now=now, places=[each.pk for each in session.standing])
    _audit("session.document", session, by, now)
    return row


@action(Permission.SESSION_DOCUMENT, "session.amend")
def amend(
    *,
    by: Actor,
    now: datetime,
    session_id: UUID,
    reason: str,
    came: Sequence[Came],
    note: str = "",
    lines: Mapping[UUID, str] | None = None,
    expected_version: int | None = None,
) -> Session:
    """Correct the account of a documented session, with the reason; how it stood before is kept.

    Raises Refused as `document`; 409 `session_not_documented`, 422 `reason`; 409 `session_clash` where somebody said to
    have come was elsewhere at that time.
    """
    session = held(by, session_id, expected_version)
    row = session.session
    _may_document(by, row)
    if row.documented_at is None:
        raise Refused("session_not_documented", sentence("session.refused.not_documented"))
    wrong = text_problem(reason, limit=REASON_LIMIT, required=True)
    if wrong is not None:
        raise bad_input(reason=wrong)
    _check(session, came, note, lines or {})
    row.amendments = [*row.amendments, _as_it_stood(session, reason.strip(), by, now)]
    before = {each.pk: each.minutes for each in session.standing if each.status == AttendanceStatus.ATTENDED}
    _write(session, came, note, lines or {}, by, now)
    _withdraw(session, before, by, now)
    _close(session)
    _audit("session.amend", session, by, now, reason=reason.strip())
    return row


def _may_document(by: Actor, row: Session) -> None:
    """Those who read findings document any session, others (a peer supporter, say) the ones they lead."""
    if by.is_person and not by.may(Permission.ASSESSMENT_READ) and row.leader_id != by.pk:
        raise forbidden(sentence("session.refused.not_yours"))


def _check(session: Held, came: Sequence[Came], note: str, lines: Mapping[UUID, str]) -> None:
    wrong: dict[str, Sentence] = {}
    problem = text_problem(note, limit=NOTE_LIMIT, lines=True) or _names_somebody(session, note)
    if problem is not None:
        wrong["note"] = problem
    for number, each in enumerate(came):
        wrong |= {f"came.{number}.{name}": said for name, said in _line_problems(session, each).items()}
    there, here = {each.attendance_id for each in came}, {each.public_id for each in session.standing}
    for attendance_id, line in lines.items():
        said = text_problem(line, limit=LINE_LIMIT)
        if attendance_id not in here or attendance_id in there:
            said = sentence("session.refused.no_place" if attendance_id not in here else "session.refused.twice")
        if said is not None:
            wrong["missed"] = said
    if len(there) < len(came):
        wrong["came"] = sentence("session.refused.twice")
    if wrong:
        raise bad_input(**wrong)


def _line_problems(session: Held, line: Came) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    row = session.session
    place = next((each for each in session.standing if each.public_id == line.attendance_id), None)
    if place is None:
        return {"attendance": sentence("session.refused.no_place")}
    too_long = minutes_problem(line.minutes, int((row.ends_at - row.starts_at) / timedelta(minutes=1)))
    if too_long is not None:
        found["minutes"] = too_long
    words = text_problem(line.note, limit=LINE_LIMIT)
    if words is not None:
        found["note"] = words
    return found


def _names_somebody(session: Held, note: str) -> Sentence | None:
    if session.session.kind == SessionKind.INDIVIDUAL:
        return None
    people = [each.patient for each in session.places]
    names = ((one.family_name, one.given_name, one.preferred_name, one.record_number) for one in people)
    named = who_is_named(note, names)
    return sentence("session.refused.named", name=named) if named else None


def _write(session: Held, came: Sequence[Came], note: str, lines: Mapping[UUID, str], by: Actor, now: datetime) -> None:
    """Each place as it was told, and the note; people who turn out to have been there were nowhere else then."""
    there = {each.attendance_id: each for each in came}
    must_be_free_again(session, [each for each in session.standing if each.public_id in there], by)
    documented = session.session.documented_at is not None
    for place in session.standing:
        line = there.get(place.public_id)
        wanted = AttendanceStatus.ATTENDED if line else AttendanceStatus.NO_SHOW
        was = AttendanceStatus(place.status)
        problem = None if was == wanted else change_problem(was, wanted, documented=documented)
        if problem is not None:
            raise Refused("place_not_open", problem)
        place.status, place.minutes = wanted, line.minutes if line else 0
        place.note = (line.note if line else lines.get(place.public_id, "")).strip()
        place.documented_at, place.documented_by = now, by
        place.version += 1
        place.save()
    session.session.note = note.strip()


def _withdraw(session: Held, before: Mapping[int, int], by: Actor, now: datetime) -> None:
    """Moves that rested on somebody's having come, or on more minutes than there were, are looked at again."""
    for place in session.standing:
        if place.minutes < before.get(place.pk, 0):
            seen = session.session.public_id
            note_withdrawn(by=by, now=now, patient=place.patient, evidence_type="session", evidence_id=seen)


def _close(session: Held) -> None:
    row = session.session
    row.status = status_of(SessionKind(row.kind), session.statuses, documented=True)
    row.version += 1
    row.save()


def _as_it_stood(session: Held, reason: str, by: Actor, now: datetime) -> dict[str, object]:
    row = session.session
    return {
        "amended_at": now.isoformat(),
        "amended_by": str(by.public_id),
        "name": by.name,
        "reason": reason,
        "note": row.note,
        "places": [_place_as_it_stood(each) for each in session.places if each.status not in CANCELLATIONS],
    }


def _place_as_it_stood(place: Attendance) -> dict[str, object]:
    return {
        "attendance": str(place.public_id),
        "status": place.status,
        "minutes": place.minutes,
        "note": place.note,
        "documented_at": place.documented_at.isoformat() if place.documented_at else None,
    }


def _audit(name: str, session: Held, by: Actor, now: datetime, reason: str = "") -> None:
    came = sum(each == AttendanceStatus.ATTENDED for each in session.statuses)
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("session", session.session.public_id),
        patients=[each.patient.public_id for each in session.standing],
        reason=reason,
        details={"came": came, "missed": len(session.standing) - came},
    )
