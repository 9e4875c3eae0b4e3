"""The way on to the next phase: its gate, what it plans and cancels, and what undoing it brings back."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, PhaseStay
from pathways.queries.enrollments import next_decisions
from pathways.rules.follow_ups import Outcome
from pathways.rules.gates import State
from pathways.rules.moves import HoldReason
from tests.actions.enrollments.asking import AT_RISK, FIRST, asked, open_contacts
from tests.factories import clinic
from tests.factories.course import DAY, LATER, THERAPY, ready_for_therapy, recorded, to_therapy
from tests.factories.patients import NOW
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db
ADVANCE_QUERIES = 27


def test_a_gate_that_is_not_met_refuses_with_every_criterion(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.advance, **asked(enrollment, clinician))
    assert (refused.code, refused.status) == ("gate_not_met", 409)
    assert isinstance(refused.details, dict)
    keys = [each["key"] for each in refused.details["criteria"]]
    assert keys[:2] == ["intake-done", "withdrawal-settled"] and len(keys) == 9
    assert refused.details["of_count"] == 5, "advice is shown and holds nobody back"
    enrollment.refresh_from_db()
    assert (enrollment.version, enrollment.transitions.count()) == (1, 1)


def test_a_gate_that_is_met_lets_through_and_keeps_the_facts_as_seen(enrollment: Enrollment, clinician: Actor) -> None:
    move = to_therapy(enrollment, clinician)
    assert move.to_phase is not None and move.to_phase.key == THERAPY
    assert move.decision["met"] is True and move.facts["records"]
    assert move.decision_text["language"] == "en"
    enrollment.refresh_from_db()
    assert (enrollment.version, enrollment.current_phase) == (2, move.to_phase)
    stays = list(PhaseStay.objects.filter(enrollment=enrollment))
    assert [each.ended_at for each in stays] == [LATER, None]


def test_moving_on_cancels_what_the_old_phase_planned_and_plans_anew(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment, due_at__gt=LATER, anchor_kind="phase_entry")}
    move = to_therapy(enrollment, clinician)
    cancelled = FollowUp.objects.filter(cancelled_by_transition=move)
    assert before and {each.pk for each in cancelled} == before
    assert {each.outcome for each in cancelled} == {"cancelled"}
    keys = {each.rule_key for each in open_contacts(enrollment, due_at__gt=LATER, anchor_kind="phase_entry")}
    assert keys == {"therapy-weekly-check-in", "therapy-bam", "therapy-mood", "therapy-screen"}


def test_what_was_due_before_the_move_stays_owed(enrollment: Enrollment, clinician: Actor) -> None:
    due = {each.pk for each in open_contacts(enrollment, due_at__lte=LATER)}
    to_therapy(enrollment, clinician)
    assert due and due <= {each.pk for each in open_contacts(enrollment)}


def test_undoing_a_move_brings_back_what_it_cancelled(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment)}
    to_therapy(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Meant for somebody else"))
    assert {each.pk for each in open_contacts(enrollment)} == before
    enrollment.refresh_from_db()
    assert enrollment.current_phase is not None and enrollment.current_phase.key == FIRST
    stay = PhaseStay.objects.get(enrollment=enrollment)
    assert stay.ended_at is None


def test_a_contact_a_person_ended_is_not_brought_back(enrollment: Enrollment, clinician: Actor) -> None:
    to_come = open_contacts(enrollment, due_at__gt=LATER, anchor_kind="phase_entry")[0]
    follow_ups.close(
        by=clinician, now=LATER, follow_up_id=to_come.public_id, outcome=Outcome.DECLINED, note="Asked not to"
    )
    to_therapy(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Too early"))
    to_come.refresh_from_db()
    assert to_come.outcome == "declined"


def test_after_an_undo_the_move_may_be_recorded_for_an_earlier_day(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    after = LATER + timedelta(hours=3)
    enrollments.reverse(**asked(enrollment, clinician, after, note="Wrong hour"))
    move = enrollments.advance(**asked(enrollment, clinician, after, effective_at=LATER))
    assert move.effective_at == LATER


def test_a_move_before_the_one_before_it_is_refused_in_the_sites_time(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    refused = refusal(
        enrollments.hold,
        **asked(enrollment, clinician, LATER + DAY, reason=HoldReason.TRAVEL, review_on=date(2026, 7, 10),
                effective_at=LATER - DAY),
    )  # fmt: skip
    said = refused.fields["effective_at"]
    assert str(said.params["at"].tzinfo) == "America/New_York"


def test_evidence_found_after_the_day_of_the_move_is_not_seen(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    earlier = NOW + timedelta(hours=30)
    refused = refusal(enrollments.advance, **asked(enrollment, clinician, effective_at=earlier))
    states = {each["key"]: each["state"] for each in refused.details["criteria"]}  # type: ignore[index,call-overload]
    assert states["withdrawal-settled"] == "missing"


def test_a_flag_open_now_stands_before_a_move_dated_before_it(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    recorded(enrollment.patient, "cssrs_screen", AT_RISK, by=clinician, at=LATER + timedelta(hours=1))
    refused = refusal(enrollments.advance, **asked(enrollment, clinician, LATER + DAY, effective_at=LATER))
    states = {each["key"]: each["state"] for each in refused.details["criteria"]}  # type: ignore[index,call-overload]
    assert states["no-urgent-flag-in-stabilization"] == "unmet"


def test_a_stale_version_changes_nothing(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    refused = refusal(enrollments.advance, **asked(enrollment, clinician, expected_version=7))
    assert refused.status == 412
    assert enrollment.transitions.count() == 1


def test_a_role_the_program_does_not_name_may_not_move(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    nurse = clinic.actor(roles=[Role.NURSE], sites=[site])
    refused = refusal(enrollments.advance, **asked(enrollment, nurse, LATER + DAY))
    assert refused.status == 403


def test_undoing_needs_a_note(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, LATER + DAY, note="  "))
    assert list(refused.fields) == ["note"]


def test_a_withdrawn_word_no_longer_opens_the_gate(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    given = enrollment.attestations.get()
    attestations.withdraw(by=clinician, now=LATER, attestation_id=given.public_id)
    decision = next_decisions([Enrollment.objects.select_related().get(pk=enrollment.pk)], now=LATER)[enrollment.pk]
    states = {each.key: each.state for each in decision.criteria}
    assert states["plan-agreed"] is State.MISSING


def test_every_move_and_every_refusal_is_written_down(enrollment: Enrollment, clinician: Actor) -> None:
    refusal(enrollments.advance, **asked(enrollment, clinician))
    to_therapy(enrollment, clinician)
    found = list(
        AuditEntry.objects.filter(action="enrollment.advance", actor=clinician).values_list("outcome", flat=True)
    )
    assert sorted(found) == ["done", "refused"]


@pytest.mark.parametrize("history", [2, 30])
def test_advancing_asks_the_database_equally_often_whatever_the_history(
    enrollment: Enrollment, clinician: Actor, history: int, django_assert_num_queries: Any
) -> None:
    ready_for_therapy(enrollment, clinician)
    for number in range(history):
        recorded(enrollment.patient, "craving_vas", {"craving_vas_1": 3}, by=clinician,
                 at=NOW + timedelta(hours=number + 1))  # fmt: skip
    with django_assert_num_queries(ADVANCE_QUERIES):
        enrollments.advance(**asked(enrollment, clinician))
