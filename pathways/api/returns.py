"""Returns to use."""

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
from pathways.actions import returns as verbs
from pathways.models import ReturnToUse
from pathways.queries import returns as queries
from pathways.queries.narrative import reads_words
from pathways.rules.returns import Circumstance, Substance, UsePattern

TOLD = ("pattern", "circumstances", "what_helped", "note")


class ReturnToUseBody(Body):
    """When, and what happened as far as it is told."""

    enrollment = fields.PublicId()
    effective_at = fields.Moment()
    substance = fields.Choice(Substance, required=False, allow_null=True)
    pattern = fields.Choice(UsePattern, default=UsePattern.NOT_SAID)
    circumstances = serializers.ListField(
        child=fields.Choice(Circumstance), max_length=len(Circumstance), default=list, help_text="What went before."
    )
    what_helped = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)
    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class ReturnFilters(Filters):
    enrollment = fields.PublicId(required=False)
    patient = fields.PublicId(required=False)


class ReturnToUseRow(Row):
    """What was told, from `substance` to `note`, is null for those who do not read what was written."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    patient = fields.PublicId()
    effective_at = fields.Moment()
    substance = fields.Choice(Substance, allow_null=True)
    pattern = fields.Choice(UsePattern, allow_null=True)
    circumstances = serializers.ListField(child=fields.Choice(Circumstance), allow_null=True)
    what_helped = fields.Text(allow_null=True)
    note = fields.Text(allow_null=True)
    recorded_at = fields.Moment()
    recorded_by = fields.Text()


class ReturnsToUseDoor(Door):
    """Returns to use of the people the caller may see."""

    @operation("list_returns_to_use", answers=ReturnToUseRow, pages=True, filters=ReturnFilters)
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        rows = queries.returns_to_use(self.actor)
        given = self.filters(ReturnFilters)
        if "enrollment" in given:
            rows = rows.filter(enrollment__public_id=given["enrollment"])
        if "patient" in given:
            rows = rows.filter(enrollment__patient__public_id=given["patient"])
        return self.page(rows, ("-effective_at", "-id"), self._seen_row, ReturnFilters)

    @operation("record_return_to_use", takes=ReturnToUseBody, answers=ReturnToUseRow, status=201)
    def post(self, request: Request) -> Response:
        """Record a return to use: closer contact is planned, nothing else changes by itself."""
        given = self.body(ReturnToUseBody)
        row = verbs.record_return_to_use(
            by=self.actor,
            now=self.now,
            enrollment_id=given["enrollment"],
            effective_at=given["effective_at"],
            substance=given.get("substance"),
            pattern=given["pattern"],
            circumstances=given["circumstances"],
            what_helped=given["what_helped"],
            note=given["note"],
        )
        location = reverse("api_return_to_use", args=[row.public_id])
        return self.ok(self._seen_row(row), status=201, location=location)

    def _seen_row(self, row: ReturnToUse) -> dict[str, Any]:
        self.seen(row.enrollment.patient.public_id)
        return return_row(row, self.actor)


class ReturnToUseDoor(Door):
    """One return to use."""

    @operation("read_return_to_use", answers=ReturnToUseRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it."""
        row = queries.return_to_use(self.actor, public_id)
        self.seen(row.enrollment.patient.public_id)
        return self.ok(return_row(row, self.actor))


def return_row(row: ReturnToUse, by: Actor) -> dict[str, Any]:
    """A return to use as JSON, as `by` reads it."""
    reads = reads_words(by, row.recorded_by_id)
    return {
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "patient": row.enrollment.patient.public_id,
        "effective_at": row.effective_at,
        "substance": (row.substance or None) if reads else None,
        **{name: getattr(row, name) if reads else None for name in TOLD},
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by.name,
    }
