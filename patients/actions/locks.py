"""Taking a row under lock, seen and unchanged: patient first, then what hangs on it, by id (decisions.md 12)."""

from typing import TypeVar

from clinic.actions.locks import lock_name, number_of
from clinic.errors import not_found, stale
from clinic.models import Actor, Versioned
from patients.models import ContactPoint, Patient
from patients.rules.identity import Person

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


def lock_points_at(channel: str, address: str) -> None:
    """Everybody's use of an address, locked: what is just being sent there ends first, the next asks after the caller.

    People are locked before (decisions.md 12).
    """
    rows = ContactPoint.objects.filter(address=address).order_by("pk")
    held = rows.filter(channel=channel) if channel else rows
    list(held.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def lock_child(row: Row, expected_version: int | None) -> Row:
    """A row that hangs on a locked person, as it is now. Raises Refused (412) when it is not the version meant.

    `expected_version=None` is for verbs that do not rest on what the caller saw.
    """
    fresh = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if expected_version is not None and fresh.version != expected_version:
        raise stale()
    return fresh


def lock_identity(person: Person) -> None:
    """Hold, to the end of the transaction, what somebody being registered is looked for by among those known.

    Of two registrations that share the birth date (either way round) or an address, the second waits and then sees the
    first. Taken in one order, so that two never wait for each other.
    """
    for name in sorted((f"patient.register {part}" for part in _looked_for_by(person)), key=number_of):
        lock_name(name)


def _looked_for_by(person: Person) -> set[str]:
    born = person.birth_date
    days = {f"born {born.year} {sorted((born.month, born.day))}"} if born else set()
    return days | {f"address {each.casefold()}" for each in (*person.phones, *person.emails)}
