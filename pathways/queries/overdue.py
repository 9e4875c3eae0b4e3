"""Follow-ups that are late, asked of the database."""

from datetime import datetime

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F, Func, QuerySet, Value
from django.db.models.functions import Cast

from pathways.models import FollowUp


def overdue(rows: QuerySet[FollowUp], *, now: datetime) -> QuerySet[FollowUp]:
    """Open ones whose last day has passed where it is counted: `rules.worklist.is_overdue`, row by row."""
    last = ExpressionWrapper(F("due_on") + F("window_days"), output_field=DateField())
    return rows.filter(outcome="").annotate(local_day=_today(now), last_day=last).filter(local_day__gt=F("last_day"))


def _today(now: datetime) -> Cast:
    local = Func(F("time_zone"), Value(now), function="timezone", output_field=DateTimeField())
    return Cast(local, DateField())
