"""Changes of the level of care, each with its date and reason."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.models import Actor
from pathways.actions import level_transfers as verbs
from pathways.api.enrollments import OneEnrollmentDoor
from pathways.models import LevelTransfer
from pathways.queries.level_transfers import transfers_of
from pathways.queries.narrative import reads_words
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level


class LevelTransferBody(Body):
    """To which level, why and from when. A level that is not indicated takes a note."""

    to_level = fields.Choice(Level)
    reason = fields.Choice(LevelReason)
    effective_at = fields.Moment(required=False, help_text="Left out: now.")
    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)
    assessment = fields.PublicId(required=False, help_text="The ratings it rests on; left out: those in force.")
    despite_full = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class LevelTransferRow(Row):
    id = fields.PublicId()
    enrollment = fields.PublicId()
    from_level = fields.Choice(Level, allow_null=True)
    to_level = fields.Choice(Level)
    reason = fields.Choice(LevelReason)
    note = fields.Narrative()
    assessment = fields.PublicId(allow_null=True)
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text()


class LevelTransfersDoor(OneEnrollmentDoor):
    """The levels of care of one enrollment."""

    @operation("list_level_transfers", answers=LevelTransferRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Every change, newest first."""
        rows = transfers_of(self.found(public_id))
        return self.page(rows, ("-effective_at", "-id"), self._row)

    @operation("transfer_level", takes=LevelTransferBody, answers=LevelTransferRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Change the level of care; the phase stays."""
        row, given = self.found(public_id), self.body(LevelTransferBody)
        made = verbs.transfer_level(
            by=self.actor,
            now=self.now,
            enrollment_id=row.public_id,
            to_level=given["to_level"],
            reason=given["reason"],
            effective_at=given.get("effective_at"),
            note=given["note"],
            assessment_id=given.get("assessment"),
            despite_full=given["despite_full"],
        )
        return self.ok(self._row(made), status=201)

    def _row(self, row: LevelTransfer) -> dict[str, Any]:
        return transfer_row(row, self.actor)


def transfer_row(row: LevelTransfer, by: Actor) -> dict[str, Any]:
    """A change of level as JSON, as `by` reads it."""
    names = ("to_level", "reason", "effective_at", "recorded_at")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "from_level": row.from_level or None,
        "note": row.note if reads_words(by, row.recorded_by_id) else None,
        "assessment": row.assessment.public_id if row.assessment else None,
        "recorded_by": row.recorded_by.name,
    }
