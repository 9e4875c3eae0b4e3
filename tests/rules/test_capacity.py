"""Capacity: who comes first, what is free, when a level may change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.capacity import (
    LONGEST_OFFER,
    LevelFacts,
    LevelReason,
    Places,
    Waiting,
    WaitPriority,
    days_waited,
    full_problem,
    hold_problem,
    level_problems,
    number_problem,
    waitlist_order,
)

NOW = datetime(2026, 6, 16, 13, tzinfo=UTC)
DAY = timedelta(days=1)
P = WaitPriority
waits = st.builds(
    Waiting,
    public_id=st.uuids(),
    priority=st.sampled_from(WaitPriority),
    since=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
)


def wait(number: int, priority: WaitPriority, since: datetime) -> Waiting:
    return Waiting(UUID(int=number), priority, since)


def test_priority_comes_first_then_the_longest_wait() -> None:
    long_routine, pregnant = wait(1, P.ROUTINE, NOW - 90 * DAY), wait(2, P.PREGNANT, NOW)
    injecting, urgent = wait(3, P.INJECTING, NOW - DAY), wait(4, P.URGENT, NOW - 30 * DAY)
    earlier = wait(5, P.URGENT, NOW - 31 * DAY)
    order = waitlist_order([long_routine, urgent, injecting, pregnant, earlier])
    assert order == (pregnant, injecting, earlier, urgent, long_routine)


@given(st.lists(waits, max_size=20), st.randoms())
def test_the_same_people_stand_in_the_same_order_however_they_are_read(found: list[Waiting], shuffle: object) -> None:
    again = list(found)
    shuffle.shuffle(again)  # type: ignore[attr-defined]
    assert waitlist_order(found) == waitlist_order(again)


@given(st.lists(waits, min_size=1, max_size=20), waits)
def test_who_comes_later_overtakes_nobody_of_the_same_priority(found: list[Waiting], late: Waiting) -> None:
    late = replace(late, since=max(each.since for each in found) + DAY)
    order = [each for each in waitlist_order([*found, late]) if each.priority is late.priority]
    assert order[-1] == late


def test_days_are_counted_at_the_site() -> None:
    zone = ZoneInfo("America/New_York")
    late_evening = datetime(2026, 6, 16, 3, tzinfo=UTC)
    assert days_waited(late_evening, late_evening, zone) == 0
    assert days_waited(late_evening, late_evening + timedelta(hours=2), zone) == 1


def test_what_is_taken_and_held_is_not_free() -> None:
    assert Places(10, 6, 3).free == 1
    assert Places(10, 12, 0).free == -2
    assert Places(8, 6, 2).occupancy == 75.0
    assert Places(0, 1, 0).occupancy is None


def test_a_place_is_given_where_one_is_free_or_not_counted_or_despite_it_with_a_reason() -> None:
    assert full_problem(Places(10, 6, 3), "") is None
    assert full_problem(None, "") is None
    assert full_problem(Places(10, 7, 3), "  ") is not None
    assert full_problem(Places(10, 7, 3), "Pregnant, cannot wait") is None


@pytest.mark.parametrize(("hours", "fits"), [(-1, False), (0, False), (1, True), (14 * 24, True), (14 * 24 + 1, False)])
def test_a_place_is_held_until_a_moment_to_come_at_most_two_weeks(hours: int, fits: bool) -> None:
    assert LONGEST_OFFER == 14 * DAY
    assert (hold_problem(NOW + timedelta(hours=hours), NOW) is None) is fits


@pytest.mark.parametrize(("number", "fits"), [(-1, False), (0, True), (10_000, True), (10_001, False)])
def test_a_number_of_places_is_a_number_of_places(number: int, fits: bool) -> None:
    assert (number_problem(number) is None) is fits


FACTS = LevelFacts("L2", NOW - 10 * DAY, "L1")
SAID = {"to_level": "L1", "reason": LevelReason.STEP_DOWN, "note": "", "effective_at": NOW, "now": NOW}


def problems(facts: LevelFacts = FACTS, **changed: object) -> set[str]:
    return set(level_problems(facts, **SAID | changed))  # type: ignore[arg-type]


def test_a_level_changes_to_the_one_indicated_without_a_note() -> None:
    assert problems() == set()


def test_another_level_than_the_one_indicated_takes_its_reason_and_a_note() -> None:
    assert problems(to_level="L3") == {"note"}
    assert problems(to_level="L3", note="No bed nearer home") == set()
    assert problems(to_level="L3", note="So", reason=LevelReason.RATED_ANEW) == {"reason"}


def test_the_same_level_is_no_change() -> None:
    assert problems(to_level="L2", note="So") == {"to_level"}


@pytest.mark.parametrize("moment", [NOW + DAY, NOW - 10 * DAY, NOW - 11 * DAY])
def test_a_change_lies_after_the_present_stay_began_and_not_in_the_future(moment: datetime) -> None:
    assert problems(effective_at=moment) == {"effective_at"}


def test_a_first_level_may_begin_with_the_admission() -> None:
    assert problems(LevelFacts("", NOW - DAY), effective_at=NOW - DAY) == set()
    assert problems(LevelFacts("", NOW - DAY), effective_at=NOW - 2 * DAY) == {"effective_at"}
