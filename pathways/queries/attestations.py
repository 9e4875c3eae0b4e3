"""What people have confirmed by name, and what the next gate asks to be confirmed."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.models import Attestation, Enrollment
from pathways.queries.enrollments import next_gate
from pathways.queries.programs import document_of, version_ahead
from pathways.rules.gates.kinds import Attestation as Asked
from patients.models import Patient

TOGETHER = ("enrollment__patient", "enrollment__site", "attested_by", "withdrawn_by")


def attestations(actor: Actor) -> QuerySet[Attestation]:
    """Every attestation about the people the actor may see, newest first."""
    rows = Attestation.objects.filter(enrollment__patient__in=Patient.objects.visible_to(actor))
    return rows.select_related(*TOGETHER).order_by("-attested_at", "-id")


def attestation(actor: Actor, public_id: UUID) -> Attestation:
    """One attestation. Raises Refused not_found."""
    found = attestations(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def asked(enrollment: Enrollment) -> list[Asked]:
    """What the next gate of the enrollment asks people to confirm, in its order."""
    phase_key = enrollment.current_phase.key if enrollment.current_phase else None
    gate, _ = next_gate(document_of(version_ahead(enrollment)), phase_key)
    return [each.kind for each in gate.walk() if isinstance(each.kind, Asked)] if gate else []


def asked_for(enrollment: Enrollment, key: str) -> Asked | None:
    """The one of that key, if the next gate asks for it."""
    return next((each for each in asked(enrollment) if each.attestation == key), None)


def fitting_roles(actor: Actor, wanted: Iterable[Role]) -> list[Role]:
    """The roles in which the actor may confirm it: those asked for that they hold."""
    return [role for role in wanted if actor.is_person and role.value in actor.roles]
