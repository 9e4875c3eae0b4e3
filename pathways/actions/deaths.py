"""Somebody has died, under way or long discharged: it is recorded once, and nobody is owed anything any more."""

from datetime import date, datetime, time
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments import discharge
from pathways.actions.enrollments.course import newest_at
from pathways.actions.follow_ups.planning import end_with_death, restore_after_death
from pathways.actions.sessions.exits import cancel_places_of_dead
from pathways.models import Enrollment
from pathways.queries.deaths import ended_with_move, newest_contact
from pathways.rules.moves import DischargeReason
from patients.actions import deaths
from patients.models import Patient
from patients.queries.records import same_people
from patients.rules.texts import text_problem

NOTE_LIMIT = 300


@action(Permission.ENROLLMENT_MOVE, "person.record_death")
def record_death(
    *, by: Actor, now: datetime, patient_id: UUID, on: date, note: str = "", despite_later_contacts: bool = False,
    expected_version: int | None = None,
) -> Patient:  # fmt: skip
    """Keep the day, in every record of the person that the actor sees. Open enrollments end with it as by a discharge,
    every contact still owed ends without an outcome of its own, booked places are cancelled, and no message goes.

    Raises Refused: 404, 409 `death_recorded`, 412, 422 `on` (to come, or before the birth), `note`,
    `despite_later_contacts` (they were met or spoken to after that day, and it is not confirmed).
    """
    patient = _locked(by, patient_id, expected_version)
    if patient.died_on is not None:
        raise Refused("death_recorded", sentence("death.refused.recorded"))
    _check(patient, on, note, now)
    records = _records(patient, by)
    if not despite_later_contacts:
        _must_follow_contacts(patient, records, on)
    for record in records:
        if record.died_on is None:
            _end(record, on, note, by, now)
    patient.refresh_from_db()
    _audit("person.record_death", patient, by, now)
    return patient


@action(Permission.ENROLLMENT_MOVE, "person.withdraw_death")
def withdraw_death(*, by: Actor, now: datetime, patient_id: UUID, expected_version: int | None = None) -> Patient:
    """It was recorded by mistake: the person may be reached again, and what ended with it is owed again. Places are not
    booked again: somebody else may have them.

    Raises Refused: 404, 409 `death_not_recorded`, `death_of_a_move` (an enrollment ended with it: undo that), 412.
    """
    patient = _locked(by, patient_id, expected_version)
    if patient.died_on is None:
        raise Refused("death_not_recorded", sentence("death.refused.not_recorded"))
    records = _records(patient, by)
    if ended_with_move(records):
        raise Refused("death_of_a_move", sentence("death.refused.of_a_move"))
    for record in records:
        restore_after_death(by=by, now=now, patient=record)
        deaths.withdraw_death(by=by, now=now, patient=record)
    patient.refresh_from_db()
    _audit("person.withdraw_death", patient, by, now)
    return patient


def _locked(by: Actor, patient_id: UUID, expected_version: int | None) -> Patient:
    seen = Patient.objects.visible_to(by).filter(public_id=patient_id)
    found = seen.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise not_found()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    return found


def _records(patient: Patient, by: Actor) -> list[Patient]:
    """Every record of the person the actor sees, locked in the order of their ids."""
    rows = Patient.objects.visible_to(by).filter(pk__in=same_people([patient.pk]).records).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def _check(patient: Patient, on: date, note: str, now: datetime) -> None:
    today = now.astimezone(patient.zone).date()
    problems = {
        "on": None if patient.birth_date <= on <= today else sentence("death.refused.day"),
        "note": text_problem(note, limit=NOTE_LIMIT, lines=True),
    }
    if wrong := {name: said for name, said in problems.items() if said is not None}:
        raise bad_input(**wrong)


def _must_follow_contacts(patient: Patient, records: list[Patient], on: date) -> None:
    newest = newest_contact(records)
    day = newest.astimezone(patient.zone).date() if newest is not None else None
    if day is not None and day > on:
        raise bad_input(despite_later_contacts=sentence("death.refused.later_contact", on=day))


def _end(record: Patient, on: date, note: str, by: Actor, now: datetime) -> None:
    """With the enrollment that is open, or by itself where none is."""
    over = min(now, datetime.combine(on, time.max, record.zone))
    row = Enrollment.objects.open().filter(patient=record).order_by("pk").first()
    if row is None:
        deaths.record_death(by=by, now=now, patient=record, on=on)
        end_with_death(by=by, now=now, patient=record)
        cancel_places_of_dead(by=by, now=now, patient=record, since=over)
        return
    began = (row.admitted_at or row.opened_at, newest_at(row, ends=True))
    at = max(over, *(each for each in began if each is not None))
    discharge(
        by=by, now=now, enrollment_id=row.public_id, reason=DischargeReason.DIED, note=note, effective_at=at, died_on=on
    )


def _audit(name: str, patient: Patient, by: Actor, now: datetime) -> None:
    audit.record(
        action=name, by=by, now=now, subject=("patient", patient.public_id), patients=[patient.public_id]
    )  # fmt: skip
