"""Consents signed, with what ends them. Whether one holds is for the rule to say, at the moment asked about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from pathways.models import Enrollment
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates.consents import ConsentHeld
from patients.models import Consent
from patients.queries.part2_consents import signed
from patients.rules.consents import ConsentExpiry, Span, treatment_end


@fact_query(ConsentHeld)
def consents(asked: Asked) -> Answers:
    """Every consent signed by then, newest first, with the end of the treatment that some last as long as."""
    courses = Enrollment.objects.filter(patient=OuterRef("patient"), admitted_at__isnull=False)
    span = JSONObject(began_at="admitted_at", ended_at="ended_at", zone="site__time_zone")
    rows = (
        Consent.objects.filter(patient__in=asked.patients, effective_at__lte=asked.as_of)
        .select_related("replaced_by")
        .annotate(courses=ArraySubquery(courses.values(span=span)))
        .order_by("patient_id", "-effective_at", "-pk")
    )
    grouped: dict[int, list[ConsentHeld]] = defaultdict(list)
    for row in rows:
        ended_on = None
        if row.expiry == ConsentExpiry.END_OF_TREATMENT:
            ended_on = treatment_end(_spans(row.courses), row.signed_on)
        grouped[row.patient_id].append(ConsentHeld(row.public_id, signed(row), ended_on))
    return asked.of_patients(grouped)


def _spans(courses: Iterable[Mapping[str, Any]]) -> list[Span]:
    """First and last days of treatment, each at the site where it was given."""
    return [(_day(each["began_at"], each["zone"]), _last(each)) for each in courses]


def _last(course: Mapping[str, Any]) -> date | None:
    return _day(course["ended_at"], course["zone"]) if course["ended_at"] else None


def _day(moment: str, zone: str) -> date:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date()
