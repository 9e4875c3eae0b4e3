"""The enrollment under its lock, as the actor may see it and as it was when they looked."""

from uuid import UUID

from clinic.errors import Refused, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from pathways.models import Enrollment
from pathways.queries.enrollments import DOCUMENT, TOGETHER
from patients.models import Patient
from patients.queries.records import visible_records


def locked(by: Actor, public_id: UUID, expected_version: int | None = None) -> Enrollment:
    """The row, locked before anything is decided. Refused: foreign (404), or changed meanwhile (412).

    Read anew once it is locked: a row waited for joins what its former phase was, not what it is now.
    """
    rows = Enrollment.objects.visible_to(by).filter(public_id=public_id)
    held = rows.select_for_update(no_key=True, of=("self",)).values_list("pk", "version").first()
    if held is None:
        raise not_found()
    pk, version = held
    if expected_version not in (None, version):
        raise stale()
    return _read(pk)


def locked_other(pk: int) -> Enrollment:
    """Another enrollment of a person whose records the caller has found and holds: their moves may belong together."""
    Enrollment.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    return _read(pk)


def _read(pk: int) -> Enrollment:
    return Enrollment.objects.select_related(*TOGETHER).defer(DOCUMENT).get(pk=pk)


def locked_patient(by: Actor, public_id: UUID) -> Patient:
    """The person, locked before any enrollment of theirs (decisions.md 12). Refused: foreign, closed."""
    rows = Patient.objects.visible_to(by).filter(public_id=public_id)
    patient = rows.select_for_update(no_key=True, of=("self",)).first()
    if patient is None:
        raise not_found()
    if patient.died_on is not None or patient.merged_into_id is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    return patient


def locked_records(by: Actor, known: Patient) -> list[Patient]:
    """Every record of a person that the actor sees, locked in the order of their ids."""
    rows = visible_records(by, known.pk).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def locked_with_person(
    by: Actor, public_id: UUID, expected_version: int | None = None, *, every_record: bool = False
) -> Enrollment:
    """The person's row first, then the enrollment: for moves that may change both (decisions.md 12).

    `every_record`: also the person's other records (for a death).
    """
    rows = Patient.objects.visible_to(by).filter(enrollments__public_id=public_id)
    patient = (rows if every_record else rows.select_for_update(no_key=True, of=("self",))).first()
    if patient is None:
        raise not_found()
    if every_record:
        patient = next(each for each in locked_records(by, patient) if each.pk == patient.pk)
    found = locked(by, public_id, expected_version)
    found.patient = patient
    return found


def roles_of(by: Actor) -> tuple[Role, ...]:
    """Roles as the program's rules ask for them. A program or a job has none: its scopes have already decided."""
    return tuple(Role(role) for role in by.roles) if by.is_person else tuple(Role)
