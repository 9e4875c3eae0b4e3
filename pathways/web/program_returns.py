"""Returns to use on the page of a program: events within enrollments, and how soon care answered."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from clinic import clock
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Program
from pathways.queries import outcomes
from pathways.queries.outcomes import DEFAULT_DAYS, Period
from pathways.web.moments import zone_of

Shown = dict[str, Any]


def section(request: HttpRequest, program: Program) -> Shown | None:
    """The last year, at the sites one works at; nothing for those who do not see enrollments."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.may(Permission.ENROLLMENT_READ):
        return None
    zone = zone_of(request)
    last = clock.now().astimezone(zone).date()
    found = outcomes.returns(actor, program, Period(last - timedelta(days=DEFAULT_DAYS - 1), last, zone))
    return {
        "filter": found.period.said,
        "rows": [
            _row("returns", found.returns, found.enrollments, found.each),
            _row("still_under_way", found.still, found.people, None),
            _row("to_contact", found.to_contact.n, found.returns, found.to_contact.median),
            _row("to_step_back", found.to_step_back.n, found.returns, found.to_step_back.median),
        ],
    }


def _row(key: str, n: int, of: int, value: float | None) -> Shown:
    return {"definition": sentence(f"measure.{key}"), "n": n, "of": of, "value": value}
