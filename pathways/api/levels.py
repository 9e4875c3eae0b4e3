"""Level-of-care assessments: ratings, suggestion, decision, second signature."""

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
from clinic.wording import say
from pathways.actions import levels as verbs
from pathways.models import LevelOfCareAssessment
from pathways.queries import levels as queries
from pathways.rules.levels import Intensity, Level, Need, PlacementReason, SuggestionFlag


class RatingsBody(Body):
    """Six ratings from 0 (none) to 4 (very severe); null: not rated."""

    withdrawal = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)
    medical = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)
    psychiatric = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)
    readiness = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)
    use_risk = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)
    environment = fields.Whole(min_value=0, max_value=4, allow_null=True, required=False)


class LevelAssessmentBody(Body):
    """What is rated."""

    patient = fields.PublicId()
    enrollment = fields.PublicId(required=False, help_text="Left out: the only one under way, if there is one.")
    ratings = RatingsBody()
    sud_diagnosis = fields.YesNo(help_text="Whether a substance use disorder is diagnosed.")
    effective_at = fields.Moment(required=False, help_text="When the needs were rated; left out: now.")


class LevelDecisionBody(Body):
    """What is decided. A level that is not the suggested one takes a reason, some reasons a note."""

    level = fields.Choice(Level)
    reason = fields.Choice(PlacementReason, default=PlacementReason.NONE)
    note = fields.Text(max_length=verbs.NOTE_LIMIT, default="", allow_blank=True)


class LevelFilters(Filters):
    patient = fields.PublicId(required=False)
    enrollment = fields.PublicId(required=False)


class InputRow(Row):
    need = fields.Choice(Need)
    rating = fields.Whole()


class SuggestionRow(Row):
    """What the rules suggest, and the rule and ratings that decided."""

    level = fields.Choice(Level, allow_null=True)
    intensity = fields.Choice(Intensity, allow_null=True)
    medical = fields.YesNo()
    rule = fields.Code()
    inputs = InputRow(many=True)
    flags = serializers.ListField(child=fields.Choice(SuggestionFlag))
    reason = fields.Text(help_text='In words: "I5: Use risk 3".')
    ruleset = fields.Code()
    edition = fields.Text()


class LevelDecisionRow(Row):
    """What was decided; `in_effect` is false while a second signature is owed."""

    level = fields.Choice(Level)
    reason = fields.Choice(PlacementReason)
    note = fields.Text()
    decided_at = fields.Moment()
    decided_by = fields.Text()
    needs_second_signature = fields.YesNo()
    cosigned_at = fields.Moment(allow_null=True)
    cosigned_by = fields.Text(allow_null=True)
    in_effect = fields.YesNo()


class LevelAssessmentRow(Row):
    id = fields.PublicId()
    patient = fields.PublicId()
    enrollment = fields.PublicId(allow_null=True)
    ratings = RatingsBody()
    sud_diagnosis = fields.YesNo()
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text()
    suggestion = SuggestionRow()
    decision = LevelDecisionRow(allow_null=True)


class LevelAssessmentsDoor(Door):
    """Level-of-care assessments of the people the caller may see."""

    @operation("list_level_assessments", answers=LevelAssessmentRow, pages=True, filters=LevelFilters)
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        rows = queries.level_assessments(self.actor)
        given = self.filters(LevelFilters)
        if "patient" in given:
            rows = rows.filter(patient__public_id=given["patient"])
        if "enrollment" in given:
            rows = rows.filter(enrollment__public_id=given["enrollment"])
        return self.page(rows, ("-effective_at", "-id"), self._seen_row, LevelFilters)

    @operation("rate_level_of_care", takes=LevelAssessmentBody, answers=LevelAssessmentRow, status=201)
    def post(self, request: Request) -> Response:
        """Record six ratings; the answer holds the suggestion."""
        given = self.body(LevelAssessmentBody)
        row = verbs.rate(
            by=self.actor,
            now=self.now,
            patient_id=given["patient"],
            ratings={need: given["ratings"].get(need.value) for need in Need},
            sud_diagnosis=given["sud_diagnosis"],
            effective_at=given.get("effective_at"),
            enrollment_id=given.get("enrollment"),
        )
        location = reverse("api_level_assessment", args=[row.public_id])
        return self.ok(self._seen_row(row), status=201, location=location)

    def _seen_row(self, row: LevelOfCareAssessment) -> dict[str, Any]:
        self.seen(row.patient.public_id)
        return level_row(row)


class LevelAssessmentDoor(Door):
    """One level-of-care assessment."""

    @operation("read_level_assessment", answers=LevelAssessmentRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it with its suggestion and decision."""
        row = queries.level_assessment(self.actor, public_id)
        self.seen(row.patient.public_id)
        return self.ok(level_row(row))


class LevelDecideDoor(Door):
    """The decision, made once."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.level_assessment(self.actor, parts["public_id"])

    @operation("decide_level_of_care", takes=LevelDecisionBody, answers=LevelAssessmentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Decide the level of care; a lower one than severe need suggests waits for a second signature."""
        given = self.body(LevelDecisionBody)
        row = verbs.decide(by=self.actor, now=self.now, assessment_id=public_id, **given)
        self.seen(row.patient.public_id)
        return self.ok(level_row(queries.level_assessment(self.actor, public_id)))


class LevelCosignDoor(Door):
    """The second signature: a person's, never a program's."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.level_assessment(self.actor, parts["public_id"])

    @operation("cosign_level_of_care", answers=LevelAssessmentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Sign a decision that waits for it."""
        row = verbs.cosign(by=self.actor, now=self.now, assessment_id=public_id)
        self.seen(row.patient.public_id)
        return self.ok(level_row(queries.level_assessment(self.actor, public_id)))


def level_row(row: LevelOfCareAssessment) -> dict[str, Any]:
    """A level-of-care assessment as JSON."""
    return {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "enrollment": row.enrollment.public_id if row.enrollment else None,
        "ratings": {need.value: getattr(row, need.value) for need in Need},
        "sud_diagnosis": row.sud_diagnosis,
        "effective_at": row.effective_at,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by.name,
        "suggestion": _suggestion(row),
        "decision": _decision(row) if row.decided_by else None,
    }


def _suggestion(row: LevelOfCareAssessment) -> dict[str, Any]:
    found = queries.suggestion_of(row)
    return {
        "level": found.level,
        "intensity": found.intensity,
        "medical": found.medical,
        "rule": found.rule_id,
        "inputs": [{"need": each.need, "rating": each.rating} for each in found.inputs],
        "flags": list(found.flags),
        "reason": say(found.reason),
        "ruleset": found.ruleset,
        "edition": found.edition,
    }


def _decision(row: LevelOfCareAssessment) -> dict[str, Any]:
    return {
        "level": row.decided_level,
        "reason": row.reason or PlacementReason.NONE.value,
        "note": row.reason_note,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by.name if row.decided_by else None,
        "needs_second_signature": row.needs_second_signature,
        "cosigned_at": row.cosigned_at,
        "cosigned_by": row.cosigned_by.name if row.cosigned_by else None,
        "in_effect": not row.needs_second_signature or row.cosigned_at is not None,
    }
