"""What goes back, each once: a reminder like any other, on the same way and behind the same latch."""

from datetime import datetime

from clinic.models import Site
from pathways.models import Reminder, Reply
from pathways.queries.replies import answered_lately
from pathways.rules.reminders import ReminderStatus
from pathways.rules.replies import ALWAYS_ANSWERED, ONE_ANSWER_IN, Answer, Turn
from patients.models import ContactPoint


def answer(row: Reply, kind: Answer, point: ContactPoint | None, now: datetime) -> Reminder | None:
    """Put the answer in line, to go at once. None where it may not: nobody is known to answer to, another answer went
    to this address a moment ago (the same, where it must be answered whatever went), or it is too late for one.
    """
    too_late, must = now - row.received_at > ONE_ANSWER_IN, row.urgent or kind in ALWAYS_ANSWERED
    if point is None or row.site is None or too_late or answered_lately(row, now, kind=kind if must else None):
        return None
    return write_to(row, row.site, kind, point, now, Turn.ACKNOWLEDGED)


def write_to(row: Reply, site: Site, kind: Answer, point: ContactPoint, now: datetime, turn: Turn) -> Reminder:
    """The message, due now on the channel they wrote on."""
    local = now.astimezone(point.patient.zone)
    return Reminder.objects.create(
        patient=point.patient,
        site=site,
        reply=row,
        subject_version=1,
        rung=turn,
        channel=row.channel,
        contact_point=point,
        template=kind.value,
        language=row.language,
        due_on=local.date(),
        due_time=local.time(),
        time_zone=point.patient.time_zone,
        due_at=now,
        next_at=now,
        planned_at=now,
        status=ReminderStatus.PLANNED,
        status_at=now,
    )
