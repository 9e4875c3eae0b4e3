"""Requests to set requirements of a gate aside: read by programs, made and signed by people alone."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.models import Actor
from pathways.actions import enrollments as verbs
from pathways.api.enrollments import NOTE
from pathways.models import OverrideRequest
from pathways.queries.narrative import reads_words
from pathways.queries.signers import override_request, override_requests
from pathways.rules.gates import OverrideReason


class OverrideBody(Body):
    """Which requirements of the next gate, and why."""

    enrollment = fields.PublicId()
    criteria = serializers.ListField(child=fields.Code(), min_length=1, max_length=20)
    reason = fields.Choice(OverrideReason)
    note = fields.Text(max_length=NOTE)


class OverrideFilters(Filters):
    enrollment = fields.PublicId(required=False)


class OverrideRow(Row):
    """Signed or declined within a week by a second person; used once."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    criteria = serializers.ListField(child=fields.Code())
    reason = fields.Choice(OverrideReason)
    note = fields.Narrative()
    requested_at = fields.Moment()
    requested_by = fields.Text()
    expires_at = fields.Moment()
    cosigned_at = fields.Moment(allow_null=True)
    cosigned_by = fields.Text(allow_null=True)
    declined_at = fields.Moment(allow_null=True)
    declined_by = fields.Text(allow_null=True)
    used_in = fields.PublicId(allow_null=True)


class OverrideRequestsDoor(Door):
    """Requests about the people the caller may see."""

    @operation("list_override_requests", answers=OverrideRow, pages=True, filters=OverrideFilters)
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        rows, given = override_requests(self.actor), self.filters(OverrideFilters)
        if "enrollment" in given:
            rows = rows.filter(enrollment__public_id=given["enrollment"])
        return self.page(rows, ("-requested_at", "-id"), self._seen_row, OverrideFilters)

    @operation("request_override", takes=OverrideBody, answers=OverrideRow, status=201)
    def post(self, request: Request) -> Response:
        """Ask for requirements of the next gate to be set aside."""
        given = self.body(OverrideBody)
        made = verbs.request_override(
            by=self.actor,
            now=self.now,
            enrollment_id=given["enrollment"],
            criteria=tuple(given["criteria"]),
            reason=given["reason"],
            note=given["note"],
        )
        location = reverse("api_override_request", args=[made.public_id])
        return self.ok(self._seen_row(made), status=201, location=location)

    def _seen_row(self, row: OverrideRequest) -> dict[str, Any]:
        self.seen(row.enrollment.patient.public_id)
        return override_row(row, self.actor)


class OverrideRequestDoor(Door):
    """One request."""

    @operation("read_override_request", answers=OverrideRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it."""
        return self.ok(self.told(public_id))

    def admit(self, request: Request, **parts: Any) -> None:
        override_request(self.actor, parts["public_id"])

    def told(self, public_id: UUID) -> dict[str, Any]:
        row = override_request(self.actor, public_id)
        self.seen(row.enrollment.patient.public_id)
        return override_row(row, self.actor)


class CosignDoor(OverrideRequestDoor):
    """The second signature."""

    http_method_names = ["post", "options"]

    @operation("cosign_override", answers=OverrideRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Sign another person's request."""
        verbs.cosign_override(by=self.actor, now=self.now, request_id=public_id)
        return self.ok(self.told(public_id))


class DeclineDoor(OverrideRequestDoor):
    """Saying no."""

    http_method_names = ["post", "options"]

    @operation("decline_override", answers=OverrideRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Decline a request: it can no longer be used."""
        verbs.decline_override(by=self.actor, now=self.now, request_id=public_id)
        return self.ok(self.told(public_id))


def override_row(row: OverrideRequest, by: Actor) -> dict[str, Any]:
    """A request as JSON, as `by` reads it."""
    return {
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "criteria": row.criteria,
        "reason": row.reason_code,
        "note": row.reason if reads_words(by, row.requested_by_id) else None,
        "requested_at": row.requested_at,
        "requested_by": row.requested_by.name,
        "expires_at": row.expires_at,
        "cosigned_at": row.cosigned_at,
        "cosigned_by": row.cosigned_by.name if row.cosigned_by else None,
        "declined_at": row.declined_at,
        "declined_by": row.declined_by.name if row.declined_by else None,
        "used_in": row.used_in.public_id if row.used_in else None,
    }
