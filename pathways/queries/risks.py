"""What is known of the present risk of many people at once, and of whom a risk can be said in the database itself."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from pathways.models import CallResult, Enrollment, ReturnToUse
from pathways.models.enrollment import OPEN_STATUSES
from pathways.queries.enrollments import newest
from pathways.queries.overdue import local_day
from pathways.rules.follow_ups import CONSEQUENCES
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.warnings import MissedContact
from pathways.rules.worklist import DISCHARGE_DAYS, MISSED_CONTACTS, RETURN_TO_USE_DAYS, Risk, RiskFacts
from patients.models import Patient, SafetyFlag

URGENT = ("emergency", "urgent")
UNANSWERED = tuple(each for each in Result if CONSEQUENCES[each].climbs)
LOOKED_BACK = timedelta(days=30)
"""Calls longer ago than a month say nothing about now."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where somebody's newest enrollment stands, an open one before an ended one."""

    program: str
    program_title: str
    phase: str
    phase_title: str


def newest_courses(patients: Collection[int]) -> dict[int, Course]:
    """By patient (row id). One query."""
    columns = (
        "patient_id", "program__key", "program__title", "current_phase__key", "current_phase__title",
    )  # fmt: skip
    return {
        patient: Course(key, title, phase or "", phase_title or "")
        for patient, key, title, phase, phase_title in newest(patients).values_list(*columns)
    }


def risk_facts(patients: Collection[int], *, now: datetime) -> dict[int, RiskFacts]:
    """Risk facts of those of whom there is any. Four queries."""
    returned, left = _returned(patients, now), _left(patients, now)
    urgent, missed = dict(_urgent(list(patients))), missed_calls(patients, now=now)
    return {
        each: RiskFacts(
            return_to_use_on=returned.get(each),
            discharged_on=left.get(each),
            open_urgent_flags=urgent.get(each, 0),
            missed_in_a_row=len(missed.get(each, ())),
        )
        for each in {*returned, *urgent, *missed, *left}
    }


def _returned(patients: Collection[int], now: datetime) -> dict[int, date]:
    """The day of each one's newest return to use of the last weeks, where they are enrolled."""
    found = _returns(list(patients), now - timedelta(days=RETURN_TO_USE_DAYS + 1), now)
    return {patient: _day(at, zone) for patient, at, zone in found}


@prepared
def _returns(patients: list[int], since: datetime, now: datetime) -> QuerySet[Any, Any]:
    rows = ReturnToUse.objects.filter(
        enrollment__patient__in=among(patients), effective_at__gt=since, effective_at__lte=now
    )
    columns = ("enrollment__patient", "effective_at", "enrollment__site__time_zone")
    return rows.order_by("effective_at").values_list(*columns)


@prepared
def _urgent(patients: list[int]) -> QuerySet[Any, Any]:
    """Who has urgent flags that are open, and how many."""
    flags = SafetyFlag.objects.filter(patient__in=among(patients), closed_at__isnull=True, severity__in=URGENT)
    return flags.order_by().values("patient").annotate(n=Count("pk")).values_list("patient", "n")


def _left(patients: Collection[int], now: datetime) -> dict[int, date]:
    """The day on which those left of late who are not enrolled again."""
    found = _discharges(list(patients), now - timedelta(days=DISCHARGE_DAYS + 1))
    return {patient: _day(at, zone) for patient, at, zone in found}


@prepared
def _discharges(patients: list[int], since: datetime) -> QuerySet[Any, Any]:
    again = Enrollment.objects.filter(patient=OuterRef("patient"), status__in=OPEN_STATUSES)
    rows = Enrollment.objects.filter(~Exists(again), patient__in=among(patients), ended_at__gt=since)
    return rows.order_by("ended_at").values_list("patient_id", "ended_at", "site__time_zone")


def missed_calls(patients: Collection[int], *, now: datetime) -> dict[int, list[MissedContact]]:
    """Calls without an answer since the last one that was answered, the newest first, over the last month."""
    if not patients:
        return {}
    found: dict[int, list[MissedContact]] = defaultdict(list)
    answered: set[int] = set()
    for patient, public_id, at, result in _calls(list(patients), now - LOOKED_BACK):
        if result not in UNANSWERED:
            answered.add(patient)
        elif patient not in answered:
            found[patient].append(MissedContact(public_id, at))
    return dict(found)


@prepared
def _calls(patients: list[int], since: datetime) -> QuerySet[Any, Any]:
    """Calls that stand, of each person the newest first."""
    rows = CallResult.objects.filter(
        # On a contact that ended before, there was no call since: most are left out before their calls are looked up.
        Q(follow_up__closed_at__isnull=True) | Q(follow_up__closed_at__gt=since),
        follow_up__patient__in=among(patients), undone_at__isnull=True, made_at__gt=since,
    )  # fmt: skip
    return rows.order_by("follow_up__patient", "-made_at", "-pk").values_list(
        "follow_up__patient", "public_id", "made_at", "result"
    )


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


# -- people of a risk, for a list of people ---------------------------------------------------------------------------


def at_risk(people: QuerySet[Patient], risk: Risk, *, now: datetime) -> QuerySet[Patient]:
    """Those of whom this is said: `rules.worklist.risks`, asked of the database. Raises KeyError for a risk that only
    a line can say."""
    return _ASKED[risk](people, now)


def _flagged(people: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    flags = SafetyFlag.objects.filter(patient=OuterRef("pk"), closed_at__isnull=True, severity__in=URGENT)
    return people.filter(Exists(flags))


def _back_to_use(people: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    rows = ReturnToUse.objects.filter(enrollment__patient=OuterRef("pk"), effective_at__lte=now)
    return people.filter(Exists(_lately(rows, "effective_at", "enrollment__site__time_zone", RETURN_TO_USE_DAYS, now)))


def _discharged(people: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    own = Enrollment.objects.filter(patient=OuterRef("pk"))
    left = _lately(own.filter(ended_at__lte=now), "ended_at", "site__time_zone", DISCHARGE_DAYS, now)
    return people.filter(Exists(left), ~Exists(own.filter(status__in=OPEN_STATUSES)))


def _lately(rows: QuerySet[Any], moment: str, zone: str, days: int, now: datetime) -> QuerySet[Any]:
    """Rows whose moment lies at most so many calendar days back, counted in their own zone."""
    near = rows.filter(**{f"{moment}__gt": now - timedelta(days=days + 2)})
    first = ExpressionWrapper(local_day(zone, Value(now)) - Value(days), output_field=DateField())
    return near.annotate(local_day=local_day(zone, F(moment)), first_day=first).filter(local_day__gte=F("first_day"))


def _unreached(people: QuerySet[Patient], now: datetime) -> QuerySet[Patient]:
    """Two calls or more since the last that was answered: candidates by their calls, then counted as everywhere."""
    calls = CallResult.objects.filter(undone_at__isnull=True, made_at__gt=now - LOOKED_BACK, result__in=UNANSWERED)
    candidates = calls.filter(follow_up__patient__in=people.values("pk")).values("follow_up__patient")
    often = (
        candidates.annotate(n=Count("pk")).filter(n__gte=MISSED_CONTACTS).values_list("follow_up__patient", flat=True)
    )
    missed = missed_calls(list(often), now=now)
    return people.filter(pk__in=[pk for pk, each in missed.items() if len(each) >= MISSED_CONTACTS])


_ASKED = {
    Risk.URGENT_FLAG: _flagged,
    Risk.RETURN_TO_USE: _back_to_use,
    Risk.JUST_DISCHARGED: _discharged,
    Risk.MISSED_CONTACTS: _unreached,
}
