"""Messages of which nobody but a person can find out what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models.functions import Coalesce

from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Reminder
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.reminders import ReminderStatus
from pathways.rules.worklist import Item, LineKind, LineType


def gather(asked: Asked) -> Iterator[Entry]:
    """Whoever has the contact or leads the session looks into it; everybody where nobody does. One query."""
    if not asked.may(Permission.REMINDER_READ):
        return
    rows = Reminder.objects.filter(site=asked.site, status=ReminderStatus.UNCERTAIN, needs_person=True)
    rows = rows.annotate(has_it=Coalesce("follow_up__owner_id", "attendance__session__leader_id"))
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "status_at", "time_zone", "has_it")
    for pk, public_id, patient, person, at, zone, owner in rows.order_by("status_at", "pk").values_list(*columns)[
        :MOST_LINES
    ]:
        item = Item(LineType.REMINDER, LineKind.MESSAGE, public_id, person, at, zone, window_days=1)
        yield Entry(item, Owned(owner, everybody=owner is None), patient, pk)


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = Reminder.objects.filter(pk__in=[each.record for each in entries]).select_related("patient")
    return {
        row.public_id: Dressed(row, row.patient, sentence("today.unclear"), sentence("worklist.why.unclear"))
        for row in rows
    }


MESSAGES = Source(LineType.REMINDER, gather, dress)
