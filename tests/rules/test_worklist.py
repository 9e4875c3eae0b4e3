"""Today's list: what is overdue, who is at higher risk, and what comes first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.rules.worklist import (
    Item,
    LineGroup,
    LineKind,
    LineType,
    Risk,
    RiskFacts,
    days_late,
    due_said,
    is_overdue,
    line,
    risks,
    tally,
    why_said,
    worklist,
)
from patients.rules.instruments import Severity

ZONE = "America/New_York"
NOW = datetime(2026, 6, 18, 13, 42, tzinfo=UTC)
TODAY = date(2026, 6, 18)
WHY = sentence("worklist.last_day")


def item(number: int = 1, kind: LineKind = LineKind.CALL, due: timedelta = timedelta(0), **more: object) -> Item:
    return Item(LineType.FOLLOW_UP, kind, UUID(int=number), UUID(int=number + 100), NOW + due, ZONE, **more)


def days(number: float) -> timedelta:
    return timedelta(days=number)


# Overdue


@pytest.mark.parametrize(
    ("due_on", "window", "overdue"),
    [
        (TODAY, 0, False),
        (date(2026, 6, 17), 0, True),
        (date(2026, 6, 17), 1, False),
        (date(2026, 6, 16), 1, True),
        (date(2026, 6, 19), 0, False),
    ],
)
def test_overdue_begins_the_day_after_the_last_day_of_the_window(due_on, window, overdue):
    assert is_overdue(due_on, window, TODAY, closed=False) is overdue


def test_what_has_its_outcome_is_never_overdue():
    assert not is_overdue(date(2020, 1, 1), 0, TODAY, closed=True)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 30))
def test_days_late_and_overdue_say_the_same(due_on, window):
    assert (days_late(due_on, window, TODAY) > 0) == is_overdue(due_on, window, TODAY, closed=False)


def test_a_contact_of_this_morning_is_due_today_and_not_late():
    found = line(item(due=timedelta(hours=-3)), NOW)
    assert (found.group, found.days_late) == (LineGroup.DUE_TODAY, 0)


def test_the_day_is_the_recipient_s_day():
    at_one_in_the_morning_utc = datetime(2026, 6, 19, 1, 0, tzinfo=UTC)
    assert line(replace(item(), due_at=at_one_in_the_morning_utc), NOW).group is LineGroup.DUE_TODAY


def test_what_is_due_tomorrow_or_closed_is_not_on_the_list():
    assert line(item(due=days(1)), NOW) is None
    assert line(item(due=days(-9), closed=True), NOW) is None


# Risk


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (RiskFacts(), ()),
        (RiskFacts(return_to_use_on=date(2026, 6, 4)), (Risk.RETURN_TO_USE,)),
        (RiskFacts(return_to_use_on=date(2026, 6, 3)), ()),
        (RiskFacts(discharged_on=date(2026, 6, 11)), (Risk.JUST_DISCHARGED,)),
        (RiskFacts(discharged_on=date(2026, 6, 10)), ()),
        (RiskFacts(missed_in_a_row=2), (Risk.MISSED_CONTACTS,)),
        (RiskFacts(missed_in_a_row=1), ()),
        (RiskFacts(open_urgent_flags=1, missed_in_a_row=3), (Risk.URGENT_FLAG, Risk.MISSED_CONTACTS)),
    ],
)
def test_higher_risk_is_a_flag_a_return_to_use_a_discharge_or_missed_contacts(known, found):
    assert risks(known, TODAY) == found


def test_papers_are_not_put_before_the_contacts_of_others_by_somebodys_risk():
    papers = replace(item(risk=RiskFacts(missed_in_a_row=2)), type=LineType.PLAN_REVIEW)
    found = line(papers, NOW)
    assert (found.group, found.risks) == (LineGroup.DUE_TODAY, ())


# Order


def test_safety_stands_first_whenever_it_was_raised():
    late = item(1, due=days(-30))
    warned = item(2, LineKind.SAFETY, severity=Severity.URGENT)
    alarmed = item(3, LineKind.SAFETY, severity=Severity.EMERGENCY)
    assert [each.item for each in worklist([late, warned, alarmed], NOW)] == [alarmed, warned, late]


def test_then_risk_then_lateness_then_the_clock():
    risky = item(1, risk=RiskFacts(missed_in_a_row=2))
    riskier = item(2, risk=RiskFacts(return_to_use_on=TODAY))
    late, later = item(3, due=days(-1)), item(4, due=days(-5))
    at_ten, at_noon = item(5, due=timedelta(hours=1)), item(6, due=timedelta(hours=3))
    found = worklist([at_noon, at_ten, late, later, risky, riskier], NOW)
    assert [each.item.public_id.int for each in found] == [2, 1, 4, 3, 5, 6]


def test_the_line_says_why_it_is_at_risk_and_how_late_it_is():
    found = line(item(due=days(-3), risk=RiskFacts(missed_in_a_row=2)), NOW)
    assert say(why_said(found, WHY)) == "Two or more contacts without an answer. today is the last day"
    assert say(due_said(found, NOW)) == "3 days late"


def test_the_line_says_how_long_a_window_is_still_open():
    def due(each: Item) -> str:
        return say(due_said(line(each, NOW), NOW))

    assert due(item(due=days(-2), window_days=7)) == "5 days left, until Tue 23 Jun"
    assert due(item(due=days(-2), window_days=2)) == "today is the last day"
    assert due(item(due=timedelta(hours=1))) == "today, 10:42"


def test_what_lapses_stands_on_the_list_before_its_day_and_says_when():
    def due(ahead: float, **more: object) -> str | None:
        found = line(item(kind=LineKind.LAPSING, due=days(ahead), early_days=2, **more), NOW)
        return say(due_said(found, NOW)) if found else None

    assert [due(0), due(1), due(2), due(3)] == ["today is the last day", "tomorrow", "Sat 20 Jun", None]
    assert due(1, window_days=6) == "7 days left, until Thu 25 Jun"


def test_a_warning_is_raised_and_never_late():
    found = line(item(kind=LineKind.WARNING, due=days(-9)), NOW)
    assert (found.group, found.risks, found.days_late) == (LineGroup.HIGHER_RISK, (Risk.EARLY_WARNING,), 0)
    assert say(due_said(found, NOW)) == "since Tue 9 Jun 09:42"


def test_a_line_about_a_risk_does_not_say_it_twice_but_says_a_graver_one():
    assert say(why_said(line(item(kind=LineKind.WARNING), NOW), WHY)) == "today is the last day"
    graver = item(kind=LineKind.WARNING, risk=RiskFacts(return_to_use_on=TODAY))
    assert say(why_said(line(graver, NOW), WHY)).startswith("Returned to use in the last two weeks. ")


some_items = st.lists(
    st.builds(
        item,
        st.integers(1, 1000),
        st.sampled_from(LineKind),
        st.timedeltas(days(-20), days(3)),
        severity=st.none() | st.sampled_from(Severity),
        window_days=st.integers(0, 7),
        closed=st.booleans(),
        early_days=st.integers(0, 2),
        risk=st.builds(RiskFacts, missed_in_a_row=st.integers(0, 3), open_urgent_flags=st.integers(0, 1)),
    ),
    unique_by=lambda each: each.public_id,
    max_size=12,
)


@given(some_items, st.randoms(use_true_random=False))
def test_the_order_depends_on_the_facts_alone(items, random):
    shuffled = random.sample(items, len(items))
    assert worklist(items, NOW) == worklist(shuffled, NOW)


@given(some_items)
def test_no_line_is_lost_or_doubled_and_every_group_is_counted(items):
    lines = worklist(items, NOW)
    shown = {each.item.public_id for each in lines}
    assert len(shown) == len(lines) == sum(tally(lines).values())
    assert set(tally(lines)) == set(LineGroup)
    assert all(each.closed for each in items if each.public_id not in shown and each.due_at <= NOW)


@given(some_items)
def test_whatever_is_overdue_and_at_no_risk_is_in_the_group_late(items):
    for each in worklist(items, NOW):
        if each.group in (LineGroup.LATE, LineGroup.DUE_TODAY):
            assert (each.group is LineGroup.LATE) == (each.days_late > 0)
