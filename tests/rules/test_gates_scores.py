"""Forms: done in time, and scores within their limits, in a row, far enough apart."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from clinic.wording import say
from pathways.rules.gates import Reading, State, decide
from pathways.rules.gates.kinds import AssessmentDone
from pathways.rules.gates.scores import Comparison, ScoreCompared, holds
from tests.rules.gate_ground import NOW, asked, cows, days, facts, found, gate, hours, phq9

PHQ9_MILD = ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, within_days=14)
COWS_SETTLED = ScoreCompared("cows", "total", Comparison.BELOW, 5, within_days=7, last=2, hours_between=24)


def of(instrument, score, ago, **more):
    return Reading(UUID(int=9), instrument, NOW - ago, total=score, **more)


# Assessment done


def test_an_assessment_that_was_never_done_is_missing():
    result = found(AssessmentDone("phq9", 30))
    assert result.state is State.MISSING
    assert say(result.next_step) == "Record a new PHQ-9"


def test_a_form_the_patient_can_fill_in_is_sent_instead_of_recorded():
    assert say(found(AssessmentDone("phq9", 30), sendable=frozenset({"phq9"})).next_step) == "Send the form: PHQ-9"


def test_an_assessment_holds_through_the_day_it_reaches_its_age():
    result = found(AssessmentDone("phq9", 30), phq9(3, days(30)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert say(result.found) == "Done on Tue 19 May. Holds until Thu 18 Jun."


def test_an_assessment_one_day_older_is_too_old():
    result = found(AssessmentDone("phq9", 30), phq9(3, days(31)))
    assert result.state is State.EXPIRED
    assert result.evidence[0].public_id == UUID(int=9)


def test_days_are_counted_in_the_site_s_zone():
    late_evening_of_the_17th = Reading(UUID(int=9), "phq9", datetime(2026, 6, 18, 3, 30, tzinfo=UTC), total=3)
    result = found(AssessmentDone("phq9", 0), late_evening_of_the_17th)
    assert result.state is State.EXPIRED


def test_an_assessment_effective_after_the_moment_asked_about_is_not_seen():
    assert found(AssessmentDone("phq9", 30), phq9(3, -hours(1))).state is State.MISSING


# Score compared


def test_a_score_within_the_limit_meets_and_says_until_when():
    result = found(PHQ9_MILD, phq9(9, days(4)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 28))
    assert say(result.sentence) == "PHQ-9 of 9 or less, within 14 days"


def test_a_score_beyond_the_limit_is_unmet_even_if_an_older_one_fitted():
    result = found(PHQ9_MILD, phq9(10, days(1)), phq9(2, days(3), 8))
    assert result.state is State.UNMET
    assert [each.public_id for each in result.evidence] == [UUID(int=9)]


def test_a_score_past_its_window_is_too_old_whatever_it_says():
    for score in (3, 11):
        result = found(PHQ9_MILD, phq9(score, days(22)))
        assert result.state is State.EXPIRED
        assert say(result.found).startswith(f"Too old: {score} on Wed 27 May")


def test_an_incomplete_form_without_a_score_says_nothing():
    only_incomplete = found(PHQ9_MILD, phq9(None, days(1)))
    passed_over = found(PHQ9_MILD, phq9(None, days(1)), phq9(4, days(2), 8))
    assert (only_incomplete.state, passed_over.state) == (State.MISSING, State.MET)


def test_readings_need_not_come_in_order():
    result = found(PHQ9_MILD, phq9(2, days(3), 8), phq9(10, days(1)))
    assert result.state is State.UNMET


def test_cows_below_five_once_is_not_yet_twice():
    result = found(COWS_SETTLED, cows(3, hours(1)))
    assert result.state is State.MISSING
    assert result.earliest == date(2026, 6, 19)
    assert say(result.next_step) == "Record another COWS from Fri 19 Jun 10:00 on"


def test_cows_below_five_twice_within_a_day_is_not_yet_twice_a_day_apart():
    result = found(COWS_SETTLED, cows(3, hours(1)), cows(2, hours(24.9), 8))
    assert result.state is State.MISSING


def test_cows_below_five_twice_exactly_a_day_apart_is_met():
    result = found(COWS_SETTLED, cows(3, hours(0)), cows(4, hours(24), 8))
    assert result.state is State.MET
    assert say(result.sentence) == ("COWS below 5 on the last 2 readings, within 7 days, 24 hours or more apart")


def test_readings_in_between_do_not_hinder_if_they_fit():
    between = (cows(3, hours(0)), cows(4, hours(12), 7), cows(2, hours(24), 8))
    assert found(COWS_SETTLED, *between).state is State.MET


def test_a_reading_of_five_in_between_breaks_the_row():
    between = (cows(3, hours(0)), cows(5, hours(12), 7), cows(2, hours(24), 8))
    result = found(COWS_SETTLED, *between)
    assert result.state is State.UNMET
    assert result.earliest == date(2026, 6, 19)


def test_the_hours_between_are_true_hours_when_the_clock_changes():
    spring = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)
    apart = (Reading(UUID(int=1), "cows", spring, 1), Reading(UUID(int=2), "cows", spring - hours(23.5), 1))
    result = decide(gate(asked(COWS_SETTLED)), facts(*apart, as_of=spring))
    assert result.criteria[0].state is State.MISSING


def test_a_row_long_enough_but_too_old_is_too_old():
    old = (cows(3, days(6)), cows(3, days(8), 8))
    assert found(COWS_SETTLED, *old).state is State.EXPIRED


def test_the_reading_that_is_too_old_is_named_not_the_newest():
    result = found(COWS_SETTLED, cows(3, days(6)), cows(4, days(8), 8))
    assert say(result.found).startswith("Too old: 4 on Wed 10 Jun")


def test_a_row_lapses_when_the_oldest_reading_it_needs_grows_too_old():
    row = (cows(1, days(0)), cows(1, days(2), 8), cows(1, days(5), 7))
    assert found(COWS_SETTLED, *row).lapses_on == date(2026, 6, 23)


def test_a_subscore_and_a_band_can_be_compared():
    risk = ScoreCompared("bam", "risk", Comparison.BELOW, 12, within_days=30)
    screen = ScoreCompared("cssrs_screen", "band", Comparison.ONE_OF, ("none", "low"), within_days=30)
    assert found(risk, of("bam", None, days(1), subscores={"risk": 11})).state is State.MET
    assert found(screen, of("cssrs_screen", None, days(1), band="high")).state is State.UNMET
    assert found(screen, of("cssrs_screen", None, days(1), band="low")).state is State.MET
    assert say(screen.asks()) == "C-SSRS: none or low, within 30 days"


@pytest.mark.parametrize(
    ("op", "limit", "fitting", "not_fitting"),
    [
        (Comparison.BELOW, 5, 4, 5),
        (Comparison.AT_MOST, 5, 5, 6),
        (Comparison.AT_LEAST, 5, 5, 4),
        (Comparison.ABOVE, 5, 6, 5),
        (Comparison.EQUALS, 5, 5, 4),
        (Comparison.ONE_OF, (1, 3), 3, 2),
    ],
)
def test_each_comparison_keeps_its_limit(op, limit, fitting, not_fitting):
    assert holds(op, fitting, limit)
    assert not holds(op, not_fitting, limit)


def test_a_band_cannot_be_more_or_less_than_a_number():
    with pytest.raises(ValueError, match="cannot be"):
        holds(Comparison.BELOW, "low", 5)
