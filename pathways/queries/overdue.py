"""Follow-ups that are late, asked of the database."""

from datetime import datetime

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F, Func, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from pathways.models import FollowUp


def overdue(rows: QuerySet[FollowUp], *, now: datetime) -> QuerySet[FollowUp]:
    """Open ones whose last day has passed where it is counted: `rules.worklist.is_overdue`, row by row."""
    return with_last_day(rows, now=now).filter(OVERDUE)


def with_last_day(rows: QuerySet[FollowUp], *, now: datetime) -> QuerySet[FollowUp]:
    """With `last_day`, on which each is still in time, and `local_day`, the day it is now where it is counted."""
    last = ExpressionWrapper(F("due_on") + F("window_days"), output_field=DateField())
    return rows.annotate(local_day=local_day("time_zone", Value(now)), last_day=last)


OVERDUE = Q(outcome="", local_day__gt=F("last_day"))
"""Of rows `with_last_day`."""


def local_day(zone: str, moment: Combinable) -> Cast:
    """The calendar day of a moment in the zone a column names."""
    return Cast(Func(F(zone), moment, function="timezone", output_field=DateTimeField()), DateField())
