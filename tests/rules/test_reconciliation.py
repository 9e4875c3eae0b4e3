"""The nightly check by its rules alone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from pathways.rules.follow_ups import OUTCOMES
from pathways.rules.reconciliation import (
    DECIDED,
    DONE,
    LONGEST_GAP,
    LONGEST_RUN,
    FindingKind,
    LastRun,
    RunStatus,
    Sum,
    Tone,
    is_due,
    standing,
    total,
    verdict,
)

NOW = datetime(2026, 6, 18, 9, tzinfo=UTC)
EVEN = Sum(owed=10, done=4, open=3, decided=3)
SHORT = Sum(owed=10, done=4, open=3, decided=2, missing=1)


def last(status: RunStatus = RunStatus.BALANCED, **changed: object) -> LastRun:
    given = {"started_at": NOW - timedelta(hours=1), "sum": EVEN, "stuck": 0, "lost": 0, **changed}
    return LastRun(status=status, **given)  # type: ignore[arg-type]


def test_every_outcome_is_either_done_or_decided() -> None:
    assert sorted([*DONE, *DECIDED]) == sorted(outcome.value for outcome in OUTCOMES)


def test_a_sum_balances_where_everything_owed_is_done_open_or_decided() -> None:
    assert EVEN.balances
    assert not SHORT.balances


def test_sums_of_programs_and_sites_add_up() -> None:
    assert total([EVEN, SHORT]) == Sum(20, 8, 6, 5, 1)
    assert total([]) == Sum()


def test_two_sums_that_are_wrong_in_opposite_ways_do_not_make_one_that_is_right() -> None:
    more = Sum(owed=10, done=5, open=3, decided=3)
    assert total([SHORT, more]).balances
    assert verdict([SHORT, more], []) is RunStatus.DIFFERS


@pytest.mark.parametrize("kind", [FindingKind.MISSING, FindingKind.UNPLANNED])
def test_what_is_lost_does_not_balance_whatever_the_sums_say(kind: FindingKind) -> None:
    assert verdict([EVEN], [kind]) is RunStatus.DIFFERS


def test_a_row_that_stands_still_is_named_and_the_sum_balances_all_the_same() -> None:
    assert verdict([EVEN], [FindingKind.NOT_CLIMBED]) is RunStatus.BALANCED


def test_a_clinic_that_was_never_checked_is_checked_at_once() -> None:
    assert is_due(None, NOW, time(23))


def test_a_night_is_checked_once_and_not_before_its_hour() -> None:
    yesterday = NOW.date() - timedelta(days=1)
    assert is_due(yesterday, NOW, time(8))
    assert not is_due(yesterday, NOW, time(10))
    assert not is_due(NOW.date(), NOW, time(8))


def test_a_night_that_was_left_out_is_made_up_for() -> None:
    assert is_due(date(2026, 6, 10), NOW, time(8))


def test_nothing_is_said_before_the_first_check() -> None:
    assert standing(None, NOW) is None


def test_a_check_that_balances_is_told_quietly() -> None:
    found = standing(last(), NOW)
    assert found is not None
    assert found.tone is Tone.QUIET
    assert dict(found.said.params) == {"owed": 10, "done": 4, "open": 3, "decided": 3}


def test_a_check_that_differs_is_told_everybody_with_its_numbers() -> None:
    found = standing(last(RunStatus.DIFFERS, sum=SHORT, lost=1), NOW)
    assert found is not None
    assert (found.tone, found.said.code) == (Tone.URGENT, "reconciliation.differs")
    assert (found.said.params["owed"], found.said.params["accounted"]) == (10, 9)


def test_once_a_person_has_settled_what_was_missing_it_is_quiet() -> None:
    found = standing(last(RunStatus.DIFFERS, sum=EVEN, lost=0), NOW)
    assert found is not None
    assert found.tone is Tone.QUIET


def test_rows_that_stand_still_are_a_warning() -> None:
    found = standing(last(stuck=3), NOW)
    assert found is not None
    assert (found.tone, found.said.params["number"]) == (Tone.WARNING, 3)


def test_a_night_that_did_not_run_is_told_even_where_the_last_one_balanced() -> None:
    found = standing(last(started_at=NOW - LONGEST_GAP - timedelta(seconds=1)), NOW)
    assert found is not None
    assert (found.tone, found.said.code) == (Tone.URGENT, "reconciliation.not_run")


@pytest.mark.parametrize(
    "run", [last(RunStatus.BROKEN), last(RunStatus.RUNNING, started_at=NOW - LONGEST_RUN - timedelta(seconds=1))]
)
def test_a_check_that_was_broken_off_is_told(run: LastRun) -> None:
    found = standing(run, NOW)
    assert found is not None
    assert found.said.code == "reconciliation.broken"


def test_a_check_under_way_is_not_broken_off_yet() -> None:
    assert standing(last(RunStatus.RUNNING, sum=Sum(), started_at=NOW - timedelta(minutes=5)), NOW) is None
