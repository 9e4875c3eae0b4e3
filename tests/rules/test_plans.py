"""Plans: where a line may stand, what a signature holds for, when a plan is looked at again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pathways.rules.plans import (
    ElementStatus,
    Line,
    PlanElementKind,
    PlanKind,
    PlanSigner,
    PlanStanding,
    Reviewed,
    ReviewFacts,
    Signed,
    content_digest,
    diagnosis_problem,
    ending_problem,
    holding,
    parent_problem,
    review_due,
    signed,
)

E = PlanElementKind
NOW = datetime(2026, 6, 16, 13, tzinfo=UTC)
DAY = timedelta(days=1)
GOAL = Line("b", "a", E.GOAL, ElementStatus.ACTIVE, "Sleep through the night", own_words="I want to sleep")


def test_problem_goal_objective_and_intervention_stand_one_under_the_other() -> None:
    assert parent_problem(PlanKind.CARE, E.PROBLEM, None) is None
    assert parent_problem(PlanKind.CARE, E.GOAL, E.PROBLEM) is None
    assert parent_problem(PlanKind.CARE, E.OBJECTIVE, E.GOAL) is None
    assert parent_problem(PlanKind.CARE, E.INTERVENTION, E.OBJECTIVE) is None


@pytest.mark.parametrize(
    ("plan", "kind", "parent", "code"),
    [
        (PlanKind.CARE, E.GOAL, None, "parent"),
        (PlanKind.CARE, E.INTERVENTION, E.GOAL, "parent"),
        (PlanKind.CARE, E.PROBLEM, E.PROBLEM, "stands_alone"),
        (PlanKind.CARE, E.TRIGGER, None, "kind"),
        (PlanKind.RECOVERY, E.GOAL, None, "kind"),
        (PlanKind.RECOVERY, E.COPING_STRATEGY, E.TRIGGER, "stands_alone"),
    ],
)
def test_a_line_stands_nowhere_else(
    plan: PlanKind, kind: PlanElementKind, parent: PlanElementKind | None, code: str
) -> None:
    said = parent_problem(plan, kind, parent)
    assert said is not None and said.code == f"plan.refused.{code}"


@pytest.mark.parametrize(
    ("code", "fits"), [("", True), ("F11.20", True), ("F11", True), ("f11.20", False), ("F1", False)]
)
def test_a_diagnosis_is_an_icd_10_cm_code(code: str, fits: bool) -> None:
    assert (diagnosis_problem(code) is None) is fits


def test_a_goal_is_complete_once_nothing_beneath_it_is_open() -> None:
    assert ending_problem(ElementStatus.COMPLETE, 0) is None
    assert ending_problem(ElementStatus.COMPLETE, 2) is not None
    assert ending_problem(ElementStatus.STOPPED, 2) is None


def digest_of(*lines: Line, words: str = "") -> str:
    return content_digest(PlanKind.CARE, words, lines)


@pytest.mark.parametrize(
    "changed",
    [
        replace(GOAL, text="Sleep"),
        replace(GOAL, own_words=""),
        replace(GOAL, owner="somebody"),
        replace(GOAL, due_on=date(2026, 7, 1)),
        replace(GOAL, parent="c"),
        replace(GOAL, position=3),
        replace(GOAL, status=ElementStatus.STOPPED),
    ],
)
def test_what_was_agreed_changes_the_content(changed: Line) -> None:
    assert digest_of(GOAL) != digest_of(changed)


def test_progress_and_the_order_of_rows_do_not() -> None:
    other = replace(GOAL, key="a", parent=None, kind=E.PROBLEM)
    assert digest_of(GOAL, other) == digest_of(other, replace(GOAL, status=ElementStatus.COMPLETE))
    assert digest_of(GOAL) == digest_of(replace(GOAL, status=ElementStatus.ON_HOLD))


def test_a_signature_holds_only_for_the_content_it_was_given_on() -> None:
    given = Signed(PlanSigner.PATIENT, "Ada", NOW, digest_of(GOAL))
    standing = PlanStanding(digest_of(GOAL), NOW - DAY, (given,))
    assert signed(standing) and signed(standing, PlanSigner.PATIENT)
    assert not signed(standing, PlanSigner.STAFF)
    assert not signed(replace(standing, digest=digest_of(replace(GOAL, text="Other"))))


def test_a_plan_changed_and_changed_back_is_signed_anew() -> None:
    given = Signed(PlanSigner.PATIENT, "Ada", NOW, digest_of(GOAL))
    assert not signed(PlanStanding(digest_of(GOAL), NOW + DAY, (given,)))


def test_somebody_who_signed_twice_is_named_once() -> None:
    first = Signed(PlanSigner.STAFF, "Ben", NOW, digest_of(GOAL))
    again = replace(first, at=NOW + DAY)
    assert holding(PlanStanding(digest_of(GOAL), NOW, (again, first))) == (again,)


TODAY = date(2026, 6, 16)
OPENED = ReviewFacts(
    opened_at=NOW - 9 * DAY, phase="one", phase_title="One", entered_at=NOW - 10 * DAY, entered_on=date(2026, 6, 6)
)


def test_a_plan_made_in_this_phase_without_a_day_owes_no_review() -> None:
    assert review_due(OPENED, TODAY) is None


def test_a_change_of_phase_asks_for_a_review() -> None:
    moved = replace(OPENED, phase="two", phase_title="Two", entered_at=NOW - DAY, entered_on=date(2026, 6, 15))
    due = review_due(moved, TODAY)
    assert due is not None and due.is_due and due.on == date(2026, 6, 15)
    assert due.reason.code == "plan.review.phase"


def test_a_review_in_the_new_phase_answers_it() -> None:
    moved = replace(OPENED, phase="two", entered_at=NOW - 2 * DAY, entered_on=date(2026, 6, 14))
    assert review_due(replace(moved, last=Reviewed(NOW - DAY, "two")), TODAY) is None


def test_a_move_recorded_late_asks_for_a_review_all_the_same() -> None:
    moved = replace(OPENED, phase="two", entered_at=NOW - 3 * DAY, entered_on=date(2026, 6, 13))
    due = review_due(replace(moved, last=Reviewed(NOW - DAY, "one")), TODAY)
    assert due is not None and due.is_due


@pytest.mark.parametrize(
    ("on", "is_due", "code"),
    [(date(2026, 6, 20), False, "day"), (TODAY, True, "day"), (date(2026, 6, 10), True, "overdue")],
)
def test_the_day_that_was_set_asks_for_it_too(on: date, is_due: bool, code: str) -> None:
    due = review_due(replace(OPENED, review_on=on), TODAY)
    assert due is not None and (due.on, due.is_due, due.reason.code) == (on, is_due, f"plan.review.{code}")
