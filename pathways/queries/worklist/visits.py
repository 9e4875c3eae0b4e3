"""People who left residential or inpatient care and have no visit booked in the days that count (FUI-like)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Attendance, Enrollment, LevelStay
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.queries.worklist.returns import counselors
from pathways.rules.levels import Level
from pathways.rules.sessions import OCCUPYING_PLACES
from pathways.rules.worklist import DISCHARGE_DAYS, Item, LineKind, LineType, RiskFacts

STAYED = tuple(level for level in Level if level.rank >= Level.L3.rank)
"""Levels one stays at by night; leaving one of them for another of them is no discharge."""
COUNTED_DAYS = 30
"""The second window after a discharge (follow-up.md, FUI-like): after it nothing is owed any more."""
COLUMNS = ("enrollment__pk", "enrollment__public_id", "enrollment__patient_id", "enrollment__patient__public_id",
           "enrollment__counselor_id", "ended_at")  # fmt: skip


def gather(asked: Asked) -> Iterator[Entry]:
    """Nobody who is back at such a level, has died, or has a session booked or attended since the day they left.

    The day of the discharge itself does not count as a visit. One query.
    """
    if not asked.may(Permission.SESSION_READ):
        return
    newest: dict[int, Entry] = {}
    since = asked.now - timedelta(days=COUNTED_DAYS + 1)
    for pk, public_id, patient, person, counselor, left in _discharged(asked.site.pk, since, asked.now):
        newest[patient] = Entry(_item(asked, public_id, person, left), counselors(counselor), patient, pk)
    yield from newest.values()


@prepared
def _discharged(site: int, since: datetime, now: datetime) -> QuerySet[Any, Any]:
    day_after = ExpressionWrapper(F("ended_at") + Value(timedelta(hours=12)), output_field=DateTimeField())
    again = LevelStay.objects.filter(
        enrollment__patient=OuterRef("enrollment__patient"), level__in=STAYED, ended_at__isnull=True
    )
    visits = Attendance.objects.filter(
        patient=OuterRef("enrollment__patient"), status__in=OCCUPYING_PLACES, starts_at__gt=OuterRef("day_after")
    )
    rows = LevelStay.objects.annotate(day_after=day_after).filter(
        ~Exists(again), ~Exists(visits), level__in=STAYED, ended_at__range=(since, now),
        enrollment__site=site, enrollment__patient__died_on__isnull=True,
    )  # fmt: skip
    return rows.order_by("ended_at", "pk").values_list(*COLUMNS)[:MOST_LINES]


def _item(asked: Asked, public_id: UUID, person: UUID, left: datetime) -> Item:
    """Due from the day after until the seventh; on the list from the day itself on."""
    left_on = left.astimezone(asked.site.zone).date()
    due_at = datetime.combine(left_on + timedelta(days=1), time(9), asked.site.zone)
    return Item(
        LineType.FIRST_VISIT,
        LineKind.VISIT,
        public_id,
        person,
        due_at,
        asked.site.time_zone,
        window_days=DISCHARGE_DAYS - 1,
        early_days=1,
        risk=RiskFacts(discharged_on=left_on),
    )


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    left = {each.record: each.item.due_at.astimezone(asked.site.zone).date() - timedelta(days=1) for each in entries}
    return {
        row.public_id: Dressed(
            row,
            row.patient,
            sentence("today.first_visit"),
            sentence("today.first_visit_window", on=left[row.pk], until=left[row.pk] + timedelta(days=DISCHARGE_DAYS)),
        )
        for row in _rows(list(left))
    }


@prepared
def _rows(ids: list[int]) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(pk__in=among(ids)).select_related("patient")


FIRST_VISITS = Source(gather, {LineType.FIRST_VISIT: dress})
