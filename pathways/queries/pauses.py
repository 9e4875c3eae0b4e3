"""What is held back, who ordered it and why, and how much waits behind it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import not_found
from clinic.queries.prepared import prepared
from pathways.models import DeliveryPause, Reminder
from pathways.rules.reminders import ReminderStatus
from pathways.rules.reminders.pauses import Paused, PauseScope

MOST_COUNTED = 10_000
ORDER = ("-paused_at", "-id")


def in_force() -> Paused:
    """Everything that is held back now. One query."""
    return together(DeliveryPause.objects.filter(lifted_at__isnull=True))


def together(rows: Iterable[DeliveryPause]) -> Paused:
    """What these pauses hold back."""
    found = list(rows)
    return Paused(
        everything=any(each.scope == PauseScope.ALL for each in found),
        sites=frozenset(each.site_id for each in found if each.site_id),
        channels=frozenset(each.channel for each in found if each.channel),
        templates=frozenset(each.template for each in found if each.template),
    )


def held_by(paused: Paused) -> Q:
    """The messages that are held back, as a condition."""
    if paused.everything:
        return Q(pk__isnull=False)
    held = Q(pk__in=[])
    for name, values in (("site", paused.sites), ("channel", paused.channels), ("template", paused.templates)):
        if values:
            held |= Q(**{f"{name}__in": list(values)})
    return held


def missed(row: DeliveryPause, now: datetime) -> QuerySet[Reminder]:
    """Messages due by `now` that this pause holds back."""
    due = Reminder.objects.filter(status=ReminderStatus.PLANNED, needs_person=False, next_at__lte=now)
    return due.filter(held_by(together([row])))


def pauses() -> QuerySet[DeliveryPause]:
    """Every pause there ever was; order them by `ORDER`. Nothing about a person stands in one."""
    return DeliveryPause.objects.select_related("site", "paused_by", "lifted_by")


@prepared
def current() -> QuerySet[DeliveryPause]:
    """Those not lifted, the newest first."""
    return pauses().filter(lifted_at__isnull=True).order_by(*ORDER)


def pause(public_id: UUID) -> DeliveryPause:
    """One pause. Raises Refused not_found."""
    found = pauses().filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def waiting_behind(row: DeliveryPause, now: datetime) -> int:
    """How many messages are due and wait for this pause to be lifted (counted no further than ten thousand)."""
    return missed(row, now).order_by()[:MOST_COUNTED].count()
