"""Sessions that count, sessions booked ahead."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways.rules.gates import Reference, Refers, State, decide
from pathways.rules.gates.attendance import Attended, Measure, SessionsAttended
from pathways.rules.gates.bookings import BookedContact, ContactBooked, ContactType
from pathways.rules.purposes import Purpose
from pathways.rules.sessions import AttendanceStatus
from tests.rules.gate_ground import NOW, asked, days, entered, facts, found, gate, hours, noted, read

S = AttendanceStatus
FOUR_IN_TWO_WEEKS = SessionsAttended((), Measure.COUNT, 4, 14)
THREE_QUARTERS = SessionsAttended((), Measure.RATE, 75, 28)
HOURS_IN_PHASE = SessionsAttended(("group-therapy",), Measure.MINUTES, 540)


def session(ago: timedelta, state: S = S.ATTENDED, minutes: int = 60, modality: str = "group-therapy", **more: object):
    attended = minutes if state is S.ATTENDED else 0
    return Attended(UUID(int=int(ago.total_seconds()) + 10**9), modality, NOW - ago, state, attended, **more)


def weekly(number: int, **more: object) -> list[Attended]:
    return [session(days(n), **more) for n in range(1, number + 1)]


def test_enough_sessions_are_met_until_too_many_are_too_old():
    result = found(FOUR_IN_TWO_WEEKS, *(session(days(n)) for n in (1, 3, 5, 7, 9)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 25))
    assert len(result.evidence) == 5


def test_too_few_sessions_say_how_many_more():
    result = found(FOUR_IN_TWO_WEEKS, *weekly(3))
    assert result.state is State.UNMET
    assert say(result.found) == "3 of 4 attended."
    assert say(result.next_step) == "1 more session to attend"


def test_a_session_on_the_last_day_of_the_window_counts_and_a_day_earlier_does_not():
    once = SessionsAttended((), Measure.COUNT, 1, 14)
    assert found(once, session(days(14))).state is State.MET
    assert found(once, session(days(15))).state is State.EXPIRED


def test_no_session_at_all_is_missing():
    assert found(FOUR_IN_TWO_WEEKS).state is State.MISSING


@pytest.mark.parametrize("state", [S.NO_SHOW, S.CANCELLED_BY_PATIENT, S.CANCELLED_BY_CLINIC, S.BOOKED, S.CHECKED_IN])
def test_only_a_session_somebody_came_to_counts(state):
    assert found(SessionsAttended((), Measure.COUNT, 1, 14), session(days(1), state)).state is not State.MET


def test_minutes_are_the_minutes_attended_since_the_phase_was_entered():
    since = entered(date(2026, 6, 1))
    nine_hours = [session(days(n), minutes=90) for n in range(1, 7)]
    assert found(HOURS_IN_PHASE, since, *nine_hours).state is State.MET
    result = found(HOURS_IN_PHASE, since, *nine_hours[1:], session(days(9), minutes=89))
    assert (result.state, say(result.next_step)) == (State.UNMET, "1 more minute to attend")
    assert result.lapses_on is None


def test_sessions_before_the_phase_was_entered_do_not_count():
    before = session(days(30), minutes=600)
    assert found(HOURS_IN_PHASE, entered(date(2026, 6, 1)), before).state is State.EXPIRED
    assert found(HOURS_IN_PHASE, before).state is State.MISSING


def test_a_session_on_the_day_of_entry_counts_whatever_its_hour():
    early = Attended(UUID(int=1), "group-therapy", NOW - hours(6), S.ATTENDED, 600)
    assert found(HOURS_IN_PHASE, entered(date(2026, 6, 18)), early).state is State.MET


def test_only_the_named_modalities_count():
    other = session(days(1), modality="yoga", minutes=600)
    assert found(HOURS_IN_PHASE, entered(date(2026, 6, 1)), other).state is State.MISSING


def test_without_modalities_only_what_counts_toward_hours_does():
    adjunct = session(days(1), modality="yoga", counts_toward_hours=False)
    named = SessionsAttended(("yoga",), Measure.COUNT, 1, 14)
    assert found(SessionsAttended((), Measure.COUNT, 1, 14), adjunct).state is State.MISSING
    assert found(named, adjunct).state is State.MET


def test_the_rate_leaves_out_what_the_clinic_cancelled_and_what_is_to_come():
    came = [session(days(n)) for n in (1, 2, 3)]
    others = [session(days(4), S.NO_SHOW), session(days(5), S.CANCELLED_BY_CLINIC), session(-days(1), S.BOOKED)]
    result = found(THREE_QUARTERS, *came, *others)
    assert result.state is State.MET
    assert say(result.found) == "75%: 3 of 4 planned were attended."


def test_what_the_patient_cancelled_lowers_the_rate():
    result = found(THREE_QUARTERS, session(days(1)), session(days(2)), session(days(3), S.CANCELLED_BY_PATIENT))
    assert (result.state, say(result.next_step)) == (State.UNMET, "1 more session to attend")


def test_a_rate_just_below_is_not_rounded_up():
    came = [session(days(n)) for n in range(1, 15)]
    assert found(THREE_QUARTERS, *came, *(session(hours(n), S.NO_SHOW) for n in range(1, 6))).state is State.UNMET


def test_a_rate_lapses_when_the_sessions_that_carry_it_are_too_old():
    came_then = [session(days(n)) for n in (20, 21, 22)]
    result = found(THREE_QUARTERS, *came_then, session(days(2), S.NO_SHOW))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 24))


def test_coming_to_all_of_them_waits_until_what_was_missed_is_too_old():
    always = SessionsAttended((), Measure.RATE, 100, 28)
    result = found(always, session(days(1)), session(days(3), S.NO_SHOW))
    assert (result.state, result.earliest) == (State.UNMET, date(2026, 7, 14))


several = st.lists(st.tuples(st.sampled_from(S), st.integers(0, 40), st.integers(1, 120)), max_size=12).map(
    lambda rows: [session(days(ago), state, minutes) for state, ago, minutes in rows]
)
any_rule = st.sampled_from([FOUR_IN_TWO_WEEKS, THREE_QUARTERS, SessionsAttended((), Measure.MINUTES, 200, 30)])


@given(any_rule, several)
def test_one_more_session_attended_never_loses_what_was_met(rule, known):
    if found(rule, *known).state is State.MET:
        assert found(rule, session(hours(1)), *known).state is State.MET


@given(any_rule, several)
def test_it_still_holds_on_the_day_before_it_lapses_and_no_longer_the_day_after(rule, known):
    result = found(rule, *known)
    if result.lapses_on is None:
        return
    last = NOW + timedelta(days=(result.lapses_on - date(2026, 6, 18)).days)
    still = decide(gate(asked(rule)), facts(*known, as_of=last)).criteria[0]
    after = decide(gate(asked(rule)), facts(*known, as_of=last + days(1))).criteria[0]
    assert (still.state, after.state is State.MET) == (State.MET, False)


# Booked ahead

WITHIN_A_WEEK = ContactBooked((ContactType.FOLLOW_UP, ContactType.SESSION), (), (), 7)


def booked(ahead: timedelta, purpose: Purpose | None = None, modality: str = "cbt") -> BookedContact:
    sort = ContactType.FOLLOW_UP if purpose else ContactType.SESSION
    return BookedContact(sort, UUID(int=4), NOW + ahead, purpose, "" if purpose else modality)


def test_a_contact_within_the_days_after_the_move_meets_and_lapses_with_the_last_one():
    result = found(WITHIN_A_WEEK, booked(days(2)), booked(days(6), Purpose.VISIT))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 24))
    assert say(result.evidence[0].sentence) == "Cognitive behavioral therapy, Sat 20 Jun 11:00"


def test_one_that_comes_later_does_not():
    assert found(WITHIN_A_WEEK, booked(days(7))).state is State.MET
    result = found(WITHIN_A_WEEK, booked(days(8)))
    assert (result.state, say(result.found)) == (State.UNMET, "The first one is on Fri 26 Jun, that is too late.")


def test_nothing_booked_is_missing_and_what_is_past_is_not_booked():
    assert found(WITHIN_A_WEEK).state is State.MISSING
    assert found(WITHIN_A_WEEK, booked(-hours(1))).state is State.MISSING


def test_only_what_is_asked_for_counts():
    visits = ContactBooked((ContactType.FOLLOW_UP,), (Purpose.VISIT,), (), 7)
    assert found(visits, booked(days(1)), booked(days(1), Purpose.CHECK_IN)).state is State.MISSING
    assert found(visits, booked(days(1), Purpose.VISIT)).state is State.MET
    groups = ContactBooked((ContactType.SESSION,), (), ("group-therapy",), 7)
    assert found(groups, booked(days(1))).state is State.MISSING
    assert found(groups, booked(days(1), modality="group-therapy")).state is State.MET


@given(st.lists(st.integers(-3, 20), max_size=5), st.integers(0, 7))
def test_one_more_booking_never_loses_what_was_met(ahead, more):
    known = [booked(days(n)) for n in ahead]
    if found(WITHIN_A_WEEK, *known).state is State.MET:
        assert found(WITHIN_A_WEEK, booked(days(more)), *known).state is State.MET


# Reading


def test_they_are_read_as_they_are_written():
    result, problems = read(
        {"key": "a", "source": "x", "kind": "sessions_attended", "modalities": ["cbt"], "measure": "count",
         "at_least": 8},
        {"key": "b", "source": "x", "kind": "contact_booked", "what": ["session"], "modalities": ["cbt"],
         "within_days": 7},
    )  # fmt: skip
    assert not problems
    assert [each.kind for each in result.criteria] == [
        SessionsAttended(("cbt",), Measure.COUNT, 8),
        ContactBooked((ContactType.SESSION,), (), ("cbt",), 7),
    ]
    assert result.criteria[1].kind.names() == (Reference(Refers.MODALITY, "cbt", "modalities[0]"),)


COUNTED = {"kind": "sessions_attended", "measure": "count", "at_least": 1}
AHEAD = {"kind": "contact_booked", "what": ["session"], "within_days": 7}


@pytest.mark.parametrize(
    ("written", "path", "problem"),
    [
        ({**COUNTED, "measure": "rate", "at_least": 101}, "at_least", "out_of_range"),
        ({**COUNTED, "measure": "hours"}, "measure", "not_one_of"),
        ({**COUNTED, "within_days": 0}, "within_days", "out_of_range"),
        ({**AHEAD, "what": []}, "what", "empty_list"),
        ({**AHEAD, "what": ["letter"]}, "what[0]", "not_one_of"),
        ({**AHEAD, "purposes": ["visit"]}, "purposes", "not_asked_about"),
        ({**AHEAD, "what": ["follow_up"], "modalities": ["cbt"]}, "modalities", "not_asked_about"),
    ],
)
def test_a_mistake_is_refused_with_its_path(written, path, problem):
    assert (path, problem) in noted(**written)
