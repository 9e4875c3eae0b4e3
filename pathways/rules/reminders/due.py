"""When a reminder is due, and how late it is still of use.

Source: follow-up.md, "Reminders". Marks: L, our own local rule.
"""

from datetime import date, datetime, time, timedelta

from clinic.rules.opening_hours import MINIMUM_LEAD, ContactHours, ContactTime, next_allowed, to_local
from clinic.rules.sentences import Sentence

# Late by more than this, a reminder is not sent (L): hours before an appointment, days before it, a
# follow-up.
STALE_HOURS_BEFORE = timedelta(minutes=30)
STALE_DAYS_BEFORE = timedelta(hours=12)
STALE_FOLLOW_UP = timedelta(hours=24)
# One confirming message within five minutes of what somebody wrote (follow-up.md, G).
STALE_ANSWER = timedelta(minutes=5)


def due(
    *, on: date, at: time, zone: str, window: ContactHours, not_before: datetime | None = None
) -> ContactTime | Sentence:
    """When a follow-up's message is due: its day and wall time in the recipient's zone, moved into contact
    hours.

    The wall time is kept across a change of clock. The Sentence says why there is no such time.
    """
    return next_allowed(datetime.combine(on, at), zone, window, not_before=not_before)


def due_before(
    *,
    starts_at: datetime,
    offset: timedelta,
    zone: str,
    window: ContactHours,
    not_before: datetime | None = None,
    minimum_lead: timedelta = MINIMUM_LEAD,
) -> ContactTime | Sentence:
    """When a reminder `offset` before an appointment is due: counted in the recipient's wall time, so that
    "1 day before 10:00" is 10:00 across a change of clock. `starts_at` is an instant. Pulled forward or
    dropped by `next_allowed`.
    """
    if offset <= timedelta(0):
        raise ValueError("a reminder comes before its appointment")
    return next_allowed(
        to_local(starts_at, zone) - offset,
        zone,
        window,
        appointment=starts_at,
        minimum_lead=min(minimum_lead, offset),
        not_before=not_before,
    )


def staleness(offset: timedelta | None) -> timedelta:
    """How late a reminder may be and still be of use. `offset`: how long before the appointment; None: a
    follow-up.

    Source: follow-up.md, "late worker (> 30 min past due) skips a 2 h and does not pile up".
    """
    if offset is None:
        return STALE_FOLLOW_UP
    return STALE_HOURS_BEFORE if offset < timedelta(days=1) else STALE_DAYS_BEFORE
