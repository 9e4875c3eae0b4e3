"""Messages somebody has to see to: what became of it is unclear, or it went and says a time that no longer holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, When
from django.db.models.functions import Coalesce

from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Reminder
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.reminders import GONE, ReminderStatus
from pathways.rules.worklist import Item, LineKind, LineType


def gather(asked: Asked) -> Iterator[Entry]:
    """Whoever has the contact or leads the session looks into it; everybody where nobody does. One query."""
    if not asked.may(Permission.REMINDER_READ):
        return
    for pk, public_id, patient, person, at, zone, owner in _to_see_to(asked.site.pk):
        item = Item(LineType.REMINDER, LineKind.MESSAGE, public_id, person, at, zone, window_days=1)
        yield Entry(item, Owned(owner, everybody=owner is None), patient, pk)


@prepared
def _to_see_to(site: int) -> QuerySet[Any, Any]:
    rows = Reminder.objects.filter(site=site, status__in=[ReminderStatus.UNCERTAIN, *GONE], needs_person=True)
    rows = rows.exclude(status__in=GONE, patient__died_on__isnull=False).annotate(
        has_it=Coalesce("follow_up__owner_id", "attendance__session__leader_id"),
        since=Case(When(status=ReminderStatus.UNCERTAIN, then="status_at"), default="next_at"),
    )
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "since", "time_zone", "has_it")
    return rows.order_by("since", "pk").values_list(*columns)[:MOST_LINES]


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = Reminder.objects.filter(pk__in=[each.record for each in entries]).select_related("patient")
    return {row.public_id: _said(row) for row in rows}


def _said(row: Reminder) -> Dressed:
    what = "old_time" if row.holds_old_time else "unclear"
    return Dressed(row, row.patient, sentence(f"today.{what}"), sentence(f"worklist.why.{what}"))


MESSAGES = Source(gather, {LineType.REMINDER: dress})
