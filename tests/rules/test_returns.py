"""A return to use: what it asks for, for how long, and how days after it are summed up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pathways.rules.returns import OFFERED_DAYS, Days, ReturnFacts, asked_after, days_between, needs_rating

NOW = datetime(2026, 6, 16, 13, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 6, 18)
FACTS = ReturnFacts(NOW, NOW.date(), rated_at=NOW - DAY, way_back=True)


def test_needs_are_rated_again_until_a_rating_is_effective_after_the_return() -> None:
    assert needs_rating(NOW, None)
    assert needs_rating(NOW, NOW)
    assert not needs_rating(NOW, NOW + DAY)


def test_a_return_asks_for_a_rating_and_offers_a_step_back() -> None:
    asked = asked_after(FACTS, TODAY)
    assert asked is not None and asked.rate and asked.step_back
    assert asked.sentence.code == "return_to_use.asks.both"


def test_a_step_back_is_offered_until_somebody_has_decided_on_a_move() -> None:
    asked = asked_after(replace(FACTS, moved_at=NOW + DAY), TODAY)
    assert asked is not None and not asked.step_back
    assert asked_after(replace(FACTS, moved_at=NOW + DAY, rated_at=NOW + DAY), TODAY) is None


def test_a_step_back_is_offered_where_the_program_knows_one() -> None:
    asked = asked_after(replace(FACTS, way_back=False), TODAY)
    assert asked is not None and asked.sentence.code == "return_to_use.asks.rate"


@pytest.mark.parametrize(("days", "offered"), [(OFFERED_DAYS, True), (OFFERED_DAYS + 1, False)])
def test_a_step_back_is_offered_for_two_weeks_and_the_rating_stays_owed(days: int, offered: bool) -> None:
    asked = asked_after(FACTS, NOW.date() + timedelta(days=days))
    assert asked is not None and asked.rate and asked.step_back is offered


def test_days_are_summed_up_by_their_middle() -> None:
    assert days_between([]) == Days(0, None)
    assert days_between([(NOW, NOW + DAY), (NOW, NOW + 2 * DAY), (NOW, NOW + 9 * DAY)]) == Days(3, 2.0)
