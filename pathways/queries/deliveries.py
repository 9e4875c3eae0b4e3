"""How delivery stands, channel by channel: counts alone, nothing about anybody."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Count, Q

from clinic.clock import real_now
from pathways.models import ProviderStanding, Reminder
from pathways.queries.pauses import held_by, in_force
from pathways.queries.providers import CHANNELS, live, most_a_second, provider_for
from pathways.rules.reminders import ReminderStatus
from pathways.rules.reminders.lines import Line
from pathways.rules.reminders.pauses import Paused

GIVEN_UP = "reminder.failed.attempts"
LOOKED_BACK = timedelta(days=2)
MOST_COUNTED = 100_000
_HELD = [ReminderStatus.LEASED, ReminderStatus.SENDING]


def lines(now: datetime) -> list[Line]:
    """Every channel's line. As many queries as channels and a few, each along an index of what is not done with."""
    paused, real, sends = in_force(), real_now(), live()
    held = _counted(_in_line(now) & held_by(paused))
    standings = {each.provider: each for each in ProviderStanding.objects.filter(troubles__gt=0)}
    under_way = _counted(Q(status__in=_HELD))
    lapsed = _counted(Q(status__in=_HELD, leased_until__lt=real))
    unclear = _counted(Q(status=ReminderStatus.UNCERTAIN, needs_person=False))
    for_a_person = _counted(Q(needs_person=True, status__in=[ReminderStatus.UNCERTAIN, ReminderStatus.PLANNED]))
    given_up = _counted(Q(status=ReminderStatus.FAILED, status_at__gt=now - LOOKED_BACK, status_code=GIVEN_UP))
    found = []
    for channel in CHANNELS:
        provider = provider_for(channel, live=sends)
        due, oldest = _due(channel, paused, now)
        stands = standings.get(provider)
        found.append(
            Line(
                channel=channel, provider=provider, due=due, oldest_due_at=oldest, held=held[channel],
                paused=paused.everything or channel in paused.channels,
                under_way=under_way[channel], lapsed=lapsed[channel], unclear=unclear[channel],
                for_a_person=for_a_person[channel], given_up=given_up[channel],
                troubles=stands.troubles if stands else 0, trouble_code=stands.detail_code if stands else "",
                rests_until=stands.rests_until if stands else None, per_second=most_a_second(provider),
            )
        )  # fmt: skip
    return found


def _counted(wanted: Q) -> Counter[str]:
    rows = Reminder.objects.filter(wanted).values("channel").annotate(n=Count("pk"))
    return Counter(dict(rows.values_list("channel", "n")))


def _in_line(now: datetime) -> Q:
    return Q(status=ReminderStatus.PLANNED, needs_person=False, next_at__lte=now)


def _due(channel: str, paused: Paused, now: datetime) -> tuple[int, datetime | None]:
    """How many of the channel may go now (counted no further than a hundred thousand), and since when the first."""
    may_go = Reminder.objects.filter(_in_line(now), channel=channel).exclude(held_by(paused)).order_by("next_at")
    first = may_go.values_list("next_at", flat=True).first()
    return (may_go[:MOST_COUNTED].count(), first) if first else (0, None)
