"""Somebody says that they will come, or that this was a mistake."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, not_found
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Attendance
from pathways.queries.sessions import place as seen_place
from pathways.queries.subjects import place_stands
from patients.actions.locks import lock_patient


@action(Permission.SESSION_WRITE, "session.confirm")
def confirm(*, by: Actor, now: datetime, attendance_id: UUID) -> Attendance:
    """They will come, at the time the session has now. Said again, it changes nothing.

    `by` tells how it was said: by a reply or a link of theirs, or to one of the staff. Another time of the session
    takes it back (`sessions.move`). Raises Refused: 404, 409 `place_not_open` where they are not to come any more.
    """
    row = _held(by, attendance_id)
    if not place_stands(row):
        raise Refused("place_not_open", sentence("session.refused.not_to_come"))
    return _kept(row, "session.confirm", by, now, confirmed=True) if row.confirmed_at is None else row


@action(Permission.SESSION_WRITE, "session.undo_confirm")
def undo_confirm(*, by: Actor, now: datetime, attendance_id: UUID) -> Attendance:
    """Nobody has said so after all. Raises Refused: 404."""
    row = _held(by, attendance_id)
    return _kept(row, "session.undo_confirm", by, now, confirmed=False) if row.confirmed_at is not None else row


def _held(by: Actor, attendance_id: UUID) -> Attendance:
    lock_patient(_seen(by, attendance_id).patient, by)
    rows = Attendance.objects.filter(public_id=attendance_id).select_related("session", "patient")
    return rows.select_for_update(no_key=True, of=("self",)).get()


def _kept(row: Attendance, name: str, by: Actor, now: datetime, *, confirmed: bool) -> Attendance:
    row.confirmed_at, row.confirmed_by = (now, by) if confirmed else (None, None)
    row.version += 1
    row.save(update_fields=["confirmed_at", "confirmed_by", "version"])
    patients = [row.patient.public_id]
    audit.record(action=name, by=by, now=now, subject=("attendance", row.public_id), patients=patients)
    return row


def _seen(by: Actor, attendance_id: UUID) -> Attendance:
    """A place the actor may see; a job works everywhere."""
    if by.kind != ActorKind.JOB:
        return seen_place(by, attendance_id)
    found = Attendance.objects.filter(public_id=attendance_id).select_related("patient").first()
    if found is None:
        raise not_found()
    return found
