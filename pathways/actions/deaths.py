"""Somebody has died, under way or long discharged: it is recorded once, and nobody is owed anything any more."""

from datetime import date, datetime, time
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.deaths import end_record, withdraw_from
from pathways.actions.enrollments.locking import locked_records
from pathways.queries.deaths import ended_with_move, newest_contact
from patients.models import Patient


@action(Permission.ENROLLMENT_MOVE, "person.record_death")
def record_death(
    *, by: Actor, now: datetime, patient_id: UUID, on: date, despite_later_contacts: bool = False,
    expected_version: int | None = None,
) -> Patient:  # fmt: skip
    """Keep the day, in every record of the person that the actor sees. Open enrollments end with it as by a discharge,
    every contact still owed ends without an outcome of its own, booked places are cancelled, and no message goes.

    Raises Refused: 404, 409 `death_recorded`, 412, 422 `on` (to come, or before the birth),
    `despite_later_contacts` (they were met or spoken to after that day, and it is not confirmed).
    """
    records = _locked(by, patient_id, expected_version)
    patient = records[0]
    if patient.died_on is not None:
        raise Refused("death_recorded", sentence("death.refused.recorded"))
    _check(patient, on, now)
    if not despite_later_contacts:
        _must_follow_contacts(patient, records, on)
    for record in records:
        if record.died_on is None:
            end_record(record, on, min(now, datetime.combine(on, time.max, record.zone)), by, now)
    _audit("person.record_death", patient, by, now)
    return patient


@action(Permission.ENROLLMENT_MOVE, "person.withdraw_death")
def withdraw_death(*, by: Actor, now: datetime, patient_id: UUID, expected_version: int | None = None) -> Patient:
    """It was recorded by mistake: the person may be reached again, and what ended with it is owed again. Places are not
    booked again: somebody else may have them.

    Raises Refused: 404, 409 `death_not_recorded`, `death_of_a_move` (an enrollment ended with it: undo that), 412.
    """
    records = _locked(by, patient_id, expected_version)
    patient = records[0]
    if patient.died_on is None:
        raise Refused("death_not_recorded", sentence("death.refused.not_recorded"))
    if ended_with_move(records):
        raise Refused("death_of_a_move", sentence("death.refused.of_a_move"))
    withdraw_from(records, by, now)
    _audit("person.withdraw_death", patient, by, now)
    return patient


def _locked(by: Actor, patient_id: UUID, expected_version: int | None) -> list[Patient]:
    """Every record of the person that the actor sees, under their locks, the one that is meant first."""
    found = Patient.objects.visible_to(by).filter(public_id=patient_id).first()
    if found is None:
        raise not_found()
    records = sorted(locked_records(by, found), key=lambda each: each.pk != found.pk)
    if expected_version is not None and records[0].version != expected_version:
        raise stale()
    return records


def _check(patient: Patient, on: date, now: datetime) -> None:
    if not patient.birth_date <= on <= now.astimezone(patient.zone).date():
        raise bad_input(on=sentence("death.refused.day"))


def _must_follow_contacts(patient: Patient, records: list[Patient], on: date) -> None:
    newest = newest_contact(records)
    day = newest.astimezone(patient.zone).date() if newest is not None else None
    if day is not None and day > on:
        raise bad_input(despite_later_contacts=sentence("death.refused.later_contact", on=day))


def _audit(name: str, patient: Patient, by: Actor, now: datetime) -> None:
    audit.record(
        action=name, by=by, now=now, subject=("patient", patient.public_id), patients=[patient.public_id]
    )  # fmt: skip
