"""Attestations: read by programs, given and taken back by people alone."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import attestations as verbs
from pathways.models import Attestation
from pathways.queries import attestations as queries
from pathways.queries.narrative import reads_words


class AttestationBody(Body):
    """What is confirmed, and in which role."""

    enrollment = fields.PublicId()
    key = fields.Code(help_text="The attestation the next gate asks for.")
    role = fields.Choice(Role)
    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class AttestationFilters(Filters):
    enrollment = fields.PublicId(required=False)


class AttestationRow(Row):
    id = fields.PublicId()
    enrollment = fields.PublicId()
    key = fields.Code()
    role = fields.Choice(Role)
    note = fields.Narrative()
    attested_at = fields.Moment()
    attested_by = fields.Text()
    withdrawn_at = fields.Moment(allow_null=True)
    withdrawn_by = fields.Text(allow_null=True)


class AttestationsDoor(Door):
    """Attestations about the people the caller may see."""

    @operation("list_attestations", answers=AttestationRow, pages=True, filters=AttestationFilters)
    def get(self, request: Request) -> Response:
        """List them, newest first, those taken back included."""
        rows = queries.attestations(self.actor)
        given = self.filters(AttestationFilters)
        if "enrollment" in given:
            rows = rows.filter(enrollment__public_id=given["enrollment"])
        return self.page(rows, ("-attested_at", "-id"), self._seen_row, AttestationFilters)

    @operation("attest", takes=AttestationBody, answers=AttestationRow, status=201)
    def post(self, request: Request) -> Response:
        """Confirm by name what the next gate asks people to confirm."""
        given = self.body(AttestationBody)
        row = verbs.attest(
            by=self.actor,
            now=self.now,
            enrollment_id=given["enrollment"],
            key=given["key"],
            role=given["role"],
            note=given["note"],
        )
        return self.ok(self._seen_row(row), status=201)

    def _seen_row(self, row: Attestation) -> dict[str, Any]:
        self.seen(row.enrollment.patient.public_id)
        return attestation_row(row, self.actor)


class AttestationWithdrawDoor(Door):
    """Taking one's word back."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.attestation(self.actor, parts["public_id"])

    @operation("withdraw_attestation", answers=AttestationRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take an attestation back; gates do not count it from now on."""
        row = verbs.withdraw(by=self.actor, now=self.now, attestation_id=public_id)
        self.seen(row.enrollment.patient.public_id)
        return self.ok(attestation_row(row, self.actor))


def attestation_row(row: Attestation, by: Actor) -> dict[str, Any]:
    """An attestation as JSON, as `by` reads it."""
    return {
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "key": row.key,
        "role": row.role,
        "note": row.note if reads_words(by, row.attested_by_id) else None,
        "attested_at": row.attested_at,
        "attested_by": row.attested_by.name,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_by": row.withdrawn_by.name if row.withdrawn_by else None,
    }
