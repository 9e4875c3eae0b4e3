"""What the machines that watch an installation want to know of reminders."""

from datetime import datetime

from django.db.models import Min

from clinic.queries.installation import clock_offset
from pathways.models import Reminder
from pathways.rules.reminders import ReminderStatus


def oldest_due_seconds(now: datetime) -> float:
    """Age of the oldest reminder that is due and not yet taken, in seconds; 0 where nothing waits. `now`: real time."""
    at = now + clock_offset()
    oldest = Reminder.objects.filter(status=ReminderStatus.PLANNED, next_at__lte=at).aggregate(at=Min("next_at"))["at"]
    return round((at - oldest).total_seconds(), 1) if oldest else 0.0
