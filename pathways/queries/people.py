"""People as a list shows them: whom it is narrowed to, and where each is on their way, drawn small."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from clinic.models import Actor, Site
from pathways.models import Enrollment, LevelStay
from pathways.models.enrollment import OPEN_STATUSES
from pathways.queries.courses import courses, place_words
from pathways.queries.enrollments import enrollments, next_decisions
from pathways.queries.risks import at_risk
from pathways.rules.ribbon import Course
from pathways.rules.saved_views import NOBODY, Wanted
from pathways.rules.worklist import Risk
from patients.models import Patient
from patients.queries import patients

OF_AN_ENROLLMENT = frozenset({"program", "phase", "level", "counselor"})


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


def listed(actor: Actor, wanted: Wanted, *, site: Site | None, now: datetime) -> QuerySet[Patient]:
    """Everybody the actor may see who fits, by name. Program, phase, level and counselor are those of one open
    enrollment."""
    people = patients.listed(actor, site=site)
    if wanted.given.keys() & OF_AN_ENROLLMENT:
        people = people.filter(Exists(_fitting(wanted)))
    return at_risk(people, Risk(wanted.risk), now=now) if wanted.risk else people


def _fitting(wanted: Wanted) -> QuerySet[Enrollment]:
    """Open enrollments of the row's person that are as wanted."""
    rows = Enrollment.objects.filter(patient=OuterRef("pk"), status__in=OPEN_STATUSES)
    if wanted.program:
        rows = rows.filter(program__key=wanted.program)
    if wanted.phase:
        rows = rows.filter(current_phase__key=wanted.phase)
    if wanted.level:
        stays = LevelStay.objects.filter(enrollment=OuterRef("pk"), level=wanted.level, ended_at__isnull=True)
        rows = rows.filter(Exists(stays))
    if wanted.counselor == NOBODY:
        rows = rows.filter(counselor__isnull=True)
    elif wanted.counselor:
        rows = rows.filter(counselor__public_id=wanted.counselor)
    return rows
