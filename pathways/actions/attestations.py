"""A named person's word that a requirement is met, and taking it back."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, forbidden
from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.locking import locked
from pathways.actions.evidence import note_withdrawn
from pathways.models import Attestation
from pathways.queries.attestations import asked_for, attestation
from pathways.rules.gates.kinds import Attestation as Asked
from pathways.rules.moves import OPEN
from patients.rules.texts import text_problem

NOTE_LIMIT = 300


@action(Permission.ATTEST, "attestation.attest")
def attest(*, by: Actor, now: datetime, enrollment_id: UUID, key: str, role: Role, note: str = "") -> Attestation:
    """Confirm, by name and in one's role, what the next gate of an enrollment asks people to confirm.

    Only a member of staff may, in a role they hold and the gate names. Confirmed again, the newest counts.
    Raises Refused: 403, 404, 409 `enrollment_closed`, 422 with `key`, `role` or `note`.
    """
    row = locked(by, enrollment_id)
    if row.status not in OPEN:
        raise Refused("enrollment_closed", sentence("attestation.refused.closed"))
    _check(asked_for(row, key), by, role, note)
    made = Attestation.objects.create(
        enrollment=row, key=key, role=role, note=note.strip(), attested_at=now, attested_by=by
    )
    _audit("attestation.attest", made, by, now)
    return made


@action(Permission.ATTEST, "attestation.withdraw")
def withdraw(*, by: Actor, now: datetime, attestation_id: UUID) -> Attestation:
    """Take an attestation back: gates do not see it from now on; moves that rested on it stay, and are looked at again.

    Whoever gave it may, and whoever may co-sign. Raises Refused: 403, 404, 409 `attestation_withdrawn`.
    """
    enrollment = locked(by, attestation(by, attestation_id).enrollment.public_id)
    row = Attestation.objects.select_related("attested_by").get(public_id=attestation_id)
    row.enrollment = enrollment
    if row.attested_by != by and not by.may(Permission.COSIGN):
        raise forbidden()
    if row.withdrawn_at is not None:
        raise Refused("attestation_withdrawn", sentence("attestation.refused.withdrawn"))
    row.withdrawn_at, row.withdrawn_by = now, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    note_withdrawn(by=by, now=now, patient=enrollment.patient, evidence_type="attestation", evidence_id=row.public_id)
    _audit("attestation.withdraw", row, by, now)
    return row


def _check(asked: Asked | None, by: Actor, role: Role, note: str) -> None:
    if asked is None:
        raise bad_input(key=sentence("attestation.refused.not_asked"))
    if role not in asked.roles:
        raise bad_input(role=sentence("attestation.refused.role", roles=asked.roles))
    if role.value not in by.roles:
        raise bad_input(role=sentence("attestation.refused.not_your_role", role=role))
    problem = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(note=problem)


def _audit(verb: str, row: Attestation, by: Actor, now: datetime) -> None:
    audit.record(
        action=verb,
        by=by,
        now=now,
        subject=("attestation", row.public_id),
        patients=[row.enrollment.patient.public_id],
        details={"key": row.key, "role": row.role, "enrollment": str(row.enrollment.public_id)},
    )
