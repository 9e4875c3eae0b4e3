"""Where people are on their way, for rows of a list: one enrollment each, drawn small."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When

from clinic.models import Actor
from pathways.models import Enrollment
from pathways.models.enrollment import OPEN_STATUSES
from pathways.queries.courses import courses, place_words
from pathways.queries.enrollments import enrollments, next_decisions
from pathways.rules.ribbon import Course


@dataclass(frozen=True, slots=True)
class Place:
    """The enrollment that counts for a row (an open one before an ended one, then the newest), drawn and in words."""

    enrollment: Enrollment
    course: Course | None
    words: str


def places(actor: Actor, patients: Collection[int], *, now: datetime, language: str = "en") -> Mapping[int, Place]:
    """By patient (primary key). The number of queries does not depend on how many people are asked for."""
    openness = Case(When(status__in=OPEN_STATUSES, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = enrollments(actor).filter(patient_id__in=list(patients)).annotate(openness=openness)
    chosen = list(rows.order_by("patient_id", "openness", "-opened_at", "-id").distinct("patient_id"))
    decisions = next_decisions(chosen, now=now)
    drawn = courses(chosen, decisions, now=now, language=language)
    return {
        each.patient_id: Place(
            each,
            drawn.get(each.pk),
            place_words(each, drawn.get(each.pk), decisions.get(each.pk), language),
        )
        for each in chosen
    }
