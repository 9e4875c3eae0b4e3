"""Contact hours and the turns of the clock: the vectors of follow-up.md and what must hold for every time and zone."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.opening_hours import (
    EARLIEST,
    LATEST,
    ContactHours,
    ContactTime,
    Moved,
    contact_window,
    existing,
    next_allowed,
    next_opening,
    to_local,
    to_utc,
    window_problem,
)
from clinic.rules.sentences import Sentence
from clinic.wording import say

NEW_YORK = "America/New_York"
WIDEST = ContactHours()
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "Pacific/Honolulu",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Europe/London",
    "Europe/Berlin",
    "UTC",
)

# Both changes of the clock on two continents, a leap day, a day that one zone left out.
CHANGES = tuple(
    date.fromisoformat(each)
    for each in ("2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2028-02-29", "2011-12-30")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def new_york(text: str) -> datetime:
    return to_utc(at(text), NEW_YORK)


def allowed(due: str, **options: object) -> ContactTime:
    found = next_allowed(at(due), NEW_YORK, WIDEST, **options)  # type: ignore[arg-type]
    assert isinstance(found, ContactTime)
    return found


@pytest.mark.parametrize(
    ("due", "goes", "moved"),
    [
        ("2026-03-02T07:10", "2026-03-02T08:00", Moved.DELAYED),
        ("2026-03-02T08:00", "2026-03-02T08:00", Moved.KEPT),
        ("2026-03-02T20:59", "2026-03-02T20:59", Moved.KEPT),
        ("2026-03-02T20:59:59", "2026-03-02T20:59:59", Moved.KEPT),
        ("2026-03-02T21:00", "2026-03-03T08:00", Moved.DELAYED),
        ("2026-02-28T23:30", "2026-03-01T08:00", Moved.DELAYED),
        ("2028-02-28T22:00", "2028-02-29T08:00", Moved.DELAYED),
        ("2028-02-29T22:00", "2028-03-01T08:00", Moved.DELAYED),
        ("2026-12-31T21:00", "2027-01-01T08:00", Moved.DELAYED),
    ],
)
def test_a_message_due_outside_contact_hours_waits_for_their_opening(due: str, goes: str, moved: Moved) -> None:
    found = allowed(due)
    assert (found.local, found.moved, found.zone) == (at(goes), moved, NEW_YORK)
    assert found.at == new_york(goes)


def test_a_reminder_two_hours_before_an_early_appointment_goes_the_evening_before() -> None:
    found = allowed("2026-03-03T06:30", appointment=new_york("2026-03-03T08:30"))
    assert (found.local, found.moved) == (at("2026-03-02T20:30"), Moved.PULLED_FORWARD)


def test_a_reminder_that_still_helps_at_opening_waits_for_it() -> None:
    found = allowed("2026-03-03T07:00", appointment=new_york("2026-03-03T09:00"))
    assert (found.local, found.moved) == (at("2026-03-03T08:00"), Moved.DELAYED)


def test_a_reminder_due_after_closing_is_dropped_where_the_next_opening_comes_too_late() -> None:
    found = next_allowed(at("2026-03-02T21:30"), NEW_YORK, WIDEST, appointment=new_york("2026-03-03T08:30"))
    assert isinstance(found, Sentence)
    assert found.code == "hours.too_late_to_help"


def test_a_reminder_due_after_its_appointment_is_dropped() -> None:
    found = next_allowed(at("2026-03-03T10:00"), NEW_YORK, WIDEST, appointment=new_york("2026-03-03T10:00"))
    assert isinstance(found, Sentence)
    assert found.code == "hours.after_the_appointment"


def test_a_reminder_is_not_pulled_forward_into_the_past() -> None:
    found = next_allowed(
        at("2026-03-03T06:30"),
        NEW_YORK,
        WIDEST,
        appointment=new_york("2026-03-03T08:30"),
        not_before=new_york("2026-03-02T20:31"),
    )
    assert isinstance(found, Sentence)


def test_a_reminder_pulled_forward_stays_inside_a_very_short_window() -> None:
    window = ContactHours(time(12), time(12, 10))
    found = next_allowed(at("2026-03-03T11:00"), NEW_YORK, window, appointment=new_york("2026-03-03T12:30"))
    assert isinstance(found, ContactTime)
    assert found.local == at("2026-03-02T12:00")


def test_the_narrowest_of_all_hours_counts() -> None:
    site, person = ContactHours(time(9), time(19)), ContactHours(time(7), time(17))
    assert contact_window(site, None, person) == ContactHours(time(9), time(17))
    assert contact_window() == ContactHours(EARLIEST, LATEST)
    assert contact_window(ContactHours(time(0), time(23, 59))) == ContactHours(EARLIEST, LATEST)


def test_hours_that_never_open_give_a_sentence_and_no_time() -> None:
    empty = contact_window(ContactHours(time(9), time(12)), ContactHours(time(13), time(20)))
    assert empty.empty
    problem = next_allowed(at("2026-03-02T10:00"), NEW_YORK, empty)
    assert problem == window_problem(empty)
    assert isinstance(problem, Sentence)
    assert "13:00" in say(problem)
    with pytest.raises(ValueError, match="never opens"):
        next_opening(at("2026-03-02T10:00"), NEW_YORK, empty)


@pytest.mark.parametrize(
    ("local", "zone", "wall"),
    [
        ("2026-03-08T02:00", NEW_YORK, "2026-03-08T03:00"),
        ("2026-03-08T02:30", NEW_YORK, "2026-03-08T03:00"),
        ("2026-03-08T03:00", NEW_YORK, "2026-03-08T03:00"),
        ("2026-03-29T02:59:59", "Europe/Berlin", "2026-03-29T03:00"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "2026-10-04T02:30"),
        ("2011-12-30T10:00", "Pacific/Apia", "2011-12-31T00:00"),
    ],
)
def test_a_time_the_clock_jumps_over_becomes_the_next_valid_minute(local: str, zone: str, wall: str) -> None:
    assert existing(at(local), zone) == at(wall)


def test_an_hour_that_comes_twice_means_its_first_run() -> None:
    assert to_utc(at("2026-11-01T01:30"), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert to_utc(at("2026-10-25T02:30"), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_skipped_day_is_waited_out() -> None:
    found = next_allowed(at("2011-12-29T22:00"), "Pacific/Apia", WIDEST)
    assert isinstance(found, ContactTime)
    assert found.local == at("2011-12-31T08:00")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "America", "a\0b"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError):
        to_utc(at("2026-03-02T10:00"), zone)


def test_mixing_up_wall_times_and_instants_is_refused() -> None:
    with pytest.raises(ValueError):
        to_utc(datetime(2026, 3, 2, tzinfo=UTC), NEW_YORK)
    with pytest.raises(ValueError):
        to_local(datetime(2026, 3, 2), NEW_YORK)


@pytest.mark.parametrize(
    ("local", "zone"),
    [("9999-12-31T23:00", NEW_YORK), ("9999-12-31T23:00", "UTC"), ("0001-01-01T00:00", "Pacific/Apia")],
)
def test_times_at_the_end_of_the_calendar_are_refused(local: str, zone: str) -> None:
    with pytest.raises(ValueError):
        next_allowed(at(local), zone, WIDEST)


wall_times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2060, 1, 1))
near_changes = st.builds(
    lambda day, minutes: datetime.combine(day, time()) + timedelta(minutes=minutes),
    st.sampled_from(
        [
            date(2026, 3, 8),
            date(2026, 11, 1),
            date(2026, 3, 29),
            date(2026, 10, 25),
            date(2028, 2, 29),
            date(2011, 12, 30),
        ]
    ),
    st.integers(-2000, 2000),
)
day_times = st.times().map(lambda each: each.replace(second=0, microsecond=0))
windows = st.builds(lambda *ends: contact_window(ContactHours(*sorted(ends))), day_times, day_times)
leads = st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=8))


def holds(due: datetime, zone: str, window: ContactHours, lead: timedelta | None) -> None:
    """Inside the window, never past the appointment, and sooner than due only when pulled forward."""
    wanted = to_utc(due, zone)
    appointment = None if lead is None else wanted + lead
    found = next_allowed(due, zone, window, appointment=appointment)
    if isinstance(found, Sentence):
        assert window.empty or appointment is not None
        return
    assert window.contains(found.local)
    assert WIDEST.contains(found.local)
    assert to_local(found.at, zone) == found.local
    assert (found.at < wanted) == (found.moved is Moved.PULLED_FORWARD)
    assert (found.at == wanted) == (found.moved is Moved.KEPT)
    assert appointment is None or found.at < appointment


@settings(max_examples=2000, deadline=None)
@given(due=wall_times | near_changes, zone=st.sampled_from(ZONES), window=windows, lead=leads)
def test_quiet_hours_are_never_violated(due: datetime, zone: str, window: ContactHours, lead: timedelta | None) -> None:
    holds(due, zone, window, lead)


@pytest.mark.long
def test_quiet_hours_are_not_violated_in_a_million_tries() -> None:
    random, tries = Random(42), 1_000_000
    for _ in range(tries):
        due = datetime(2000, 1, 1) + timedelta(seconds=random.randrange(60 * 365 * 86_400))
        ends = sorted(time(random.randrange(24), random.randrange(60)) for _ in range(2))
        lead = random.choice([None, timedelta(minutes=random.randrange(1, 12_000))])
        holds(due, random.choice(ZONES), contact_window(ContactHours(*ends)), lead)
    print(f"\nquiet hours: tries={tries} seed=42 violated=0", flush=True)


@settings(max_examples=300, deadline=None)
@given(local=wall_times | near_changes, zone=st.sampled_from(ZONES))
def test_every_wall_time_has_one_instant_at_or_after_it(local: datetime, zone: str) -> None:
    wall = existing(local, zone)
    assert wall >= local
    assert existing(wall, zone) == wall
