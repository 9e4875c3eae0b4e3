"""Shapes of drafts, assessments and intakes."""

from rest_framework import serializers

from clinic.api import fields
from clinic.api.serializers import Body, Filters, Row
from patients.models import Assessment

STATUSES = ["final", "amended", "entered_in_error"]


class AssessmentRow(Row):
    """A recorded form, frozen with its definition's version. `amended_by`: the copy that counts instead."""

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    instrument = fields.Code()
    definition_version = fields.Whole()
    definition_digest = fields.Text()
    status = serializers.ChoiceField(choices=STATUSES)
    scoring_status = serializers.ChoiceField(choices=["complete", "incomplete"])
    answers = serializers.DictField(child=serializers.JSONField())
    points = serializers.DictField(child=fields.Whole())
    total = serializers.SerializerMethodField()
    subscores = serializers.DictField(child=fields.Whole())
    band = serializers.JSONField(allow_null=True)
    alerts = serializers.ListField(child=fields.Code())
    preface_shown = fields.YesNo()
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text(source="recorded_by.name")
    amends = fields.PublicId(source="amends.public_id", allow_null=True, default=None)
    amendment_reason = fields.Text(allow_blank=True)
    retracted_at = fields.Moment(allow_null=True)
    retraction_reason = fields.Text(allow_blank=True)

    def get_total(self, row: Assessment) -> int | None:
        return None if row.total is None else int(row.total)


class RecordedRow(AssessmentRow):
    """With what one should know although it was recorded."""

    warnings = serializers.ListField(child=fields.Text())


class AnswersBody(Body):
    """`answers` by item; `context`: `taken_as_prescribed`, `preface_shown`. Sex for clinical use is the record's."""

    answers = serializers.DictField(child=serializers.JSONField(allow_null=True))
    context = serializers.DictField(child=fields.YesNo(), required=False, default=dict)  # type: ignore[assignment]


class AssessmentBody(AnswersBody):
    """A finished form. `effective_at`: when it was found; now, if left out."""

    instrument = fields.Code()
    effective_at = fields.Moment(required=False)
    site = fields.PublicId(required=False)


class AmendmentBody(AnswersBody):
    """The answers as they should be, all of them, and why."""

    reason = fields.Text(max_length=300)
    effective_at = fields.Moment(required=False)


class ReasonBody(Body):
    """Why."""

    reason = fields.Text(max_length=300)


class DraftBody(AnswersBody):
    """The answers so far, all of them."""

    effective_at = fields.Moment(required=False)


class RecordingBody(Body):
    """When it was found; when the draft was last saved, if left out."""

    effective_at = fields.Moment(required=False)


class DraftRow(Row):
    """A form being filled in, with what it comes to so far."""

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    instrument = fields.Code()
    definition_version = fields.Whole()
    answers = serializers.DictField(child=serializers.JSONField())
    effective_at = fields.Moment(allow_null=True)
    started_at = fields.Moment()
    saved_at = fields.Moment()
    saved_by = fields.Text(source="saved_by.name")
    status = serializers.ChoiceField(source="scoring.status", choices=["complete", "incomplete", "invalid"])
    alerts = serializers.ListField(source="scoring.alerts", child=fields.Code())
    missing = serializers.ListField(source="scoring.missing", child=fields.Code())
    version = fields.Whole()


class SectionRow(Row):
    """One form of an intake and how far it is."""

    instrument = fields.Code(source="key")
    state = serializers.ChoiceField(choices=["empty", "partial", "done", "recorded", "invalid"])
    answered = fields.Whole()
    asked = fields.Whole()
    missing = fields.Whole()
    required = fields.YesNo()  # type: ignore[assignment]
    brought_forward = fields.YesNo()


class IntakeRow(Row):
    """An intake; its sections in the order they are to be asked."""

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    site = fields.PublicId(source="site.public_id")
    opened_at = fields.Moment()
    opened_by = fields.Text(source="opened_by.name")
    signed_at = fields.Moment(allow_null=True)
    signed_by = fields.Text(source="signed_by.name", allow_null=True, default=None)
    not_asked_reason = fields.Text(allow_blank=True)
    version = fields.Whole()
    sections = SectionRow(many=True, source="shown_sections")


class SigningBody(Body):
    """Why required sections are not complete, if they are not."""

    not_asked_reason = fields.Text(max_length=300, required=False, allow_blank=True, default="")


class AssessmentFilters(Filters):
    """Of one instrument."""

    instrument = fields.Code(required=False)
