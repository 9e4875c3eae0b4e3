"""Messages that had gone before their session moved or was cancelled: somebody holds the old time, and is to be told.

A message that left is never called back, and none goes out by itself in its stead: a person tells them.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Reminder
from pathways.rules.reminders import GONE, ReminderStatus, says_old_time
from pathways.rules.sessions import AttendanceStatus

ON_ITS_WAY = frozenset({ReminderStatus.SENDING, *GONE})


def hand_over(places: Collection[int], now: datetime) -> None:
    """The newest message that went about each of these places (by id), and what is just going, are somebody's to see
    to; inside a verb whose change made them wrong, after `plan_places` has locked the messages. `next_at` keeps since
    when. What does not arrive after all is nobody's any more (`standings`)."""
    about = Reminder.objects.filter(attendance__in=places)
    gone = about.filter(status__in=GONE).order_by("attendance", "-status_at", "-pk").distinct("attendance")
    newest = list(gone.values_list("pk", flat=True))
    handed = about.filter(Q(pk__in=newest) | Q(status=ReminderStatus.SENDING))
    handed.update(needs_person=True, next_at=now)


def still_to_be_told(reminder: Reminder, arrived: ReminderStatus, now: datetime) -> bool:
    """Whether somebody has to tell them, now that a message turns out to stand so: it was handed over when the time
    changed, or nobody knew then that it had arrived."""
    if arrived not in GONE:
        return False
    if reminder.status in ON_ITS_WAY:
        return reminder.needs_person
    place = reminder.attendance
    if place is None or reminder.patient.died_on is not None:
        return False
    called_off = place.status == AttendanceStatus.CANCELLED_BY_CLINIC
    return says_old_time(reminder.appointment_at, place.starts_at, now, called_off=called_off)


@action(Permission.SESSION_WRITE, "reminder.told")
def record_told(*, by: Actor, now: datetime, reminder_id: UUID) -> Reminder:
    """A person has told them what became of the time their messages about this session say.

    Raises Refused: 404, 409 `reminder_not_overtaken` where nobody waits for that.
    """
    rows = Reminder.objects.visible_to(by).filter(public_id=reminder_id).select_related("patient")
    reminder = rows.select_for_update(no_key=True, of=("self",)).first()
    if reminder is None:
        raise not_found()
    if reminder.attendance is None or not reminder.holds_old_time:
        raise Refused("reminder_not_overtaken", sentence("reminder.refused.not_overtaken"))
    reminder.attendance.reminders.filter(needs_person=True, status__in=GONE).update(needs_person=False)
    reminder.needs_person = False
    patient = reminder.patient.public_id
    audit.record(action="reminder.told", by=by, now=now, subject=("reminder", reminder.public_id), patients=[patient])
    return reminder
