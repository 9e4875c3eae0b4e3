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
from pathways.models import Attendance, Reminder
from pathways.rules.reminders import GONE, ReminderStatus
from pathways.rules.sessions import AttendanceStatus

ON_ITS_WAY = frozenset({ReminderStatus.SENDING, *GONE})


def hand_over(places: Collection[int], now: datetime) -> None:
    """The newest message that went about each of these places (by id), or is just going, is somebody's to see to;
    inside a verb whose change made it wrong, after `plan_places` has locked the messages. `next_at` keeps since when.

    What does not arrive after all is nobody's any more (`standings`)."""
    gone = Reminder.objects.filter(attendance__in=places, status__in=ON_ITS_WAY)
    newest = gone.order_by("attendance", "-status_at", "-pk").distinct("attendance").values_list("pk", flat=True)
    Reminder.objects.filter(pk__in=list(newest)).update(needs_person=True, next_at=now)


def still_to_be_told(reminder: Reminder, arrived: ReminderStatus, now: datetime) -> bool:
    """Whether somebody has to be told, now that a message turns out to stand so: it was handed over when the time
    changed, or nobody knew then that it had arrived."""
    if arrived not in GONE:
        return False
    if reminder.status in ON_ITS_WAY:
        return reminder.needs_person
    return reminder.attendance is not None and _is_of_another_time(reminder, reminder.attendance, now)


def _is_of_another_time(reminder: Reminder, place: Attendance, now: datetime) -> bool:
    if place.starts_at <= now:
        return False
    moved = place.status == AttendanceStatus.BOOKED and place.session.plan_version != reminder.subject_version
    return moved or place.status == AttendanceStatus.CANCELLED_BY_CLINIC


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
