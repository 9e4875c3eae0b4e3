"""Times a person can wish for in place of the one they have: free ones, in ordinary hours, not too soon, not too many.

A wish moves nothing: a person of the clinic does. All numbers here are local defaults.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.rules.opening_hours import to_local, to_utc
from pathways.rules.sessions.clashes import Slot

EARLIEST, LATEST = time(8), time(18)
STEP = timedelta(minutes=30)
# Nobody is asked to change a day that has begun, nor offered what lies three weeks away.
NOT_BEFORE = timedelta(hours=24)
DAYS_AHEAD = 21
MOST_IN_A_DAY = 2
MOST = 8
# Of one day the offers lie this far apart: a morning and an afternoon, not two neighbours.
APART = timedelta(hours=3)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open, as wall time in its zone."""

    opens: time
    closes: time
    zone: str


def offers(*, now: datetime, minutes: int, hours: Hours, taken: Collection[Slot]) -> tuple[Slot, ...]:
    """Free times of this length on the weekdays to come, soonest first. `taken`: whatever stands in the way."""
    found: list[Slot] = []
    for day in _weekdays(now, hours):
        found += _of_a_day(day, minutes, hours, taken, now)
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _of_a_day(day: date, minutes: int, hours: Hours, taken: Collection[Slot], now: datetime) -> list[Slot]:
    found: list[Slot] = []
    for slot in _slots(day, minutes, hours):
        free = not any(each.overlaps(slot) for each in taken)
        apart = not found or slot.starts_at - found[-1].starts_at >= APART
        if free and apart and slot.starts_at >= now + NOT_BEFORE:
            found.append(slot)
        if len(found) == MOST_IN_A_DAY:
            break
    return found


def _slots(day: date, minutes: int, hours: Hours) -> Iterator[Slot]:
    opens, closes = max(EARLIEST, hours.opens), min(LATEST, hours.closes)
    local, last = datetime.combine(day, opens), datetime.combine(day, closes) - timedelta(minutes=minutes)
    if local.minute % 30 or local.second:
        local = local.replace(minute=0, second=0, microsecond=0) + (STEP if local.minute < 30 else 2 * STEP)
    while local <= last:
        starts_at = to_utc(local, hours.zone)
        yield Slot(starts_at, starts_at + timedelta(minutes=minutes))
        local += STEP


def _weekdays(now: datetime, hours: Hours) -> Iterator[date]:
    today = to_local(now, hours.zone).date()
    for ahead in range(1, DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() < SATURDAY:
            yield day
