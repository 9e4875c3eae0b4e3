"""A person sees to what somebody wrote: says whose it is, and what they did about it."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.replies.answering import write_to
from pathways.actions.replies.effects import take_effect
from pathways.models import Attendance, FollowUp, Reminder, Reply
from pathways.queries.senders import contact_points_at, newest_attempt, standing, waiting_for_an_answer, wish_waits
from pathways.queries.sending import send_facts
from pathways.rules.reminders import SendAction, send_check
from pathways.rules.replies import BY_A_PERSON, Answer, Handling, Intent, Turn, once_known
from patients.actions.locks import lock_patient
from patients.models import ContactPoint, Patient
from patients.queries.records import same_people
from patients.rules.texts import plain, text_problem

NOTE_LIMIT = 300


@action(Permission.REPLY_WORK, "reply.handle")
def handle(
    *,
    by: Actor,
    now: datetime,
    reply_id: UUID,
    handling: Handling,
    note: str = "",
    expected_version: int | None = None,
) -> Reply:
    """What was done about it; from now on it waits for nobody, and automatic messages to the person may go again.

    Raises Refused: 404, 412, 409 `reply_handled`, 422 `handling`, `note`.
    """
    row = _held(by, reply_id, expected_version)
    _must_wait(row)
    problems = {
        "handling": None if handling in BY_A_PERSON else sentence("refused.not_offered"),
        "note": text_problem(note, limit=NOTE_LIMIT, lines=True),
    }
    if wrong := {name: said for name, said in problems.items() if said is not None}:
        raise bad_input(**wrong)
    return close(row, handling, note, by, now)


def close(row: Reply, handling: Handling, note: str, by: Actor, now: datetime) -> Reply:
    """Somebody has seen to it; inside a verb that has checked."""
    row.handling, row.handling_note, row.handled_at, row.handled_by = handling, plain(note), now, by
    row.version += 1
    row.save(update_fields=["handling", "handling_note", "handled_at", "handled_by", "version"])
    _audit("reply.handle", row, by, now, {"handling": handling.value})
    return row


@action(Permission.REPLY_WORK, "reply.ask_to_call")
def ask_to_call(
    *, by: Actor, now: datetime, reply_id: UUID, note: str = "", expected_version: int | None = None
) -> Reply:
    """Seen to by asking them, where they wrote from, to call: one message more, at once or when their hours allow.

    Raises Refused: 404, 412, 409 `reply_handled`, `reply_cannot_be_answered` (not known whose, or no address to write
    to), `reply_may_not_be_answered` with why (a stop, no consent), 422 `note`.
    """
    row = _held(by, reply_id, expected_version)
    _must_wait(row)
    if (wrong := text_problem(note, limit=NOTE_LIMIT, lines=True)) is not None:
        raise bad_input(note=wrong)
    if row.contact_point is None or row.site is None:
        raise Refused("reply_cannot_be_answered", sentence("reply.refused.no_address"))
    close(row, Handling.ASKED_TO_CALL, note, by, now)
    asked = write_to(row, row.site, Answer.PLEASE_CALL, row.contact_point, now, Turn.ASKED)
    decision = send_check(send_facts([asked], now=now)[asked.pk], now)
    if decision.action is SendAction.SUPPRESS:
        raise Refused("reply_may_not_be_answered", decision.reason or sentence("reply.refused.no_address"))
    return row


@action(Permission.REPLY_WORK, "reply.assign")
def assign(*, by: Actor, now: datetime, reply_id: UUID, patient_id: UUID, expected_version: int | None = None) -> Reply:
    """A person knows who wrote. What that person was asked is answered by it, as if it had been plain at once: a yes
    confirms, START begins again, a stop is theirs too. Everything else still waits for somebody to see to it.

    Raises Refused: 404, 412, 409 `reply_handled`, `reply_has_its_person`.
    """
    patient = _locked_person(by, patient_id)
    row = _held(by, reply_id, expected_version)
    _must_wait(row)
    if row.patient_id is not None:
        raise Refused("reply_has_its_person", sentence("reply.refused.has_its_person"))
    records = same_people([patient.pk]).records
    point = next((each for each in contact_points_at(row.channel, row.address) if each.patient_id in records), None)
    row.patient, row.contact_point = patient, point
    asked = waiting_for_an_answer(row.channel, [point], row.received_at) if point is not None else {}
    _about(row, next(iter(asked.values()), None))
    _take_effect(row, point, patient, now)
    row.version += 1
    row.save()
    _audit("reply.assign", row, by, now, {"effect": row.effect})
    return row


def _locked_person(by: Actor, patient_id: UUID) -> Patient:
    seen = Patient.objects.visible_to(by).filter(public_id=patient_id, merged_into__isnull=True).first()
    if seen is None:
        raise not_found()
    return lock_patient(seen, by)


def _held(by: Actor, reply_id: UUID, expected_version: int | None) -> Reply:
    """The reply under lock, as the actor may see it. Raises Refused: 404, 412."""
    together = ("patient", "site", "received_by", "contact_point__patient")
    rows = Reply.objects.visible_to(by).filter(public_id=reply_id).select_related(*together)
    found = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise not_found()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    return found


def _must_wait(row: Reply) -> None:
    if not row.needs_person or row.handled_at is not None:
        raise Refused("reply_handled", sentence("reply.refused.handled"))


def _about(row: Reply, asked: Reminder | None) -> None:
    """What the message it answers was about (set, not saved)."""
    if asked is None:
        return
    subject, attempt = asked.subject, newest_attempt(asked)
    row.follow_up = subject if isinstance(subject, FollowUp) else None
    row.attendance = subject if isinstance(subject, Attendance) else None
    row.attempt_reference = attempt.public_id if attempt is not None else None


def _take_effect(row: Reply, point: ContactPoint | None, patient: Patient, now: datetime) -> None:
    """Their words do it, taken in by whoever took them in; the person at work has said whose they are, and no more."""
    stands = standing(row.channel, row.address, [patient])
    led = once_known(
        Intent(row.intent), about_appointment=row.attendance_id is not None, about_contact=row.follow_up_id is not None,
        reachable=point is not None, suspended=stands.suspended, wishes=wish_waits(row.attendance_id),
    )  # fmt: skip
    if led is None:
        return
    row.effect, row.needs_person = led.effect, led.needs_person
    take_effect(row, led, [point] if point is not None else [], row.received_by, now)


def _audit(name: str, row: Reply, by: Actor, now: datetime, details: dict[str, object]) -> None:
    patients = [row.patient.public_id] if row.patient is not None else []
    audit.record(action=name, by=by, now=now, subject=("reply", row.public_id), patients=patients, details=details)
