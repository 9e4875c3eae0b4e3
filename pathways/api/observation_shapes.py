"""Shapes of what is measured: the catalogue of tests, one value, a panel, putting one right."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from clinic.api import fields
from clinic.api.serializers import Body, Filters, Row
from clinic.wording import say
from patients import observations
from patients.actions.observations import LABORATORY_LIMIT, MOST_ENTRIES, REASON_LIMIT
from patients.models import Observation
from patients.rules.observations import (
    Entry,
    Mark,
    ObservationCategory,
    ObservationStatus,
    ObservationTest,
    Specimen,
    SpecimenValidity,
    ValueKind,
)
from patients.rules.observations.entries import CUT_OFF_UNIT_LIMIT, METHOD_LIMIT, NOTE_LIMIT

LONGEST_UNIT = 20
ENTRY_PARTS = ("unit", "cut_off", "cut_off_unit", "method", "reference_low", "reference_high", "note")


class Amount(serializers.FloatField):
    """A JSON number, kept exactly as it was written."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return Decimal(str(data))

    def to_representation(self, value: Any) -> Any:
        return None if value is None else float(value)


class ObservationTestRow(Row):
    """A test: how it is answered, in which unit, and what it warns of. Typical ranges are general knowledge."""

    code = fields.Code()
    title = serializers.SerializerMethodField()
    category = fields.Choice(ObservationCategory)
    kind = fields.Choice(ValueKind)
    unit = fields.Text(allow_blank=True)
    ucum = fields.Text(allow_blank=True)
    other_units = serializers.SerializerMethodField()
    loinc = fields.Text(source="loinc.code", allow_null=True, default=None)
    loinc_mark = fields.Choice(Mark, source="loinc.mark", allow_null=True, default=None)
    specimen = fields.Choice(Specimen, allow_null=True)
    choices = serializers.ListField(child=fields.Code())
    detects_kratom = fields.YesNo(help_text="Only such a test can say that there is no kratom.")
    alerts = serializers.SerializerMethodField()

    def get_title(self, test: ObservationTest) -> str:
        return say(test.title, self._language())

    def get_other_units(self, test: ObservationTest) -> list[str]:
        return [each.unit for each in test.other_units]

    def get_alerts(self, test: ObservationTest) -> list[str]:
        return [each.key for each in test.alerts]

    def _language(self) -> str:
        return str(self.context.get("language", "en"))


class ObservationTestListRow(Row):
    """Every test, in the catalogue's order."""

    results = ObservationTestRow(many=True)


class ObservationRow(Row):
    """One value of one test, kept as it was recorded. `amended_by`: the value that counts instead.

    `value`: a number, a result, a choice or a moment, by the kind of the test. `panel`: what was recorded together.
    """

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    panel = fields.PublicId()
    code = fields.Code()
    category = fields.Choice(ObservationCategory)
    value = serializers.SerializerMethodField(method_name="value_of")
    unit = fields.Text(allow_blank=True)
    cut_off = Amount(allow_null=True)
    cut_off_unit = fields.Text(allow_blank=True)
    method = fields.Text(allow_blank=True)
    reference_low = Amount(allow_null=True)
    reference_high = Amount(allow_null=True)
    laboratory = fields.Text(allow_blank=True)
    specimen = serializers.ChoiceField(choices=["", *(each.value for each in Specimen)])
    specimen_validity = fields.Choice(SpecimenValidity)
    witnessed = fields.YesNo(allow_null=True)
    note = fields.Text(allow_blank=True)
    effective_at = fields.Moment()
    resulted_on = fields.Day(allow_null=True)
    recorded_at = fields.Moment()
    recorded_by = fields.Text(source="recorded_by.name")
    status = fields.Choice(ObservationStatus)
    amends = fields.PublicId(source="amends.public_id", allow_null=True, default=None)
    amended_by = fields.PublicId(source="amended_as.public_id", allow_null=True, default=None)
    amendment_reason = fields.Text(allow_blank=True)
    retracted_at = fields.Moment(allow_null=True)
    retraction_reason = fields.Text(allow_blank=True)

    def value_of(self, row: Observation) -> float | str:
        if row.quantity is not None:
            return float(row.quantity)
        if row.moment is not None:
            return str(fields.Moment().to_representation(row.moment))
        return row.result or row.choice


class PanelRow(Row):
    """What was recorded together."""

    observations = ObservationRow(many=True)


class EntryParts(Body):
    """A value and what came beside it. The range is the laboratory's own, in the unit of the value."""

    value = serializers.JSONField(help_text="A number, a word or a moment with its zone, by the kind of the test.")
    unit = fields.Text(max_length=LONGEST_UNIT, required=False, allow_blank=True, default="")
    cut_off = Amount(required=False, allow_null=True, default=None)
    cut_off_unit = fields.Text(max_length=CUT_OFF_UNIT_LIMIT, required=False, allow_blank=True, default="")
    method = fields.Text(max_length=METHOD_LIMIT, required=False, allow_blank=True, default="")
    reference_low = Amount(required=False, allow_null=True, default=None)
    reference_high = Amount(required=False, allow_null=True, default=None)
    note = fields.Text(max_length=NOTE_LIMIT, required=False, allow_blank=True, default="")


class EntryBody(EntryParts):
    """A value of one test."""

    code = fields.Code(max_length=40)


class PanelBody(Body):
    """What was measured together. `effective_at`: when it was measured or collected; now, if left out."""

    entries = EntryBody(many=True, max_length=MOST_ENTRIES, allow_empty=False)  # type: ignore[call-arg]
    effective_at = fields.Moment(required=False)
    laboratory = fields.Text(max_length=LABORATORY_LIMIT, required=False, allow_blank=True, default="")
    specimen = fields.Choice(Specimen, required=False, allow_null=True, default=None)
    resulted_on = fields.Day(required=False, allow_null=True, default=None)
    witnessed = fields.YesNo(required=False, allow_null=True, default=None)
    site = fields.PublicId(required=False)


class ObservationCorrectionBody(EntryParts):
    """The value as it should be, with all that stands beside it, and why."""

    reason = fields.Text(max_length=REASON_LIMIT)
    effective_at = fields.Moment(required=False)
    resulted_on = fields.Day(required=False)


class ObservationFilters(Filters):
    """Of one test, or of one category."""

    code = fields.Code(required=False)
    category = fields.Choice(ObservationCategory, required=False)


def entry_of(code: str, given: dict[str, Any]) -> Entry:
    """An entry from its part of a body; what is not of the kind of its test is left to the rule to refuse."""
    return Entry(code=code, value=_value(code, given["value"]), **{name: given[name] for name in ENTRY_PARTS})


def _value(code: str, given: Any) -> Decimal | str | datetime:
    kind = observations.definition(code).kind if code in observations.codes() else None
    if kind is ValueKind.NUMBER and isinstance(given, int | float) and not isinstance(given, bool):
        return Decimal(str(given))
    if kind is ValueKind.MOMENT:
        return _moment(given)
    return given if isinstance(given, str) else ""


def _moment(given: Any) -> datetime | str:
    try:
        found: datetime = fields.Moment().run_validation(given)
    except serializers.ValidationError:
        return ""
    return found
