"""The gate evaluator: how states join, what a decision says, and what may be set aside."""

from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.roles import Role
from pathways.rules.gates import Reading, Requirement, State, at_least, decide, may_override, override_problems
from pathways.rules.gates.groups import AllOf, AnyOf, AtLeast
from pathways.rules.gates.kinds import AssessmentDone, DaysInPhase
from pathways.rules.gates.scores import Comparison, ScoreCompared
from tests.rules.gate_ground import (
    NOW,
    OPEN_TO_SUPERVISOR,
    SOMEBODY,
    SOMEBODY_ELSE,
    aside,
    asked,
    days,
    entered,
    facts,
    gate,
    phq9,
)

PHQ9_MILD = ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, within_days=14)


# The algebra of groups

states = st.sampled_from(State)
several = st.lists(states, min_size=1, max_size=8)


def test_the_chain_of_states():
    assert at_least(1, [State.EXPIRED, State.MISSING, State.UNMET]) is State.EXPIRED
    assert at_least(3, [State.MET, State.EXPIRED, State.MISSING]) is State.MISSING
    assert at_least(2, [State.UNMET, State.MET, State.EXPIRED]) is State.EXPIRED
    assert at_least(2, [State.UNMET, State.MET, State.MET]) is State.MET


@given(several)
def test_all_of_is_met_only_if_every_one_is(members):
    assert (at_least(len(members), members) is State.MET) == all(each is State.MET for each in members)


@given(several)
def test_any_of_is_met_if_one_is(members):
    assert (at_least(1, members) is State.MET) == (State.MET in members)


@given(several, st.data())
def test_a_group_is_met_exactly_when_enough_are(members, data):
    needed = data.draw(st.integers(1, len(members)))
    enough = sum(each is State.MET for each in members) >= needed
    assert (at_least(needed, members) is State.MET) == enough


@given(several, st.data())
def test_a_member_coming_nearer_never_moves_the_group_away(members, data):
    needed = data.draw(st.integers(1, len(members)))
    place = data.draw(st.integers(0, len(members) - 1))
    nearer = data.draw(states.filter(lambda state: state.distance <= members[place].distance))
    after = [*members[:place], nearer, *members[place + 1 :]]
    assert at_least(needed, after).distance <= at_least(needed, members).distance


@given(several, states, st.data())
def test_one_more_member_never_turns_met_into_anything_else_where_a_number_is_needed(members, more, data):
    needed = data.draw(st.integers(1, len(members)))
    assert at_least(needed, [*members, more]).distance <= at_least(needed, members).distance


@given(several)
def test_adding_a_met_criterion_changes_no_all_of(members):
    assert at_least(len(members) + 1, [*members, State.MET]) is at_least(len(members), members)


@given(several, st.randoms(use_true_random=False), st.data())
def test_order_does_not_matter(members, random, data):
    needed = data.draw(st.integers(1, len(members)))
    shuffled = random.sample(members, len(members))
    assert at_least(needed, shuffled) is at_least(needed, members)


@given(several)
def test_needing_more_is_never_easier(members):
    answers = [at_least(needed, members).distance for needed in range(1, len(members) + 1)]
    assert all(fewer <= more for fewer, more in pairwise(answers))


@pytest.mark.parametrize("needed", [0, 3])
def test_a_group_that_can_never_be_decided_is_an_error(needed):
    with pytest.raises(ValueError, match="can never be decided"):
        at_least(needed, [State.MET, State.MET])


def test_a_group_lapses_when_too_few_of_its_members_still_hold():
    short, longer = AssessmentDone("phq9", 10), AssessmentDone("gad7", 20)
    both_today = (phq9(1, days(0)), Reading(UUID(int=8), "gad7", NOW, 1))
    members = (asked(short, "a"), asked(longer, "b"))
    lapses = {
        kind.KEY: decide(gate(asked(kind, children=members)), facts(*both_today)).criteria[0].lapses_on
        for kind in (AllOf(), AnyOf(), AtLeast(1))
    }
    assert lapses == {"all_of": date(2026, 6, 28), "any_of": date(2026, 7, 8), "at_least": date(2026, 7, 8)}


