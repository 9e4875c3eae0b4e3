"""Messages that had gone before their session moved or was cancelled: somebody holds the old time, and is to be told.

A message that left is never called back, and none goes out by itself in its stead: a person tells them.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Reminder
from pathways.rules.reminders import GONE


def hand_over(places: Collection[int], now: datetime) -> None:
    """The newest message that went about each of these places (by id) is somebody's to see to; inside a verb whose
    change made it wrong, after `plan_places` has locked the messages. `next_at` keeps since when."""
    gone = Reminder.objects.filter(attendance__in=places, status__in=GONE).order_by("attendance", "-status_at", "-pk")
    newest = list(gone.distinct("attendance").values_list("pk", flat=True))
    Reminder.objects.filter(pk__in=newest).update(needs_person=True, next_at=now)


@action(Permission.SESSION_WRITE, "reminder.told")
def record_told(*, by: Actor, now: datetime, reminder_id: UUID) -> Reminder:
    """A person has told them what became of the time their message says.

    Raises Refused: 404, 409 `reminder_not_overtaken` where nobody waits for that.
    """
    rows = Reminder.objects.visible_to(by).filter(public_id=reminder_id).select_related("patient")
    reminder = rows.select_for_update(no_key=True, of=("self",)).first()
    if reminder is None:
        raise not_found()
    if not reminder.holds_old_time:
        raise Refused("reminder_not_overtaken", sentence("reminder.refused.not_overtaken"))
    reminder.needs_person = False
    reminder.save(update_fields=["needs_person"])
    patient = reminder.patient.public_id
    audit.record(action="reminder.told", by=by, now=now, subject=("reminder", reminder.public_id), patients=[patient])
    return reminder
