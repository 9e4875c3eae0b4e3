"""Measures of a program, each with its definition, its n and its filter."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Filters, Row
from clinic.api.views import Door
from clinic.errors import bad_input, not_found
from clinic.queries.workplaces import site_for, workplaces_of
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.api.enrollments import language_of
from pathways.queries import outcomes
from pathways.queries.outcomes import DEFAULT_DAYS, Period, Returns
from pathways.queries.programs import program

MOST_DAYS = 3660


class MeasureFilters(Filters):
    """Which enrollments, and which days; left out: everywhere the caller works, the last year."""

    site = fields.PublicId(required=False)
    first = fields.Day(required=False)
    last = fields.Day(required=False)


class MeasureRow(Row):
    """One measure. `n`: how many were counted; `value`: null where nobody was."""

    key = fields.Code()
    definition = fields.Text()
    n = fields.Whole()
    of = fields.Whole(help_text="How many it is a part of.")
    value = serializers.FloatField(allow_null=True)


class MeasuresRow(Row):
    """The measures of one program for one filter."""

    program = fields.Code()
    filter = fields.Text()
    first = fields.Day()
    last = fields.Day()
    enrollments_by_returns = serializers.ListField(
        child=fields.Whole(), help_text="Enrollments with no return, with one, two, three or more."
    )
    measures = MeasureRow(many=True)


class ProgramMeasuresDoor(Door):
    """What came of a program."""

    @operation("read_program_measures", answers=MeasuresRow, filters=MeasureFilters)
    def get(self, request: Request, key: str) -> Response:
        """Returns to use as events within an enrollment, and how soon care answered."""
        found = program(key)
        period = self._period(self.filters(MeasureFilters))
        return self.ok(measures_row(key, outcomes.returns(self.actor, found, period), language_of(self)))

    def _period(self, given: dict[str, Any]) -> Period:
        site = site_for(self.actor, given["site"]) if "site" in given else None
        if "site" in given and site is None:
            raise not_found()
        place = site or workplaces_of(self.actor).order_by("name", "id").first()
        if place is None:
            raise not_found()
        last = given.get("last", self.now.astimezone(place.zone).date())
        first = given.get("first", last - timedelta(days=DEFAULT_DAYS - 1))
        if first > last:
            raise bad_input(last=sentence("measure.refused.order"))
        if (last - first).days >= MOST_DAYS:
            raise bad_input(first=sentence("measure.refused.long", most=MOST_DAYS))
        return Period(first, last, place.zone, site)


def measures_row(key: str, found: Returns, language: str) -> dict[str, Any]:
    """The measures as JSON."""
    share = round(found.still / found.people, 3) if found.people else None
    told = [
        ("returns", found.returns, found.enrollments, found.each),
        ("still_under_way", found.still, found.people, share),
        ("to_contact", found.to_contact.n, found.returns, found.to_contact.median),
        ("to_step_back", found.to_step_back.n, found.returns, found.to_step_back.median),
    ]
    return {
        "program": key,
        "filter": say(found.period.said, language),
        "first": found.period.first,
        "last": found.period.last,
        "enrollments_by_returns": list(found.by_number),
        "measures": [
            {"key": name, "definition": say(sentence(f"measure.{name}"), language), "n": n, "of": of, "value": value}
            for name, n, of, value in told
        ],
    }
