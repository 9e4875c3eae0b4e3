"""Taking a row under lock, seen and unchanged: patient first, then what hangs on it, by id (decisions.md 12)."""

from typing import TypeVar

from clinic.errors import not_found, stale
from clinic.models import Actor, Versioned
from patients.models import Patient

Row = TypeVar("Row", bound=Versioned)


def lock_patient(patient: Patient, by: Actor) -> Patient:
    """The person's row as it is now, locked. Raises Refused (404) when the actor may not (any longer) see them."""
    seen = Patient.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
    found = seen.filter(pk=patient.pk).first()
    if found is None:
        raise not_found()
    return found


def lock_patients(patients: list[Patient], by: Actor) -> dict[int, Patient]:
    """Several people, locked in the order of their ids."""
    return {each.pk: lock_patient(each, by) for each in sorted(patients, key=lambda one: one.pk)}


def lock_child(row: Row, expected_version: int | None) -> Row:
    """A row that hangs on a locked person, as it is now. Raises Refused (412) when it is not the version meant.

    `expected_version=None` is for verbs that do not rest on what the caller saw.
    """
    fresh = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if expected_version is not None and fresh.version != expected_version:
        raise stale()
    return fresh
