"""A death: recorded once, with its day. What follows for care is the pathway's."""

from datetime import date, datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from patients.models import Patient

COLUMNS = ["died_on", "death_recorded_at", "death_recorded_by", "version"]


@action(None, "patient.withdraw_death")
def withdraw_death(*, by: Actor, now: datetime, patient: Patient) -> Patient:
    """It was recorded by mistake: the person lives, and may be reached again."""
    if patient.died_on is not None:
        patient.died_on = patient.death_recorded_at = patient.death_recorded_by = None
        patient.version += 1
        patient.save(update_fields=COLUMNS)
        audit.record(
            action="patient.withdraw_death", by=by, now=now, subject=("patient", patient.public_id),
            patients=[patient.public_id],
        )  # fmt: skip
    return patient


@action(None, "patient.record_death")
def record_death(*, by: Actor, now: datetime, patient: Patient, on: date) -> Patient:
    """Keep the day; an earlier record of it stays as it was."""
    if patient.died_on is None:
        patient.died_on, patient.death_recorded_at, patient.death_recorded_by = on, now, by
        patient.version += 1
        patient.save(update_fields=COLUMNS)
        audit.record(
            action="patient.record_death", by=by, now=now, subject=("patient", patient.public_id),
            patients=[patient.public_id],
        )  # fmt: skip
    return patient
