"""Times somebody can wish for."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.sessions import Slot
from pathways.rules.sessions.offers import EARLIEST, LATEST, MOST, MOST_IN_A_DAY, NOT_BEFORE, Hours, offers

NOW = datetime(2026, 6, 16, 13, 30, tzinfo=UTC)
ZONE = "America/New_York"
HOURS = Hours(time(9), time(17), ZONE)


def walls(now: datetime = NOW, minutes: int = 50, hours: Hours = HOURS, taken: list[Slot] | None = None) -> list[str]:
    found = offers(now=now, minutes=minutes, hours=hours, taken=taken or [])
    return [f"{each.starts_at.astimezone(ZoneInfo(hours.zone)):%a %H:%M}" for each in found]


def test_a_morning_and_an_afternoon_of_the_weekdays_to_come_are_offered() -> None:
    assert walls()[:5] == ["Wed 09:30", "Wed 12:30", "Thu 09:00", "Thu 12:00", "Fri 09:00"]
    assert len(walls()) == MOST


def test_what_is_taken_is_not_offered() -> None:
    day = datetime(2026, 6, 17, tzinfo=ZoneInfo(ZONE))
    taken = [Slot(day + timedelta(hours=9), day + timedelta(hours=11, minutes=15))]
    assert walls(taken=taken)[:2] == ["Wed 11:30", "Wed 14:30"]
    whole = [Slot(day, day + timedelta(days=60))]
    assert walls(taken=whole) == []


def test_a_session_ends_before_the_place_closes() -> None:
    assert walls(hours=Hours(time(16), time(17), ZONE))[:2] == ["Wed 16:00", "Thu 16:00"]
    assert walls(minutes=90, hours=Hours(time(16), time(17), ZONE)) == []
    assert walls(hours=Hours(time(9, 10), time(12), ZONE))[1] == "Thu 09:30"
    assert walls(hours=Hours(time(9, 40), time(12), ZONE))[1] == "Thu 10:00"


@given(
    minutes=st.integers(5, 240),
    ahead=st.integers(0, 500 * 24 * 60),
    taken=st.lists(st.tuples(st.integers(0, 21 * 48), st.integers(1, 20)), max_size=20),
    zone=st.sampled_from([ZONE, "Europe/Berlin", "Pacific/Auckland", "America/Phoenix"]),
)
def test_every_offer_is_free_decent_and_not_too_soon(
    minutes: int, ahead: int, taken: list[tuple[int, int]], zone: str
) -> None:
    now, half = NOW + timedelta(minutes=ahead), timedelta(minutes=30)
    booked = [Slot(now + start * half, now + (start + length) * half) for start, length in taken]
    found = offers(now=now, minutes=minutes, hours=Hours(time(7), time(20), zone), taken=booked)
    assert len(found) <= MOST
    days = [each.starts_at.astimezone(ZoneInfo(zone)).date() for each in found]
    assert all(days.count(day) <= MOST_IN_A_DAY for day in days)
    for each in found:
        local = each.starts_at.astimezone(ZoneInfo(zone))
        assert local.weekday() < 5
        assert EARLIEST <= local.time() <= each.ends_at.astimezone(ZoneInfo(zone)).time() <= LATEST
        assert each.starts_at >= now + NOT_BEFORE
        assert not any(other.overlaps(each) for other in booked)
