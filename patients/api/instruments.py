"""Instruments: what they ask, and what answers come to. Scoring here stores nothing."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.wording import say
from patients.queries import assessments as queries
from patients.rules.instruments import Definition, Item
from patients.rules.scoring import Scoring


class InstrumentRow(Row):
    """An instrument in short."""

    key = fields.Code()
    title = fields.Text()
    short_name = fields.Text()
    measures = fields.Text()
    definition_version = fields.Whole()
    administration = fields.Text()
    window = fields.Text()
    preface = fields.Text(allow_blank=True)
    licence = fields.Text()
    loinc = fields.Text(allow_null=True)
    repeat_days = fields.Whole(allow_null=True)
    min_interval_days = fields.Whole(allow_null=True)


class InstrumentListRow(Row):
    """Every instrument there is."""

    results = InstrumentRow(many=True)


class OptionRow(Row):
    """An answer: its code and what it is worth."""

    code = serializers.JSONField(help_text="What to send as the answer: a word or a number.")
    value = fields.Whole()
    label = fields.Text()  # type: ignore[assignment]


class ItemRow(Row):
    """A question. Without options it takes a number between `minimum` and `maximum`."""

    key = fields.Code()
    label = fields.Text()  # type: ignore[assignment]
    options = OptionRow(many=True)
    required = fields.YesNo()  # type: ignore[assignment]
    scored = fields.YesNo()
    always_asked = fields.YesNo(help_text="False where another answer or the score decides.")
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    unit = fields.Text(allow_null=True)
    loinc = fields.Text(allow_null=True)


class BandRow(Row):
    """A named range of a score; a triage has only names."""

    score = fields.Code(allow_null=True)
    minimum = fields.Whole(allow_null=True)
    maximum = fields.Whole(allow_null=True)
    label = fields.Text()  # type: ignore[assignment]
    applies_to = fields.Text(allow_null=True)


class AlertRow(Row):
    """What an answer or a score can raise."""

    key = fields.Code()
    severity = fields.Code()
    action = fields.Text()


class DefinitionRow(InstrumentRow):
    """What an instrument asks."""

    digest = fields.Text()
    items = ItemRow(many=True)
    bands = BandRow(many=True)
    alerts = AlertRow(many=True)


class ScoreBody(Body):
    """`answers` by item. `context`: `sex`, `taken_as_prescribed`, where the instrument uses them."""

    answers = serializers.JSONField(help_text="An object: item key to option code or number.")
    context = serializers.JSONField(required=False, default=dict)  # type: ignore[assignment]


class ProblemRow(Row):
    """Why an answer cannot be taken."""

    item = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ScoringRow(Row):
    """What answers come to. `points`, `visible` and `missing` are by item."""

    status = serializers.ChoiceField(choices=["complete", "incomplete", "invalid"])
    total = fields.Whole(allow_null=True)
    subscores = serializers.DictField(child=fields.Whole())
    band = serializers.JSONField(allow_null=True, help_text="A word, or one per subscore.")
    alerts = serializers.ListField(child=fields.Code())
    problems = ProblemRow(many=True)
    answered = fields.Whole()
    points = serializers.DictField(child=fields.Whole())
    visible = serializers.ListField(child=fields.Code())
    missing = serializers.ListField(child=fields.Code())


class InstrumentsDoor(Door):
    """The list."""

    @operation("list_instruments", answers=InstrumentListRow)
    def get(self, request: Request) -> Response:
        """Every instrument, newest version, by key."""
        return self.ok({"results": InstrumentRow(queries.definitions(), many=True).data})


class InstrumentDoor(Door):
    """One instrument."""

    @operation("read_instrument", answers=DefinitionRow)
    def get(self, request: Request, key: str) -> Response:
        """What it asks and how answers are read."""
        return self.ok(_definition_row(queries.definition_of(key)))


class ScoreDoor(Door):
    """Scoring without storing."""

    changes = False

    @operation("score_instrument", takes=ScoreBody, answers=ScoringRow)
    def post(self, request: Request, key: str) -> Response:
        """What answers come to. Answers that cannot be taken are status `invalid` with their problems, not an error."""
        queries.definition_of(key)
        given = self.body(ScoreBody)
        language = str(getattr(request._request, "language", "en"))[:2]
        return self.ok(scoring_row(queries.score_only(key, given["answers"], given["context"]), language))


def scoring_row(got: Scoring, language: str) -> dict[str, Any]:
    """A scoring as every door tells it."""
    return {
        "status": got.status.value,
        "total": got.total,
        "subscores": dict(got.subscores),
        "band": dict(got.band) if isinstance(got.band, Mapping) else got.band,
        "alerts": list(got.alerts),
        "problems": [
            {"item": each.item, "code": each.sentence.code, "detail": say(each.sentence, language)}
            for each in got.problems
        ],
        "answered": got.answered,
        "points": dict(got.points),
        "visible": list(got.visible),
        "missing": list(got.missing),
    }


def _definition_row(definition: Definition) -> dict[str, Any]:
    return {
        **InstrumentRow(definition).data,
        "digest": definition.digest,
        "items": [_item_row(item) for item in definition.items],
        "bands": BandRow(definition.bands, many=True).data,
        "alerts": [
            {"key": each.key, "severity": each.severity.value, "action": each.action} for each in definition.alerts
        ],
    }


def _item_row(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "label": item.label,
        "options": [{"code": each.code, "value": each.value, "label": each.label} for each in item.options],
        "required": item.required,
        "scored": item.scored,
        "always_asked": item.visible_if is None,
        "minimum": item.minimum,
        "maximum": item.maximum,
        "unit": item.unit,
        "loinc": item.loinc,
    }
