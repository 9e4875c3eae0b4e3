"""Consents in force at the moment, and levels of care no higher than one."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways.rules.gates import State
from pathways.rules.gates.consents import ConsentHeld, ConsentInForce
from pathways.rules.gates.levels import LevelAtMost, LevelBasis, LevelStanding
from pathways.rules.levels import Level
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    DisclosureCategory,
    RecipientClass,
    SignedConsent,
)
from tests.rules.gate_ground import NOW, days, found, hours, noted, read

C, D, R = ConsentPurpose, DisclosureCategory, RecipientClass
FOR_TREATMENT = ConsentInForce(C.TREATMENT)


def consent(ago: timedelta = timedelta(days=5), ended: date | None = None, **more: object) -> ConsentHeld:
    given = {
        "kind": ConsentKind.TPO, "purposes": frozenset({C.TREATMENT, C.PAYMENT}),
        "categories": frozenset({D.EVERYTHING_BUT_NOTES}), "recipient_class": R.TREATING_PROVIDERS,
        "expiry": ConsentExpiry.ON_DATE if more.get("expires_on") else ConsentExpiry.NONE, **more,
    }  # fmt: skip
    signed = SignedConsent(signed_on=(NOW - ago).date(), effective_at=NOW - ago, **given)
    return ConsentHeld(UUID(int=3), signed, ended)


def test_a_consent_without_an_end_holds():
    result = found(FOR_TREATMENT, consent())
    assert (result.state, result.lapses_on) == (State.MET, None)
    assert result.evidence[0].type == "consent"


def test_a_consent_holds_through_its_last_day():
    result = found(FOR_TREATMENT, consent(expires_on=date(2026, 6, 18)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert found(FOR_TREATMENT, consent(expires_on=date(2026, 6, 17))).state is State.EXPIRED


def test_a_consent_taken_back_holds_no_more():
    result = found(FOR_TREATMENT, consent(revoked_at=NOW - days(1)))
    assert (result.state, result.found.code) == (State.UNMET, "part2.standing.revoked")


def test_taking_it_back_is_effective_on_receipt_and_not_before():
    assert found(FOR_TREATMENT, consent(revoked_at=NOW + hours(1))).state is State.MET
    assert found(FOR_TREATMENT, consent(revoked_at=NOW)).state is State.UNMET


def test_a_consent_signed_later_is_not_seen():
    assert found(FOR_TREATMENT, consent(-hours(1))).state is State.MISSING


def test_another_purpose_or_recipient_does_not_count():
    assert found(ConsentInForce(C.LEGAL), consent()).state is State.MISSING
    assert found(ConsentInForce(C.PAYMENT, R.HEALTH_PLAN), consent()).state is State.MISSING
    assert found(ConsentInForce(C.PAYMENT, R.TREATING_PROVIDERS), consent()).state is State.MET


def test_everything_but_notes_covers_all_but_counseling_notes():
    assert found(ConsentInForce(C.TREATMENT, None, (D.PROGRESS, D.MEDICATIONS)), consent()).state is State.MET
    assert found(ConsentInForce(C.TREATMENT, None, (D.COUNSELING_NOTES,)), consent()).state is State.MISSING


def test_a_consent_for_the_time_of_treatment_ends_with_it():
    result = found(FOR_TREATMENT, consent(expiry=ConsentExpiry.END_OF_TREATMENT, ended=date(2026, 6, 18)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    over = consent(expiry=ConsentExpiry.END_OF_TREATMENT, ended=date(2026, 6, 17))
    assert found(FOR_TREATMENT, over).state is State.EXPIRED


def test_a_consent_that_another_has_replaced_is_not_there():
    assert found(FOR_TREATMENT, consent(replaced_at=NOW - hours(1))).state is State.MISSING


def test_each_category_asked_for_must_be_covered():
    narrow = consent(categories=frozenset({D.ATTENDANCE}))
    assert found(ConsentInForce(C.TREATMENT, None, (D.ATTENDANCE,)), narrow).state is State.MET
    assert found(ConsentInForce(C.TREATMENT, None, (D.ATTENDANCE, D.PROGRESS)), narrow).state is State.MISSING


def test_of_several_that_hold_the_longest_counts():
    short, longer = consent(expires_on=date(2026, 6, 20)), consent(expires_on=date(2026, 7, 20))
    assert found(FOR_TREATMENT, short, longer).lapses_on == date(2026, 7, 20)


def test_one_that_was_taken_back_does_not_stand_in_the_way_of_a_new_one():
    assert found(FOR_TREATMENT, consent(days(9), revoked_at=NOW - days(2)), consent(days(1))).state is State.MET


ends = st.none() | st.dates(date(2026, 6, 1), date(2026, 7, 30))
revocations = st.none() | st.integers(-5, 10).map(lambda ago: NOW - days(ago))
held = st.lists(
    st.builds(
        lambda ago, end, revoked: consent(days(ago), expires_on=end, revoked_at=revoked),
        st.integers(-2, 30), ends, revocations,
    ),
    max_size=4,
)  # fmt: skip


@given(held)
def test_one_more_consent_that_holds_always_meets(known):
    assert found(FOR_TREATMENT, consent(), *known).state is State.MET


@given(held)
def test_it_is_met_exactly_when_one_of_them_holds(known):
    holding = [
        each
        for each in known
        if each.signed.effective_at <= NOW
        and (each.signed.expires_on is None or each.signed.expires_on >= date(2026, 6, 18))
        and (each.signed.revoked_at is None or each.signed.revoked_at > NOW)
    ]
    assert (found(FOR_TREATMENT, *known).state is State.MET) == bool(holding)


# Levels of care

OUTPATIENT_LIVED = LevelAtMost(Level.L1, LevelBasis.ACTUAL)
OUTPATIENT_NEEDED = LevelAtMost(Level.L1, LevelBasis.INDICATED, 30)


def lived(level: Level) -> LevelStanding:
    return LevelStanding(level, NOW - days(9))


def rated(level: Level, ago: timedelta = timedelta(days=3)) -> LevelStanding:
    return LevelStanding(indicated=level, rated_at=NOW - ago, assessment_id=UUID(int=6))


def test_a_level_that_is_low_enough_meets():
    assert found(OUTPATIENT_LIVED, lived(Level.L0)).state is State.MET
    assert found(OUTPATIENT_LIVED, lived(Level.L1)).state is State.MET
    result = found(OUTPATIENT_LIVED, lived(Level.L2))
    assert (result.state, result.sentence.code) == (State.UNMET, "gate.level.asks_actual")


def test_medical_management_makes_a_level_more_intensive():
    assert found(OUTPATIENT_LIVED, lived(Level.L1M)).state is State.UNMET


def test_the_two_levels_are_kept_apart():
    assert found(OUTPATIENT_NEEDED, lived(Level.L1)).state is State.MISSING
    assert found(OUTPATIENT_LIVED, rated(Level.L1)).state is State.MISSING


def test_a_rating_holds_for_its_days():
    result = found(OUTPATIENT_NEEDED, rated(Level.L1, days(30)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert result.evidence[0].type == "level_assessment"
    assert found(OUTPATIENT_NEEDED, rated(Level.L1, days(31))).state is State.EXPIRED


def test_a_rating_that_calls_for_more_is_unmet_and_asks_for_a_new_one():
    result = found(OUTPATIENT_NEEDED, rated(Level.L3))
    assert (result.state, say(result.next_step)) == (State.UNMET, "Rate the six needs again")


@given(st.sampled_from(Level), st.sampled_from(Level), st.sampled_from(Level))
def test_a_lower_level_is_never_farther_from_the_gate(asked_for, level, other):
    lower, higher = sorted((level, other), key=lambda each: each.rank)
    rule = LevelAtMost(asked_for, LevelBasis.ACTUAL)
    assert found(rule, lived(lower)).state.distance <= found(rule, lived(higher)).state.distance


# Reading


def test_they_are_read_as_they_are_written():
    result, problems = read(
        {"key": "a", "source": "x", "kind": "consent_in_force", "purpose": "treatment"},
        {"key": "b", "source": "x", "kind": "consent_in_force", "purpose": "payment", "recipient": "health_plan",
         "categories": ["attendance"]},
        {"key": "c", "source": "x", "kind": "level_at_most", "level": "L1", "basis": "indicated", "within_days": 30},
    )  # fmt: skip
    assert not problems
    assert [each.kind for each in result.criteria] == [
        FOR_TREATMENT,
        ConsentInForce(C.PAYMENT, R.HEALTH_PLAN, (D.ATTENDANCE,)),
        OUTPATIENT_NEEDED,
    ]


AT_MOST = {"kind": "level_at_most", "level": "L1", "basis": "actual"}


@pytest.mark.parametrize(
    ("written", "path", "problem"),
    [
        ({"kind": "consent_in_force", "purpose": "gossip"}, "purpose", "not_one_of"),
        ({"kind": "consent_in_force", "purpose": "legal", "recipient": "anybody"}, "recipient", "not_one_of"),
        ({**AT_MOST, "level": "1"}, "level", "not_one_of"),
        ({**AT_MOST, "within_days": 3}, "within_days", "actual_has_no_age"),
    ],
)
def test_a_mistake_is_refused_with_its_path(written, path, problem):
    assert (path, problem) in noted(**written)