def test_a_group_can_be_met_on_the_day_enough_members_can():
    members = (asked(DaysInPhase(10), "a"), asked(DaysInPhase(20), "b"))
    since = entered(date(2026, 6, 18))
    both = decide(gate(asked(AllOf(), children=members)), facts(since))
    either = decide(gate(asked(AnyOf(), children=members)), facts(since))
    assert (both.earliest, either.earliest) == (date(2026, 7, 8), date(2026, 6, 28))


def test_an_advisory_member_is_shown_and_not_counted():
    members = (asked(DaysInPhase(1), "a"), asked(DaysInPhase(900), "b", requirement=Requirement.ADVISORY))
    result = decide(gate(asked(AllOf(), children=members)), facts(entered(date(2026, 6, 1))))
    assert result.met
    assert result.criteria[0].children[1].state is State.UNMET


# The decision


def test_a_gate_counts_its_binding_criteria_and_names_the_earliest_day():
    decision = decide(
        gate(
            asked(DaysInPhase(1), "in-time"),
            asked(DaysInPhase(10), "soon"),
            asked(PHQ9_MILD, "mood"),
            asked(DaysInPhase(99), "advice", requirement=Requirement.ADVISORY),
        ),
        facts(entered(date(2026, 6, 14)), phq9(3, days(1))),
    )
    assert (decision.met, decision.met_count, decision.of_count) == (False, 2, 3)
    assert decision.earliest == date(2026, 6, 24)
    assert (decision.lapses_next.criterion, decision.lapses_next.on) == ("mood", date(2026, 7, 1))
    assert [each.key for each in decision.unmet] == ["soon"]


def test_a_gate_that_is_met_has_no_earliest_day():
    assert decide(gate(asked(DaysInPhase(1))), facts(entered(date(2026, 6, 1)))).earliest is None


def test_a_gate_that_asks_nothing_is_open():
    assert decide(gate(), facts()).met


# Setting aside


def test_an_overridable_criterion_set_aside_lets_the_move_pass_and_keeps_what_was_found():
    decision = decide(gate(asked(PHQ9_MILD, **OPEN_TO_SUPERVISOR)), facts(), [aside()])
    assert decision.met
    assert (decision.criteria[0].state, decision.met_count) == (State.MISSING, 0)
    assert decision.criteria[0].set_aside.by == SOMEBODY


def test_a_required_criterion_can_never_be_set_aside():
    required = asked(PHQ9_MILD)
    assert not may_override(required, Role)
    assert override_problems(gate(required), [aside()])[0].sentence.code == "gate.override.required"
    with pytest.raises(ValueError, match="not to be set aside"):
        decide(gate(required), facts(), [aside()])


def test_a_group_that_holds_a_required_criterion_can_never_be_set_aside():
    group = asked(AllOf(), children=(asked(PHQ9_MILD, "inner"),), **OPEN_TO_SUPERVISOR)
    assert not may_override(group, [Role.SUPERVISOR])


@pytest.mark.parametrize(
    ("override", "code"),
    [
        (aside("nothing"), "unknown"),
        (aside(roles=(Role.NURSE,)), "role"),
        (aside(reason=None), "reason"),
        (aside(note="  "), "reason"),
        (aside(), "cosign"),
        (aside(cosigned_by=SOMEBODY_ELSE, cosigner_roles=(Role.NURSE,)), "cosign"),
        (aside(cosigned_by=SOMEBODY, cosigner_roles=(Role.CLINICIAN,)), "two_people"),
    ],
)
def test_setting_aside_takes_the_role_the_reason_and_another_person_s_signature(override, code):
    signed_twice = asked(PHQ9_MILD, cosigned_by=(Role.CLINICIAN,), **OPEN_TO_SUPERVISOR)
    assert override_problems(gate(signed_twice), [override])[0].sentence.code == f"gate.override.{code}"


def test_a_second_signature_by_another_person_is_taken():
    signed_twice = asked(PHQ9_MILD, cosigned_by=(Role.CLINICIAN,), **OPEN_TO_SUPERVISOR)
    override = aside(cosigned_by=SOMEBODY_ELSE, cosigner_roles=(Role.CLINICIAN,))
    assert decide(gate(signed_twice), facts(), [override]).met


def test_an_override_of_what_is_met_anyway_changes_nothing():
    mild = phq9(3, days(1))
    result = decide(gate(asked(PHQ9_MILD, **OPEN_TO_SUPERVISOR)), facts(mild), [aside()])
    assert result.criteria[0].set_aside is None
