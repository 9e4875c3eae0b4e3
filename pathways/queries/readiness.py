"""What the machines that watch an installation want to know of reminders."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Min

from clinic.queries.health import heartbeat_ages
from clinic.queries.installation import clock_offset
from pathways.models import FollowUp, ProviderStanding, Reminder
from pathways.queries.providers import CHANNELS, provider_of
from pathways.queries.reconciliation import latest
from pathways.rules.reminders import ReminderStatus

Sample = tuple[str, str, Mapping[str, str], float]
"""Name, what it is, labels, value."""


def oldest_due_seconds(now: datetime) -> float:
    """Age of the oldest reminder that is due and not yet taken, in seconds; 0 where nothing waits. `now`: real time."""
    at = now + clock_offset()
    oldest = min((each for each in map(_oldest, sorted(CHANNELS)) if each is not None and each <= at), default=None)
    return round((at - oldest).total_seconds(), 1) if oldest else 0.0


def _oldest(channel: str) -> datetime | None:
    """The head of a channel's line: one step into its index."""
    line = Reminder.objects.filter(status=ReminderStatus.PLANNED, needs_person=False, channel=channel)
    found: datetime | None = line.order_by("next_at").values_list("next_at", flat=True).first()
    return found


def oldest_follow_up_seconds(now: datetime) -> float:
    """For how long the oldest open contact has been due, in seconds; 0 where nothing is. `now`: real time."""
    at = now + clock_offset()
    oldest = FollowUp.objects.open().filter(act_at__lte=at).aggregate(at=Min("act_at"))["at"]
    return round((at - oldest).total_seconds(), 1) if oldest else 0.0


def providers(now: datetime) -> dict[str, dict[str, float]]:
    """How each real provider has been doing: troubles in a row, and for how many seconds it is left alone still.

    One that is down makes nothing unready: its messages stay due, and everything else goes on. `now`: real time.
    """
    at = now + clock_offset()
    known = {provider_of(channel): {"troubles": 0, "rests_seconds": 0.0} for channel in CHANNELS}
    for row in ProviderStanding.objects.filter(provider__in=known, troubles__gt=0):
        left = (row.rests_until - at).total_seconds() if row.rests_until else 0.0
        known[row.provider] = {"troubles": row.troubles, "rests_seconds": round(max(0.0, left), 1)}
    return known


def samples(now: datetime) -> Iterator[Sample]:
    """Figures about what is owed and sent, for /metrics: they name nobody. `now`: real time."""
    yield "stepwell_oldest_due_message_seconds", "Age of the oldest message that is due.", {}, oldest_due_seconds(now)
    yield (
        "stepwell_oldest_follow_up_seconds",
        "Age of the oldest contact that is due.",
        {},
        oldest_follow_up_seconds(now),
    )
    yield from _in_hand(now + clock_offset())
    yield from _standings(now)
    for part, age in heartbeat_ages(now).items():
        yield "stepwell_heartbeat_age_seconds", "Seconds since a part last ran.", {"part": part}, age
    yield from _last_check(now)


def _in_hand(at: datetime) -> Iterator[Sample]:
    """Along the partial indexes of what is not done with, so that a long table costs nothing."""
    waiting = Reminder.objects.filter(
        status=ReminderStatus.PLANNED, needs_person=False, channel__in=CHANNELS, next_at__lte=at
    )
    states = {
        "due": waiting,
        "held": Reminder.objects.filter(status__in=[ReminderStatus.LEASED, ReminderStatus.SENDING]),
        "unclear": Reminder.objects.filter(status=ReminderStatus.UNCERTAIN, needs_person=False),
    }
    for state, rows in states.items():
        yield "stepwell_messages_in_hand", "Messages not done with.", {"state": state}, rows.count()


def _standings(now: datetime) -> Iterator[Sample]:
    for provider, stands in providers(now).items():
        labels = {"provider": provider}
        yield "stepwell_provider_troubles", "Troubles of a provider in a row.", labels, stands["troubles"]
        yield "stepwell_provider_rests_seconds", "Seconds a provider is left alone.", labels, stands["rests_seconds"]


def _last_check(now: datetime) -> Iterator[Sample]:
    row = latest(now + clock_offset())
    if row is None:
        return
    age = round((now + clock_offset() - row.started_at).total_seconds(), 1)
    yield "stepwell_nightly_check_age_seconds", "Seconds since the newest nightly check began.", {}, age
    for name in ("owed", "done", "open", "decided", "missing", "stuck"):
        yield "stepwell_nightly_check_rows", "What the newest nightly check counted.", {"sum": name}, getattr(row, name)
