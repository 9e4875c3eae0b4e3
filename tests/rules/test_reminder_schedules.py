"""How long before a session people are reminded: what is usual, shipped, or set for a site; spelled and in words."""

from datetime import datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.opening_hours import ContactHours, contact_window, to_utc
from clinic.wording import say
from pathways.modalities import modalities
from pathways.rules.modalities import parse_modality
from pathways.rules.reminders import (
    MOST_OFFSETS,
    USUAL,
    Offsets,
    Schedule,
    before,
    in_order,
    offset_of,
    offsets_for,
    offsets_problem,
    planned_by,
    spelled,
    why_none,
)
from pathways.rules.sessions import SessionKind

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NINE_TO_SEVEN = ContactHours(time(9), time(19))


def test_a_talk_is_reminded_of_four_times_a_group_once_and_a_meeting_elsewhere_never() -> None:
    kinds = (SessionKind.INDIVIDUAL, SessionKind.FAMILY, SessionKind.GROUP, SessionKind.EXTERNAL)
    found = [offsets_for(kind, "any", None, ()) for kind in kinds]
    assert found == [USUAL, USUAL, (DAY,), ()]
    assert USUAL == (7 * DAY, 2 * DAY, DAY, 2 * HOUR)


@pytest.mark.parametrize(
    ("shipped", "set_here", "expected"),
    [
        (None, [], USUAL),
        ((2 * HOUR,), [], (2 * HOUR,)),
        ((), [], ()),
        ((2 * HOUR,), [Schedule("", (3 * DAY,))], (3 * DAY,)),
        ((2 * HOUR,), [Schedule("cbt", (3 * DAY,))], (2 * HOUR,)),
        ((2 * HOUR,), [Schedule("", (3 * DAY,)), Schedule("nutrition", (DAY,))], (DAY,)),
        (None, [Schedule("", ())], ()),
    ],
)
def test_the_site_counts_before_the_modality_and_this_before_the_kind(
    shipped: Offsets | None, set_here: list[Schedule], expected: Offsets
) -> None:
    assert offsets_for(SessionKind.INDIVIDUAL, "nutrition", shipped, set_here) == expected


def test_every_modality_reminds_within_the_limits() -> None:
    for each in modalities():
        for setting in each.settings:
            assert offsets_problem(offsets_for(setting.kind, each.key, setting.reminders, ())) is None


def test_three_groups_a_week_stay_within_three_messages_a_week() -> None:
    groups = [each for each in modalities() if each.kind is SessionKind.GROUP and not each.adjunct]
    assert groups
    assert all(len(offsets_for(SessionKind.GROUP, each.key, each.settings[0].reminders, ())) == 1 for each in groups)


@given(st.integers(15, 30 * 24 * 60))
def test_a_length_of_time_reads_as_it_is_spelled(minutes: int) -> None:
    offset = minutes * MINUTE
    assert offset_of(spelled(offset)) == offset
    assert offset_of(f" {spelled(offset).upper()} ") == offset


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-2h", "1.5h", "2 h", "7days", "٧d", "1d2h", "999999d"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        offset_of(text)


def test_it_is_said_in_the_largest_unit_that_fits() -> None:
    assert [say(before(each)) for each in (7 * DAY, DAY, 36 * HOUR, HOUR, 90 * MINUTE)] == [
        "7 days", "1 day", "36 hours", "1 hour", "90 minutes",
    ]  # fmt: skip
    assert say(before(2 * DAY), "es") == "2 días"


@pytest.mark.parametrize(
    ("offsets", "code"),
    [
        ((), None),
        (USUAL, None),
        ((DAY, DAY), "schedule.refused.twice"),
        ((14 * MINUTE,), "schedule.refused.length"),
        ((31 * DAY,), "schedule.refused.length"),
        (tuple((n + 1) * DAY for n in range(MOST_OFFSETS + 1)), "schedule.refused.too_many"),
    ],
)
def test_too_many_too_near_too_far_or_twice_is_refused(offsets: Offsets, code: str | None) -> None:
    problem = offsets_problem(offsets)
    assert (problem.code if problem else None) == code


def test_in_whatever_order_they_are_given_the_longest_comes_first() -> None:
    assert {in_order(each) for each in permutations(USUAL)} == {USUAL}


def test_a_modality_cannot_be_shipped_with_reminders_nobody_may_set() -> None:
    document = {
        "key": "odd", "settings": {"individual": {"minutes": 50, "reminders": ["40d"]}}, "credential": "any",
        "basis": "local_default",
    }  # fmt: skip
    with pytest.raises(ValueError, match="cannot be reminded"):
        parse_modality(document)


def test_what_a_site_is_planned_by_differs_with_its_hours_and_schedules_and_not_with_their_order() -> None:
    one, other = Schedule("", (DAY,)), Schedule("cbt", USUAL)
    kept = planned_by(NINE_TO_SEVEN, [one, other])
    assert kept == planned_by(NINE_TO_SEVEN, [other, one])
    others = [
        planned_by(ContactHours(time(10), time(19)), [one, other]), planned_by(NINE_TO_SEVEN, [one]),
        planned_by(NINE_TO_SEVEN, [one, Schedule("cbt", (DAY,))]), planned_by(NINE_TO_SEVEN, []),
    ]  # fmt: skip
    assert len({kept, *others}) == 5


def test_why_there_is_no_message_is_said() -> None:
    zone = "America/New_York"

    def told(begins: str, offset: timedelta, now: str, window: ContactHours = NINE_TO_SEVEN) -> str:
        starts_at = to_utc(datetime.fromisoformat(begins), zone)
        planned_at = to_utc(datetime.fromisoformat(now), zone)
        return why_none(starts_at=starts_at, offset=offset, zone=zone, window=window, now=planned_at).code

    assert told("2026-03-03T10:00", 7 * DAY, "2026-03-01T10:00") == "reminder.not_planned.past"
    assert told("2026-03-03T09:30", 2 * HOUR, "2026-03-02T20:00") == "hours.too_late_to_help"
    assert (
        told("2026-03-03T10:00", DAY, "2026-03-01T10:00", contact_window(ContactHours(time(22), time(23))))
        == "hours.never_open"
    )
