"""Rules adapted for one person: list, make, end. Only people adapt."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.wording import say
from pathways.actions import adaptations as verbs
from pathways.api.enrollments import NOTE, OneEnrollmentDoor, language_of
from pathways.models import RuleAdaptation
from pathways.queries import adaptations as queries
from pathways.queries.narrative import reads_words
from pathways.queries.programs import document_of
from pathways.rules.programs.adaptation import AdaptationTarget, described


class AdaptationBody(Body):
    """Which rule, what is put in its place, why, and its last day."""

    target = fields.Choice(AdaptationTarget)
    key = fields.Code(help_text="The key of the criterion, or the rule_key of the follow-up rule.")
    change = serializers.DictField(help_text="Parameters as a program document writes them, or requirement, or skip.")
    reason = fields.Text(max_length=NOTE)
    ends_on = fields.Day()


class EndBody(Body):
    reason = fields.Text(max_length=300)


class AdaptationRow(Row):
    """One adaptation, in force until its day or until it was ended."""

    id = fields.PublicId()
    enrollment = fields.PublicId()
    target = fields.Choice(AdaptationTarget)
    key = fields.Code()
    change = serializers.DictField()
    detail = fields.Text(help_text="What is different, in one sentence.")
    reason = fields.Narrative()
    starts_on = fields.Day()
    ends_on = fields.Day()
    made_at = fields.Moment()
    made_by = fields.Text()
    ended_at = fields.Moment(allow_null=True)
    end_reason = fields.Narrative()


class AdaptationsDoor(OneEnrollmentDoor):
    """The adaptations of one enrollment."""

    @operation("list_adaptations", answers=AdaptationRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """List them, newest first."""
        self.found(public_id)
        rows = queries.adaptations(self.actor, public_id).select_related("enrollment__program_version")
        return self.page(rows, ("-made_at", "-id"), lambda row: adaptation_row(self, row))

    @operation("adapt_rule", takes=AdaptationBody, answers=AdaptationRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Make a rule different for this person, from today on."""
        given = self.body(AdaptationBody)
        row = verbs.adapt_rule(
            by=self.actor,
            now=self.now,
            enrollment_id=public_id,
            target=given["target"],
            target_key=given["key"],
            change=given["change"],
            reason=given["reason"],
            ends_on=given["ends_on"],
        )
        return self.ok(adaptation_row(self, row), status=201)


class AdaptationEndDoor(Door):
    """The end of an adaptation before its day."""

    @operation("end_adaptation", takes=EndBody, answers=AdaptationRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The rule reads as the program writes it again."""
        row = verbs.end_adaptation(
            by=self.actor, now=self.now, adaptation_id=public_id, reason=self.body(EndBody)["reason"]
        )
        return self.ok(adaptation_row(self, row))


def adaptation_row(door: Door, row: RuleAdaptation) -> dict[str, Any]:
    """An adaptation as JSON."""
    door.seen(row.enrollment.patient.public_id)
    said = described(document_of(row.enrollment.program_version), queries.adaptation_of(row))
    return {
        "id": row.public_id,
        "enrollment": row.enrollment.public_id,
        "target": row.target,
        "key": row.target_key,
        "change": row.change,
        "detail": say(said, language_of(door)),
        "reason": row.reason if reads_words(door.actor, row.made_by_id) else None,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "made_at": row.made_at,
        "made_by": row.made_by.name,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason if reads_words(door.actor, row.ended_by_id) else None,
    }
