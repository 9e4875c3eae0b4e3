"""Plans: what stands in them, what is complete, and what a signature holds for."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways.rules.gates import State
from pathways.rules.gates.plans import PlanElement, PlanItem, PlanPart, PlanStanding, PlanState
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind
from tests.rules.gate_ground import NOW, days, found, noted, read

E, P = ElementStatus, PlanPart
RECOVERY_SIGNED = PlanElement(PlanKind.RECOVERY, P.PLAN, PlanState.SIGNED)
CARE_REVIEWED = PlanElement(PlanKind.CARE, P.PLAN, PlanState.REVIEWED, within_days=30)
TWO_GOALS = PlanElement(PlanKind.CARE, P.GOAL, PlanState.COMPLETE, at_least=2)


def plan(kind: PlanKind = PlanKind.CARE, changed: timedelta = timedelta(days=10), **ago: timedelta) -> PlanStanding:
    """An open plan; `signed_by_patient`, `reviewed`: how long ago."""
    moments = {f"{name}_at": NOW - since for name, since in ago.items()}
    return PlanStanding(UUID(int=1), kind, NOW - days(20), NOW - changed, **moments)


def item(status: E = E.ACTIVE, ago: timedelta | None = None, kind: PlanElementKind = PlanElementKind.GOAL) -> PlanItem:
    completed_at = NOW - (ago or days(1)) if status is E.COMPLETE else None
    return PlanItem(UUID(int=2), PlanKind.CARE, kind, status, completed_at)


def test_a_plan_that_is_not_open_is_missing():
    result = found(RECOVERY_SIGNED, plan(PlanKind.CARE, signed_by_patient=days(1)))
    assert (result.state, say(result.next_step)) == (State.MISSING, "Open it: Recovery plan")


def test_a_plan_that_is_there_is_present():
    assert found(PlanElement(PlanKind.CARE, P.PLAN, PlanState.PRESENT), plan()).state is State.MET


def test_a_signature_on_the_plan_as_it_stands_holds():
    result = found(RECOVERY_SIGNED, plan(PlanKind.RECOVERY, days(10), signed_by_patient=days(2)))
    assert (result.state, result.lapses_on) == (State.MET, None)
    assert [(each.type, each.public_id) for each in result.evidence] == [("plan", UUID(int=1))]


def test_a_plan_changed_since_it_was_signed_is_to_be_signed_again():
    result = found(RECOVERY_SIGNED, plan(PlanKind.RECOVERY, days(1), signed_by_patient=days(2)))
    assert result.state is State.EXPIRED
    assert say(result.found) == "Too old: it has changed since it was signed on Tue 16 Jun."


def test_only_the_patient_s_own_signature_counts():
    assert found(RECOVERY_SIGNED, plan(PlanKind.RECOVERY, signed_by_staff=days(1))).state is State.MISSING


def test_a_signature_after_the_moment_asked_about_is_not_seen():
    assert found(RECOVERY_SIGNED, plan(PlanKind.RECOVERY, signed_by_patient=-days(1))).state is State.MISSING


def test_a_review_holds_for_its_days():
    assert found(CARE_REVIEWED, plan()).state is State.MISSING
    result = found(CARE_REVIEWED, plan(reviewed=days(30)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert found(CARE_REVIEWED, plan(reviewed=days(31))).state is State.EXPIRED


def test_elements_are_counted_whatever_their_state_but_stopped():
    two = PlanElement(PlanKind.CARE, P.GOAL, PlanState.PRESENT, at_least=2)
    assert found(two, plan(), item(), item(E.COMPLETE)).state is State.MET
    assert found(two, plan(), item(), item(E.STOPPED)).state is State.UNMET
    assert found(two, plan(), item(kind=PlanElementKind.PROBLEM)).state is State.MISSING


def test_so_many_goals_must_be_complete():
    one = found(TWO_GOALS, plan(), item(E.COMPLETE), item())
    assert (one.state, say(one.found)) == (State.UNMET, "1 of 2 complete.")
    assert found(TWO_GOALS, plan(), item(E.COMPLETE), item(E.COMPLETE)).state is State.MET
    assert found(TWO_GOALS, plan()).state is State.MISSING


def test_what_was_completed_too_long_ago_is_too_old():
    lately = PlanElement(PlanKind.CARE, P.GOAL, PlanState.COMPLETE, within_days=7)
    result = found(lately, plan(), item(E.COMPLETE, days(7)))
    assert (result.state, result.lapses_on) == (State.MET, date(2026, 6, 18))
    assert found(lately, plan(), item(E.COMPLETE, days(8))).state is State.EXPIRED


def test_a_plan_is_complete_when_everything_in_it_is_complete_or_stopped():
    whole = PlanElement(PlanKind.CARE, P.PLAN, PlanState.COMPLETE)
    assert found(whole, plan()).state is State.MISSING
    assert found(whole, plan(), item(E.COMPLETE), item()).state is State.UNMET
    assert found(whole, plan(), item(E.COMPLETE), item(E.STOPPED)).state is State.MET


def test_every_kind_of_element_can_be_asked_for():
    assert {each.value for each in PlanPart} == {"plan", *(each.value for each in PlanElementKind)}


statuses = st.lists(st.sampled_from(E), max_size=6).map(lambda found: [item(each) for each in found])


@given(statuses, st.sampled_from([TWO_GOALS, PlanElement(PlanKind.CARE, P.GOAL, PlanState.PRESENT, at_least=2)]))
def test_one_more_goal_completed_never_moves_the_criterion_away(known, rule):
    before, after = found(rule, plan(), *known), found(rule, plan(), item(E.COMPLETE), *known)
    assert not (before.state is State.MET and after.state is not State.MET)


def test_it_is_read_as_it_is_written():
    result, problems = read(
        {"key": "a", "source": "x", "kind": "plan_element", "plan": "recovery", "element": "coping_strategy",
         "state": "present", "at_least": 3},
    )  # fmt: skip
    assert not problems
    assert result.criteria[0].kind == PlanElement(PlanKind.RECOVERY, P.COPING_STRATEGY, PlanState.PRESENT, 3)


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"plan": "meal"}, "plan", "not_one_of"),
        ({"element": "trigger"}, "element", "not_in_plan"),
        ({"state": "signed"}, "state", "whole_plan_only"),
        ({"within_days": 7}, "within_days", "no_day"),
        ({"element": "plan", "at_least": 2}, "at_least", "one_plan"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_path(changes, path, problem):
    written = {"kind": "plan_element", "plan": "care", "element": "goal", "state": "present"}
    assert (path, problem) in noted(**{**written, **changes})
