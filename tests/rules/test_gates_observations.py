"""Screens and laboratory values: what counts, what breaks a row, and what never counts."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways.rules.gates import Look, Reference, Refers, State
from pathways.rules.gates.observations import ObservationCompared, ObservationOp, Observed
from patients.rules.observations import ObservationResult
from tests.rules.gate_ground import NOW, days, found, hours, noted, read

R = ObservationResult
KRATOM = ("mitragynine-screen", "mitragynine-confirm")
THREE_CLEAR = ObservationCompared(KRATOM, ObservationOp.NEGATIVE, within_days=30, last=3)
ALT_LOW = ObservationCompared(("alt",), ObservationOp.BELOW, within_days=30, times_upper_limit=3)


def screen(result: R, ago: timedelta, number: int = 9, code: str = "mitragynine-screen", **more: object) -> Observed:
    return Observed(UUID(int=number), code, NOW - ago, result=result, **more)


def clear(ago: timedelta, number: int = 9, **more: object) -> Observed:
    return screen(R.NEGATIVE, ago, number, **more)


def alt(value: str, ago: timedelta = timedelta(days=1), high: str | None = "40") -> Observed:
    upper = None if high is None else Decimal(high)
    return Observed(UUID(int=7), "alt", NOW - ago, Decimal(value), "U/L", reference_high=upper)


def test_three_negatives_in_a_row_are_met_until_the_oldest_is_too_old():
    result = found(THREE_CLEAR, clear(days(1)), clear(days(8), 8), clear(days(15), 7))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 7, 3))
    assert [each.public_id.int for each in result.evidence] == [9, 8, 7]
    assert {each.type for each in result.evidence} == {"observation"}


def test_two_negatives_are_not_yet_three():
    result = found(THREE_CLEAR, clear(days(1)), clear(days(8), 8))
    assert result.state is State.MISSING


def test_a_positive_speaks_against_it():
    result = found(THREE_CLEAR, screen(R.POSITIVE, days(1)), *(clear(days(n), n) for n in (2, 3, 4)))
    assert result.state is State.UNMET


@pytest.mark.parametrize("result", [R.INDETERMINATE, R.INVALID])
def test_a_screen_that_could_not_be_read_is_never_negative_and_breaks_the_row(result):
    row = (clear(days(1)), screen(result, days(2), 8), clear(days(3), 7), clear(days(4), 6))
    answer = found(THREE_CLEAR, *row)
    assert answer.state is State.MISSING
    assert answer.found.code == "gate.observation.unreadable"


def test_a_negative_of_a_specimen_that_is_not_valid_never_counts():
    once = ObservationCompared(KRATOM, ObservationOp.NEGATIVE, within_days=30)
    assert found(once, clear(days(1), specimen_valid=False)).state is State.MISSING
    assert found(once, clear(days(1))).state is State.MET


def test_a_negative_general_panel_is_no_kratom_negative():
    panel = [clear(days(n), n, code="panel-opiates") for n in (1, 2, 3)]
    assert found(THREE_CLEAR, *panel).state is State.MISSING


def test_a_positive_general_panel_does_not_break_a_row_of_kratom_negatives():
    row = [clear(days(n), n) for n in (2, 3, 4)]
    assert found(THREE_CLEAR, screen(R.POSITIVE, days(1), 20, "panel-opiates"), *row).state is State.MET


def test_screens_too_close_together_count_once():
    daily = ObservationCompared(KRATOM, ObservationOp.NEGATIVE, within_days=30, last=2, hours_between=72)
    close = found(daily, clear(hours(1)), clear(hours(30), 8))
    assert (close.state, close.earliest) == (State.MISSING, date(2026, 6, 20))
    assert found(daily, clear(hours(1)), clear(hours(30), 8), clear(hours(80), 7)).state is State.MET


def test_enough_negatives_that_are_too_old_are_too_old():
    old = [clear(days(n), n) for n in (31, 40, 50)]
    assert found(THREE_CLEAR, *old).state is State.EXPIRED


def test_the_negative_that_is_too_old_is_named_not_the_newest():
    known = [clear(days(n), n) for n in (2, 10, 31)]
    result = found(THREE_CLEAR, *known)
    assert result.state is State.EXPIRED
    assert "on Mon 18 May" in say(result.found)


def test_a_result_after_the_moment_asked_about_is_not_seen():
    once = ObservationCompared(KRATOM, ObservationOp.NEGATIVE, within_days=30)
    assert found(once, clear(-hours(1))).state is State.MISSING


def test_a_value_is_compared_with_a_multiple_of_the_laboratory_s_own_upper_limit():
    assert found(ALT_LOW, alt("119")).state is State.MET
    assert found(ALT_LOW, alt("120")).state is State.UNMET
    assert found(ALT_LOW, alt("120", high="50")).state is State.MET


def test_a_value_without_the_laboratory_s_limit_cannot_be_compared():
    assert found(ALT_LOW, alt("20", high=None)).state is State.MISSING


@pytest.mark.parametrize(
    ("op", "fitting", "not_fitting"),
    [
        (ObservationOp.BELOW, "0.9", "1.0"),
        (ObservationOp.AT_MOST, "1.0", "1.1"),
        (ObservationOp.AT_LEAST, "1.0", "0.9"),
        (ObservationOp.ABOVE, "1.1", "1.0"),
    ],
)
def test_each_comparison_keeps_its_limit(op, fitting, not_fitting):
    inr = ObservationCompared(("inr",), op, within_days=7, value=Decimal("1.0"))

    def of(value: str) -> Observed:
        return Observed(UUID(int=1), "inr", NOW, Decimal(value))

    assert found(inr, of(fitting)).state is State.MET
    assert found(inr, of(not_fitting)).state is State.UNMET


def test_within_range_keeps_to_both_ends_of_the_laboratory_s_range():
    sodium = ObservationCompared(("sodium",), ObservationOp.IN_RANGE, within_days=7)

    def of(value: int, low: int | None = 135, high: int | None = 145) -> Observed:
        ends = [None if end is None else Decimal(end) for end in (low, high)]
        return Observed(UUID(int=1), "sodium", NOW, Decimal(value), "mmol/L", None, *ends)

    states = [found(sodium, of(value)).state for value in (134, 135, 145, 146)]
    assert states == [State.UNMET, State.MET, State.MET, State.UNMET]
    assert found(sodium, of(999, high=None)).state is State.MET
    assert found(sodium, of(140, low=None, high=None)).state is State.MISSING


def test_it_names_its_tests_and_looks_at_nothing_else():
    assert THREE_CLEAR.names() == (
        Reference(Refers.OBSERVATION, "mitragynine-screen", "tests[0]"),
        Reference(Refers.OBSERVATION, "mitragynine-confirm", "tests[1]"),
    )
    assert THREE_CLEAR.needs() == {Look(Observed, code, 5) for code in KRATOM}


screens = st.lists(st.tuples(st.sampled_from(R), st.integers(0, 40), st.booleans()), min_size=0, max_size=8).map(
    lambda rows: [screen(result, days(ago), n, specimen_valid=ok) for n, (result, ago, ok) in enumerate(rows, 1)]
)


@given(screens)
def test_one_more_negative_today_never_loses_what_was_met(known):
    if found(THREE_CLEAR, *known).state is State.MET:
        assert found(THREE_CLEAR, clear(-days(0), 99), *known).state is State.MET


@given(screens)
def test_without_three_valid_negatives_it_is_never_met(known):
    valid = [each for each in known if each.result is R.NEGATIVE and each.specimen_valid]
    assert found(THREE_CLEAR, *known).state is not State.MET or len(valid) >= 3


@given(screens)
def test_the_order_in_which_results_come_does_not_matter(known):
    apart = [each for n, each in enumerate(known) if each.effective_at not in {e.effective_at for e in known[:n]}]
    assert found(THREE_CLEAR, *apart) == found(THREE_CLEAR, *reversed(apart))


WRITTEN = {"kind": "observation_compared", "tests": ["mitragynine-screen"], "op": "negative", "within_days": 30}


def test_it_is_read_as_it_is_written():
    result, problems = read({"key": "a", "source": "x", **WRITTEN, "last": 3, "hours_between": 72})
    assert not problems
    assert result.criteria[0].kind == ObservationCompared(
        ("mitragynine-screen",), ObservationOp.NEGATIVE, within_days=30, last=3, hours_between=72
    )


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"tests": []}, "tests", "empty_list"),
        ({"tests": "alt"}, "tests", "not_a_list"),
        ({"tests": ["ALT!"]}, "tests[0]", "not_a_key"),
        ({"tests": ["alt", "alt"]}, "tests", "twice"),
        ({"op": "low"}, "op", "not_one_of"),
        ({"op": "below"}, "value", "one_number"),
        ({"op": "below", "value": 1, "times_upper_limit": 3}, "value", "one_number"),
        ({"value": 1}, "value", "no_number"),
        ({"op": "below", "value": "1"}, "value", "not_a_number"),
        ({"op": "below", "value": True}, "value", "not_a_number"),
        ({"op": "below", "value": float("nan")}, "value", "not_a_number"),
        ({"op": "below", "value": -1}, "value", "out_of_range"),
        ({"last": 0}, "last", "out_of_range"),
    ],
)
def test_a_mistake_is_refused_with_its_path(changes, path, problem):
    assert (path, problem) in noted(**{**WRITTEN, **changes})


def test_a_fraction_may_be_compared_with():
    result, problems = read({"key": "a", "source": "x", **WRITTEN, "tests": ["inr"], "op": "at_most", "value": 1.5})
    assert not problems
    assert result.criteria[0].kind.value == Decimal("1.5")
