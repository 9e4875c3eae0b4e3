"""The moves of an enrollment: what each changes, what it refuses, and what undoing it brings back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments, follow_ups
from pathways.actions.enrollments.gating import SetAside
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, OverrideRequest, PhaseStay, Transition
from pathways.queries.enrollments import next_decisions
from pathways.rules.follow_ups import Outcome
from pathways.rules.gates import OverrideReason, State
from pathways.rules.moves import Destination, DischargeReason, HoldReason, StepBackReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER, THERAPY, ready_for_therapy, recorded, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
ADVANCE_QUERIES = 27
AT_RISK = {f"cssrs_{number}": "yes" for number in (1, 2, 3, 4, 5, 6, "6b")}
FIRST = "assessment-and-stabilization"
WAITING = SetAside(("withdrawal-settled",), OverrideReason.CLINICAL_JUDGEMENT, "Settled, told by phone")


def refusal(verb: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as found:
        verb(**given)
    return found.value


def asked(row: Enrollment, by: Actor, now: datetime = LATER, **given: Any) -> dict[str, Any]:
    return {"by": by, "now": now, "enrollment_id": row.public_id} | given


def open_contacts(row: Enrollment, **chosen: Any) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(enrollment=row, **chosen).order_by("due_on", "id"))


# -- admission --------------------------------------------------------------------------------------------------------


def test_an_admission_opens_the_first_phase_and_plans_its_contacts(enrollment: Enrollment) -> None:
    assert enrollment.status == "active"
    assert enrollment.current_phase is not None and enrollment.current_phase.key == FIRST
    assert PhaseStay.objects.get(enrollment=enrollment).ended_at is None
    keys = {each.rule_key for each in open_contacts(enrollment)}
    assert keys == {
        "welcome", "stabilization-daily-contact", "stabilization-weekly-contact", "liver-and-ecg-at-intake",
        "liver-and-ecg-again",
    }  # fmt: skip


def test_an_admission_may_take_effect_in_the_past(site: Site, clinician: Actor) -> None:
    person = patients.patient(site, by=clinician)
    row = pathways.enrolled(person, by=clinician, site=site, effective_at=NOW - 3 * DAY)
    move = row.transitions.get()
    assert (move.effective_at, move.recorded_at) == (NOW - 3 * DAY, NOW)
    assert row.opened_at == NOW - 3 * DAY


def test_an_admission_in_the_future_is_refused(site: Site, clinician: Actor) -> None:
    person = patients.patient(site, by=clinician)
    pathways.program(now=NOW - DAY)
    refused = refusal(
        enrollments.enroll, by=clinician, now=NOW, patient_id=person.public_id, program_key=pathways.KRATOM,
        effective_at=NOW + DAY,
    )  # fmt: skip
    assert (refused.status, list(refused.fields)) == (422, ["effective_at"])


def test_a_second_open_enrollment_is_refused_with_its_sentence(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(
        enrollments.enroll, by=clinician, now=LATER, patient_id=enrollment.patient.public_id,
        program_key=pathways.KRATOM,
    )  # fmt: skip
    assert (refused.code, refused.status) == ("enrollment_one_open", 409)
    assert refused.sentence.code == "constraint.enrollment_one_open"
    assert Enrollment.objects.count() == 1


def test_an_open_emergency_stands_before_the_admission(site: Site, clinician: Actor) -> None:
    person = patients.patient(site, by=clinician)
    pathways.program(now=NOW - DAY)
    recorded(person, "cssrs_screen", AT_RISK, by=clinician, at=NOW - timedelta(hours=2))
    refused = refusal(
        enrollments.enroll, by=clinician, now=NOW, patient_id=person.public_id, program_key=pathways.KRATOM
    )
    assert refused.code == "gate_not_met"
    assert not Enrollment.objects.exists()


def test_somebody_foreign_is_not_found(enrollment: Enrollment) -> None:
    stranger = clinic.actor(roles=[Role.CLINICIAN], sites=[clinic.site()])
    refused = refusal(enrollments.resume, **asked(enrollment, stranger))
    assert refused.status == 404


# -- advance ----------------------------------------------------------------------------------------------------------


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


# -- overrides --------------------------------------------------------------------------------------------------------


def test_an_override_that_needs_a_second_signature_is_refused_without(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    refused = refusal(enrollments.advance, **asked(enrollment, clinician, set_aside=WAITING))
    assert (refused.code, refused.status) == ("override_not_allowed", 422)


def test_an_override_with_a_second_signature_is_used_once(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrollments.cosign_override(by=supervisor, now=LATER, request_id=request.public_id)
    move = enrollments.advance(**asked(enrollment, clinician))
    request.refresh_from_db()
    assert (request.used_in, move.cosigned_by) == (move, supervisor)
    assert move.override == {"criteria": ["withdrawal-settled"]}
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Too early"))
    again = refusal(enrollments.advance, **asked(enrollment, clinician, LATER + timedelta(hours=2)))
    assert again.code == "gate_not_met"


def test_nobody_signs_their_own_request(enrollment: Enrollment, clinician: Actor) -> None:
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    refused = refusal(enrollments.cosign_override, by=clinician, now=LATER, request_id=request.public_id)
    assert refused.code == "cosign_own"


def test_a_declined_request_opens_no_gate(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrollments.decline_override(by=supervisor, now=LATER, request_id=request.public_id)
    assert refusal(enrollments.advance, **asked(enrollment, clinician)).code == "gate_not_met"
    late = refusal(enrollments.cosign_override, by=supervisor, now=LATER, request_id=request.public_id)
    assert late.code == "override_decided"


def test_a_signature_expires_after_a_week(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    refused = refusal(enrollments.cosign_override, by=supervisor, now=LATER + 8 * DAY, request_id=request.public_id)
    assert refused.code == "override_decided"


def test_a_required_criterion_cannot_be_asked_to_be_set_aside(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(
        enrollments.request_override,
        **asked(enrollment, clinician, criteria=("plan-agreed",), reason=WAITING.reason, note=WAITING.note),
    )
    assert refused.status == 422 and not OverrideRequest.objects.exists()


def test_an_api_client_may_not_override(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    client = clinic.api_client(scopes=["enrollments.write", "enrollments.read"], sites=[site]).actor
    refused = refusal(enrollments.advance, **asked(enrollment, client, set_aside=WAITING))
    assert refused.status == 403
    asking = refusal(
        enrollments.request_override,
        **asked(enrollment, client, criteria=WAITING.criteria, reason=WAITING.reason, note=WAITING.note),
    )
    assert asking.status == 403


# -- step back, hold, resume ------------------------------------------------------------------------------------------


def test_a_step_back_needs_its_reason_and_opens_a_stay_of_its_own(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    later = LATER + 5 * DAY
    move = enrollments.step_back(**asked(enrollment, clinician, later, reason=StepBackReason.RETURN_TO_USE))
    stay = PhaseStay.objects.get(enrollment=enrollment, ended_at__isnull=True)
    assert (stay.is_step_back, stay.phase.key, move.kind) == (True, FIRST, "step_back")
    keys = {each.rule_key for each in open_contacts(enrollment, anchor_id=move.public_id)}
    assert keys == {"stabilization-daily-contact", "stabilization-weekly-contact"}


def test_a_step_back_leaves_the_contacts_after_a_return_to_use(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    later = LATER + 5 * DAY
    event = record_return_to_use(
        by=clinician, now=later, enrollment_id=enrollment.public_id, effective_at=later - timedelta(hours=5)
    )
    owed = len(open_contacts(enrollment, anchor_id=event.public_id))
    enrollments.step_back(**asked(enrollment, clinician, later, reason=StepBackReason.RETURN_TO_USE))
    assert len(open_contacts(enrollment, anchor_id=event.public_id)) == owed > 0


def test_a_reason_that_does_not_belong_to_the_way_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    refused = refusal(enrollments.step_back, **asked(enrollment, clinician, LATER + DAY, reason=HoldReason.TRAVEL))
    assert (refused.status, list(refused.fields)) == (422, ["reason"])


def held(row: Enrollment, by: Actor, review_on: date = date(2026, 7, 10)) -> Transition:
    return enrollments.hold(**asked(row, by, reason=HoldReason.TRAVEL, review_on=review_on))


def test_a_hold_is_reviewed_on_the_day_that_was_chosen(enrollment: Enrollment, clinician: Actor) -> None:
    move = held(enrollment, clinician)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("on_hold", date(2026, 7, 10))
    reviews = open_contacts(enrollment, anchor_id=move.public_id)
    assert reviews[0].due_on == date(2026, 7, 10)
    assert all(each.due_on > date(2026, 7, 10) for each in reviews[1:])


def test_a_review_in_the_past_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(
        enrollments.hold,
        **asked(enrollment, clinician, reason=HoldReason.TRAVEL, review_on=date(2026, 6, 1)),
    )
    assert list(refused.fields) == ["review_on"]


def test_a_hold_cancels_what_is_to_come_and_resuming_brings_it_back(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment, due_at__gt=LATER + 2 * DAY)}
    move = held(enrollment, clinician)
    assert not open_contacts(enrollment, anchor_kind="phase_entry", due_at__gt=LATER)
    enrollments.resume(**asked(enrollment, clinician, LATER + 2 * DAY))
    assert {each.pk for each in open_contacts(enrollment, due_at__gt=LATER + 2 * DAY)} == before
    assert not open_contacts(enrollment, anchor_id=move.public_id)


def test_undoing_a_resumption_holds_again_with_its_review(enrollment: Enrollment, clinician: Actor) -> None:
    move = held(enrollment, clinician)
    waiting = {each.pk for each in open_contacts(enrollment)}
    enrollments.resume(**asked(enrollment, clinician, LATER + 2 * DAY))
    enrollments.reverse(**asked(enrollment, clinician, LATER + 2 * DAY + timedelta(hours=1), note="Not back yet"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("on_hold", date(2026, 7, 10))
    assert {each.pk for each in open_contacts(enrollment)} == waiting
    assert open_contacts(enrollment, anchor_id=move.public_id)


def test_undoing_a_hold_brings_everything_back(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment)}
    held(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Stays after all"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("active", None)
    assert {each.pk for each in open_contacts(enrollment)} == before


def test_nobody_moves_on_while_on_hold(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    held(enrollment, clinician)
    assert refusal(enrollments.advance, **asked(enrollment, clinician, LATER + DAY)).status == 409


# -- discharge, readmission, undo -------------------------------------------------------------------------------------


def discharged(row: Enrollment, by: Actor, **given: Any) -> Transition:
    told: dict[str, Any] = {"reason": DischargeReason.CHOSE_TO_LEAVE, "destination": Destination.HOME} | given
    return enrollments.discharge(**asked(row, by, **told))


def test_a_discharge_plans_the_contacts_of_day_2_7_14_and_30(enrollment: Enrollment, clinician: Actor) -> None:
    move = discharged(enrollment, clinician)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.current_phase, enrollment.ended_at) == ("left", None, LATER)
    left_on = LATER.astimezone(enrollment.site.zone).date()
    days = [(each.due_on - left_on).days for each in open_contacts(enrollment, anchor_id=move.public_id)]
    assert days[:4] == [2, 7, 14, 30]


def test_after_a_death_no_contact_is_owed(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician, reason=DischargeReason.DIED)
    assert not open_contacts(enrollment)


def test_completion_goes_through_the_last_gate(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.discharge, **asked(enrollment, clinician, reason=DischargeReason.COMPLETED))
    assert refused.status in (409, 422)
    enrollment.refresh_from_db()
    assert enrollment.status == "active"


def test_an_end_by_the_clinic_needs_a_note(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.discharge, **asked(enrollment, clinician, reason=DischargeReason.ENDED_BY_CLINIC))
    assert list(refused.fields) == ["note"]


def test_a_readmission_opens_a_new_enrollment_on_the_current_version(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    named = pathways.document()["program"] | {"summary": "The second edition"}
    newer = pathways.program(changed={"program": named}, now=LATER + DAY)
    back = enrollments.readmit(**asked(enrollment, clinician, LATER + 2 * DAY, to_phase=FIRST))
    assert (back.readmission_of, back.program_version, back.status) == (enrollment, newer, "active")
    assert back.pk != enrollment.pk and back.transitions.get().kind == "readmit"
    enrollment.refresh_from_db()
    assert enrollment.status == "left"


def test_somebody_who_has_died_is_not_readmitted(enrollment: Enrollment, clinician: Actor) -> None:
    from clinic.actions.verbs import allow_direct_writes

    discharged(enrollment, clinician)
    with allow_direct_writes():
        type(enrollment.patient).objects.filter(pk=enrollment.patient_id).update(died_on=date(2026, 6, 20))
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician, LATER + 2 * DAY))
    assert refused.code == "patient_closed"


def test_a_readmission_before_the_discharge_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician, LATER + DAY, effective_at=LATER - DAY))
    assert list(refused.fields) == ["effective_at"]


def test_somebody_who_is_under_way_is_not_readmitted(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician))
    assert refused.code == "enrollment_one_open"


def test_undoing_a_discharge_opens_the_enrollment_again(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment)}
    discharged(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Stays after all"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.ended_at) == ("active", None)
    assert enrollment.current_phase is not None and enrollment.current_phase.key == FIRST
    assert PhaseStay.objects.get(enrollment=enrollment).ended_at is None
    assert {each.pk for each in open_contacts(enrollment)} == before


def test_a_discharge_is_not_undone_once_somebody_came_back(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    enrollments.readmit(**asked(enrollment, clinician, LATER + DAY, to_phase=FIRST))
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, LATER + 2 * DAY, note="Not so"))
    assert (refused.code, refused.status) == ("built_upon", 409)


def test_an_admission_is_not_undone_but_discharged(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, note="Wrong person"))
    assert refused.sentence.code == "enrollment.refused.reverse_admission"


def test_undoing_needs_a_note(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, LATER + DAY, note="  "))
    assert list(refused.fields) == ["note"]


# -- counselor, facts, record -----------------------------------------------------------------------------------------


def test_a_new_counselor_takes_over_what_was_the_formers(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    counselor = clinic.actor(roles=[Role.COUNSELOR], sites=[site])
    row = enrollments.assign_counselor(**asked(enrollment, clinician, counselor_id=counselor.public_id))
    assert (row.counselor, row.version) == (counselor, 3)
    owed = open_contacts(enrollment, owner_role=Role.COUNSELOR)
    assert owed and {each.owner for each in owed} == {counselor}


def test_a_counselor_of_another_site_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    elsewhere = clinic.actor(roles=[Role.COUNSELOR], sites=[clinic.site()])
    refused = refusal(enrollments.assign_counselor, **asked(enrollment, clinician, counselor_id=elsewhere.public_id))
    assert list(refused.fields) == ["counselor"]


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
