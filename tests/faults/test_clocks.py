"""F6: a clock that jumps two hours, both changes of the clock, the 29th of February, a day that never was: nobody is
missed, nobody is written to twice, and everybody is written to by the clock on their own wall."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions import follow_ups
from pathways.models import Attempt, FollowUp, ProgramVersion, Reminder
from tests.delivery.provider import Provider
from tests.factories import clinic, pathways
from tests.factories.delivery import running_sms
from tests.faults.load import DAY, MINUTE, plant_due, stand_at
from tests.faults.waiting import ARRIVED

pytestmark = pytest.mark.django_db
ZONES = (
    "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham", "Europe/London",
    "America/Los_Angeles", "America/Havana", "America/Santiago", "Europe/Athens", "America/Nuuk", "Europe/Helsinki",
    "Asia/Jerusalem", "Europe/Lisbon", "Europe/Berlin", "America/Denver", "Atlantic/Azores", "Antarctica/Troll",
    "Pacific/Auckland", "Pacific/Norfolk", "America/Chicago",
)  # fmt: skip
IN_CI = 4
LEAP_YEAR = datetime(2028, 1, 10, 16, tzinfo=UTC)
NEVER_WAS = date(2011, 12, 30)
"""In Samoa, which moved to the other side of the date line that night."""
BEFORE_IT = datetime(2011, 12, 20, 22, tzinfo=UTC)
AT, OPENS = time(9, 30), time(8)
JUMP = timedelta(hours=2)


@dataclass(frozen=True)
class Owed:
    """One contact of one person, on a day at half past nine of their own wall."""

    follow_up: FollowUp
    on: date
    zone: str


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_sms(settings) as it:
        yield it


def changes(zone: str, year: int) -> list[date]:
    """The days on which the clock of a zone is put forward or back in a year."""
    info, noon, found = ZoneInfo(zone), datetime(year, 1, 1, 12, tzinfo=UTC), []
    while noon.year == year:
        if noon.astimezone(info).utcoffset() != (noon + DAY).astimezone(info).utcoffset():
            found.append((noon + DAY).astimezone(info).date())
        noon += DAY
    return found


def days_of(zone: str) -> list[date]:
    """Around both changes of 2028, and around its leap day."""
    turns = [*changes(zone, LEAP_YEAR.year), date(2028, 2, 29)]
    return [turn + number * DAY for turn in turns for number in (-1, 0, 1)]


def owed(zone: str, days: Sequence[date], version: ProgramVersion, now: datetime, first: int) -> list[Owed]:
    """A person for each of the days, whose contact somebody puts there."""
    site = plant_due(len(days), now=now, version=version, ladder="contact", zone=zone, first=first)
    by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    rows = FollowUp.objects.filter(site=site).order_by("pk")
    return [
        Owed(follow_ups.reschedule(by=by, now=now, follow_up_id=row.public_id, on=on, at=AT), on, zone)
        for row, on in zip(rows, days, strict=True)
    ]


def lived_through(provider: Provider, people: Sequence[Owed]) -> Counter[str]:
    """The clock goes from one message to the next, and at each jumps two hours back and two hours ahead."""
    ids = [each.follow_up.pk for each in people]
    rows = Reminder.objects.filter(follow_up__in=ids, status="planned")
    seen = Counter(missed=len(people) - rows.count())
    for due_at in sorted(set(rows.values_list("due_at", flat=True))):
        for moment in (due_at - MINUTE, due_at, due_at - JUMP, due_at + JUMP):
            stand_at(moment)
            tasks.deliver_due_reminders("sms")
    taken = Counter(each.to for each in provider.taken)
    seen["missed"] += len(people) - Reminder.objects.filter(follow_up__in=ids, status__in=ARRIVED).count()
    seen["doubled"] = sum(taken.values()) - len(taken)
    seen["off_the_wall"] = sum(not _by_their_wall(each) for each in people)
    return seen


def _by_their_wall(each: Owed) -> bool:
    """Sent at the wall time of the day, or when the next day there was opens; by a clock two hours ahead at most."""
    row = Reminder.objects.get(follow_up=each.follow_up, status__in=ARRIVED)
    local = row.due_at.astimezone(ZoneInfo(each.zone))
    began = Attempt.objects.get(reminder=row).started_at
    wanted = (each.on + DAY, OPENS) if each.on == NEVER_WAS else (each.on, AT)
    return (local.date(), local.time()) == wanted and row.due_at <= began <= row.due_at + JUMP + MINUTE


def through_a_leap_year(provider: Provider, zones: Sequence[str]) -> tuple[int, Counter[str]]:
    """How many contacts there were, and what was seen of them."""
    stand_at(LEAP_YEAR)
    version, people = pathways.program(now=LEAP_YEAR - DAY), list[Owed]()
    for zone in zones:
        people += owed(zone, days_of(zone), version, LEAP_YEAR, len(people))
    return len(people), lived_through(provider, people)


def through_a_day_that_never_was(provider: Provider) -> tuple[int, Counter[str]]:
    stand_at(BEFORE_IT)
    days = [NEVER_WAS + number * DAY for number in (-1, 0, 1)]
    version = pathways.program(now=BEFORE_IT - DAY)
    people = owed("Pacific/Apia", days, version, BEFORE_IT, 5_000)
    return len(people), lived_through(provider, people)


BAD = ("missed", "doubled", "off_the_wall")


def test_every_zone_has_both_changes() -> None:
    assert {zone: len(changes(zone, LEAP_YEAR.year)) for zone in ZONES} == dict.fromkeys(ZONES, 2)


def test_contacts_around_both_changes_and_the_leap_day_keep_their_wall_time_under_a_clock_that_jumps(
    provider: Provider,
) -> None:
    number, seen = through_a_leap_year(provider, ZONES[:IN_CI])
    assert number == 9 * IN_CI
    assert {name: seen[name] for name in BAD} == dict.fromkeys(BAD, 0)


def test_contacts_around_a_day_that_never_was_are_neither_missed_nor_doubled(provider: Provider) -> None:
    _, seen = through_a_day_that_never_was(provider)
    assert {name: seen[name] for name in BAD} == dict.fromkeys(BAD, 0)


@pytest.mark.long
def test_twenty_zones_keep_their_wall_time(provider: Provider) -> None:
    """F6 at full size (quality.md)."""
    contacts, seen = through_a_leap_year(provider, ZONES)
    more, also = through_a_day_that_never_was(provider)
    seen += also
    told = " ".join(f"{name}={seen[name]}" for name in BAD)
    print(f"\nF6 zones={len(ZONES) + 1} contacts={contacts + more} {told}", flush=True)
    assert {name: seen[name] for name in BAD} == dict.fromkeys(BAD, 0)
