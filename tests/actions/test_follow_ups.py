"""Follow-ups end once, climb when nobody answers, may be taken back for a moment, and carry their messages along."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from django.db import connection

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, findings
from pathways.actions import follow_ups as acts
from pathways.actions.reminders import plan
from pathways.models import CallResult, FollowUp, Reminder
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason
from patients.models import Assessment
from tests.factories import clinic as make
from tests.factories import course, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
MORNING = NOW + timedelta(days=1)


@pytest.fixture
def row(site: Site, by: Actor) -> FollowUp:
    """The first daily contact of somebody who can be written to: tomorrow morning, a message, then calls."""
    patient = patients.patient(site, by=by, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(patient, by=by, site=site)
    return enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)


def _called(row: FollowUp, by: Actor, result: Result, at: datetime = MORNING, **given: object) -> FollowUp:
    acts.record_call(by=by, now=at, follow_up_id=row.public_id, result=result, **given)  # type: ignore[arg-type]
    row.refresh_from_db()
    return row


def _statuses(row: FollowUp) -> list[str]:
    return list(row.reminders.order_by("pk").values_list("status", flat=True))


def test_a_person_who_was_reached_ends_it_and_its_message_is_withdrawn(row: FollowUp, by: Actor) -> None:
    assert _statuses(row) == ["planned"]
    _called(row, by, Result.REACHED, note="doing well")
    assert (row.outcome, row.outcome_note, row.closed_by, row.version) == ("reached", "doing well", by, 2)
    assert _statuses(row) == ["cancelled"]


def test_no_answer_waits_for_another_hour_of_the_next_day(row: FollowUp, by: Actor) -> None:
    _called(row, by, Result.NO_ANSWER)
    assert row.outcome == ""
    assert row.act_at == MORNING + timedelta(hours=27)


def test_two_calls_without_an_answer_climb_to_the_supervisor(row: FollowUp, by: Actor) -> None:
    due = row.due_at
    acts.climb_ladders(by=make.job(), now=due + timedelta(hours=4))
    row.refresh_from_db()
    assert row.rung == 1
    _called(row, by, Result.NO_ANSWER, at=due + timedelta(hours=5))
    assert row.rung == 1
    _called(row, by, Result.LEFT_MESSAGE, at=due + timedelta(hours=9))
    assert (row.rung, row.owner_role, row.outcome) == (2, Role.SUPERVISOR, "")


def test_silence_climbs_by_itself_and_stops_at_a_person(row: FollowUp) -> None:
    for days in range(1, 9):
        acts.climb_ladders(by=make.job(), now=row.due_at + timedelta(days=days))
    row.refresh_from_db()
    assert (row.rung, row.outcome, row.climbs_at) == (2, "", None)


def test_an_undone_call_leaves_it_as_it_stood(row: FollowUp, by: Actor) -> None:
    before = {
        name: getattr(row, name) for name in ("rung", "rung_since", "act_at", "climbs_at", "outcome", "closed_at")
    }
    at = NOW + timedelta(hours=1)
    _called(row, by, Result.REACHED, at=at)
    call = CallResult.objects.get(follow_up=row)
    acts.undo_call(by=by, now=at + timedelta(minutes=9), call_id=call.public_id)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in before} == before
    assert _statuses(row) == ["planned"]


def test_a_call_is_taken_back_only_for_ten_minutes_and_only_by_whoever_made_it(row: FollowUp, by: Actor) -> None:
    other = make.actor(roles=[Role.NURSE], sites=[row.site])
    _called(row, by, Result.REACHED)
    call = CallResult.objects.get(follow_up=row)
    for who, after in ((other, timedelta(minutes=1)), (by, timedelta(minutes=11))):
        with pytest.raises(Refused, match="call_not_undoable"):
            acts.undo_call(by=who, now=MORNING + after, call_id=call.public_id)
    row.refresh_from_db()
    assert row.outcome == "reached"


def test_only_the_newest_call_can_be_taken_back(row: FollowUp, by: Actor) -> None:
    _called(row, by, Result.NO_ANSWER)
    first = CallResult.objects.get(follow_up=row)
    _called(row, by, Result.NO_ANSWER, at=MORNING + timedelta(minutes=1))
    with pytest.raises(Refused, match="call_not_undoable"):
        acts.undo_call(by=by, now=MORNING + timedelta(minutes=2), call_id=first.public_id)


def test_what_has_ended_cannot_end_again(row: FollowUp, by: Actor) -> None:
    _called(row, by, Result.DECLINED)
    verbs: list[Callable[[], object]] = [
        lambda: acts.record_call(by=by, now=MORNING, follow_up_id=row.public_id, result=Result.REACHED),
        lambda: acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.KEPT),
        lambda: acts.reschedule(by=by, now=MORNING, follow_up_id=row.public_id, on=MORNING.date()),
        lambda: acts.assign(by=by, now=MORNING, follow_up_id=row.public_id, owner_id=None),
    ]
    for verb in verbs:
        with pytest.raises(Refused, match="follow_up_closed"):
            verb()


def test_another_day_withdraws_the_old_message_and_plans_a_new_one(row: FollowUp, by: Actor) -> None:
    on = (NOW + timedelta(days=4)).date()
    acts.reschedule(by=by, now=NOW, follow_up_id=row.public_id, on=on, at=time(11))
    row.refresh_from_db()
    assert (row.due_on, row.due_time, row.by_hand, row.rung, row.plan_version) == (on, time(11), True, 0, 2)
    old, new = row.reminders.order_by("pk")
    assert (old.status, old.subject_version) == ("cancelled", 1)
    assert (new.status, new.subject_version, new.due_on, new.due_time) == ("planned", 2, on, time(11))


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ((NOW - timedelta(days=1)).date(), "follow_up.refused.date"),
        ((NOW + timedelta(days=800)).date(), "follow_up.refused.too_far"),
        (date.min, "follow_up.refused.date"),
        (date.max, "follow_up.refused.too_far"),
    ],
)
def test_a_day_in_the_past_or_too_far_off_is_refused(row: FollowUp, by: Actor, on: date, said: str) -> None:
    with pytest.raises(Refused) as refused:
        acts.reschedule(by=by, now=NOW, follow_up_id=row.public_id, on=on)
    assert (refused.value.status, refused.value.fields["on"].code) == (422, said)
    assert _statuses(row) == ["planned"]


def test_nobody_is_called_unreachable_without_a_word_why(row: FollowUp, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.UNREACHABLE, note="  ")
    assert refused.value.fields.keys() == {"note"}
    acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.UNREACHABLE, note="Number is gone.")
    row.refresh_from_db()
    assert row.outcome == "unreachable"


def test_no_machine_gives_up_on_anybody(row: FollowUp) -> None:
    with pytest.raises(Refused, match="outcome_not_allowed"):
        acts.close(by=make.job(), now=MORNING, follow_up_id=row.public_id, outcome=Outcome.UNREACHABLE, note="x")


def test_no_program_gives_up_on_anybody_or_says_it_was_replaced(site: Site, row: FollowUp) -> None:
    by = make.api_client(scopes=["follow_ups.write"], sites=[site]).actor
    for outcome in (Outcome.UNREACHABLE, Outcome.SUPERSEDED):
        with pytest.raises(Refused, match="outcome_not_allowed"):
            acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=outcome, note="x")
    acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.CANCELLED, note="Asked for.")


def test_a_contact_is_left_for_the_next_one_of_its_kind(row: FollowUp, by: Actor) -> None:
    acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.RESCHEDULED)
    row.refresh_from_db()
    assert (row.outcome, _statuses(row)) == ("rescheduled", ["cancelled"])
    assert row.enrollment.follow_ups.open().filter(rule_key=row.rule_key, due_at__gt=row.due_at).exists()


def test_the_last_contact_of_its_kind_is_given_another_day_and_stays_owed(row: FollowUp, by: Actor) -> None:
    last = row.enrollment.follow_ups.filter(rule_key=row.rule_key).latest("due_at")
    with pytest.raises(Refused, match="nothing_to_come"):
        acts.close(by=by, now=MORNING, follow_up_id=last.public_id, outcome=Outcome.RESCHEDULED)
    last.refresh_from_db()
    assert not last.outcome


def test_a_contact_is_not_left_for_one_that_is_over(row: FollowUp, by: Actor) -> None:
    of_kind = row.enrollment.follow_ups.filter(rule_key=row.rule_key)
    late = of_kind.latest("due_at").due_at + timedelta(hours=1)
    with pytest.raises(Refused, match="nothing_to_come"):
        acts.close(by=by, now=late, follow_up_id=row.public_id, outcome=Outcome.RESCHEDULED)


def test_no_person_says_it_was_replaced(row: FollowUp, by: Actor) -> None:
    with pytest.raises(Refused, match="outcome_not_allowed"):
        acts.close(by=by, now=MORNING, follow_up_id=row.public_id, outcome=Outcome.SUPERSEDED)


def test_it_is_given_only_to_staff_of_its_site(row: FollowUp, by: Actor) -> None:
    near, far = make.actor(roles=[Role.NURSE], sites=[row.site]), make.actor(roles=[Role.NURSE], sites=[make.site()])
    acts.assign(by=by, now=NOW, follow_up_id=row.public_id, owner_id=near.public_id)
    row.refresh_from_db()
    assert row.owner == near
    with pytest.raises(Refused) as refused:
        acts.assign(by=by, now=NOW, follow_up_id=row.public_id, owner_id=far.public_id)
    assert refused.value.fields.keys() == {"owner"}


def test_what_one_did_not_see_is_not_overwritten(row: FollowUp, by: Actor) -> None:
    _called(row, by, Result.NO_ANSWER)
    with pytest.raises(Refused) as refused:
        _called(row, by, Result.REACHED, expected_version=1)
    assert refused.value.status == 412


def test_somebody_elses_patient_looks_like_none(row: FollowUp) -> None:
    stranger = make.actor(roles=[Role.NURSE], sites=[make.site()])
    with pytest.raises(Refused) as refused:
        _called(row, stranger, Result.REACHED)
    assert refused.value.status == 404


def test_who_only_plans_programs_records_no_calls(row: FollowUp) -> None:
    manager = make.actor(roles=[Role.PROGRAM_MANAGER], sites=[row.site])
    with pytest.raises(Refused) as refused:
        _called(row, manager, Result.REACHED)
    assert refused.value.status == 403
    assert AuditEntry.objects.filter(action="follow_up.record_call", outcome="refused", actor=manager).exists()


def test_an_assessment_answers_the_questionnaire_that_waited_for_it(site: Site, by: Actor) -> None:
    patient = patients.patient(site, by=by, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(patient, by=by, site=site)
    course.to_therapy(enrolled, by)
    form = enrolled.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    assert _statuses(form) == ["planned"]
    course.recorded(patient, "phq9", by=by, at=form.due_at - timedelta(days=8))
    form.refresh_from_db()
    assert form.outcome == ""
    course.recorded(patient, "phq9", by=by, at=form.due_at - timedelta(days=2))
    form.refresh_from_db()
    assert form.outcome == "kept"
    assert _statuses(form) == ["cancelled"]


def _answered(site: Site, by: Actor, early: timedelta = timedelta(days=2)) -> tuple[FollowUp, Assessment]:
    """A questionnaire of the second phase, and the form that answered it some days before it was due."""
    patient = patients.patient(site, by=by, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(patient, by=by, site=site)
    course.to_therapy(enrolled, by)
    form = enrolled.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    made = course.recorded(patient, "phq9", by=by, at=form.due_at - early)
    return FollowUp.objects.get(pk=form.pk), made


def test_a_form_entered_in_error_leaves_its_questionnaire_owed_again(site: Site, by: Actor) -> None:
    form, made = _answered(site, by)
    assert (form.outcome, form.answered_by) == ("kept", made.public_id)
    now = form.due_at - timedelta(days=1)
    findings.retract_assessment(assessment=made, reason="Another person's form.", by=by, now=now)
    again = FollowUp.objects.get(pk=form.pk)
    assert (again.outcome, again.closed_at, again.closed_by, again.answered_by) == ("", None, None, None)
    assert again.version == form.version + 1
    assert _statuses(again) == ["planned"]
    assert AuditEntry.objects.filter(action="follow_up.note_withdrawn_assessment").exists()


def test_a_corrected_copy_with_holes_leaves_the_questionnaire_owed_again(site: Site, by: Actor) -> None:
    form, made = _answered(site, by)
    findings.amend_assessment(
        assessment=made, answers=patients.phq9(0, 1), reason="Half of it was guessed.", by=by, now=form.due_at
    )
    assert FollowUp.objects.get(pk=form.pk).outcome == ""


def test_a_corrected_copy_that_is_complete_answers_in_place_of_the_first(site: Site, by: Actor) -> None:
    form, made = _answered(site, by)
    answers = course.quiet("phq9") | {"phq9_1": 1}
    copy = findings.amend_assessment(assessment=made, answers=answers, reason="Misheard.", by=by, now=form.due_at)
    kept = FollowUp.objects.get(pk=form.pk)
    assert (kept.outcome, kept.answered_by, kept.closed_at) == ("kept", copy.public_id, form.closed_at)


def test_another_form_that_fits_answers_when_the_first_is_withdrawn(site: Site, by: Actor) -> None:
    form, made = _answered(site, by)
    second = course.recorded(form.patient, "phq9", by=by, at=form.due_at)
    findings.retract_assessment(assessment=made, reason="Entered twice.", by=by, now=form.due_at)
    kept = FollowUp.objects.get(pk=form.pk)
    assert (kept.outcome, kept.answered_by) == ("kept", second.public_id)


def test_what_a_discharge_would_have_ended_is_not_owed_again_until_the_discharge_is_undone(
    site: Site, by: Actor
) -> None:
    form, made = _answered(site, by, early=timedelta(days=5))
    at = form.due_at - timedelta(days=3)
    given = {"by": by, "enrollment_id": form.enrollment.public_id}
    enrollments.discharge(now=at, reason=DischargeReason.CHOSE_TO_LEAVE, **given)
    findings.retract_assessment(assessment=made, reason="Another person's form.", by=by, now=at + timedelta(hours=1))
    assert FollowUp.objects.get(pk=form.pk).outcome == "cancelled"
    enrollments.reverse(now=at + timedelta(hours=2), note="A mistake.", **given)
    assert FollowUp.objects.get(pk=form.pk).outcome == ""


def test_a_form_with_holes_answers_nothing(site: Site, by: Actor) -> None:
    patient = patients.patient(site, by=by)
    enrolled = pathways.enrolled(patient, by=by, site=site)
    course.to_therapy(enrolled, by)
    form = enrolled.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    course.recorded(patient, "phq9", patients.phq9(0, 1), by=by, at=form.due_at)
    form.refresh_from_db()
    assert form.outcome == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_results_recorded_at_once_one_wins() -> None:
    site = make.site()
    callers = [make.actor(roles=[Role.NURSE], sites=[site]) for _ in range(2)]
    boss = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrolled = pathways.enrolled(patients.patient(site, by=boss), by=boss, site=site)
    row = enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)
    together = Barrier(2)

    def record(caller: Actor) -> str:
        try:
            together.wait(10)
            acts.record_call(
                by=caller, now=MORNING, follow_up_id=row.public_id, result=Result.REACHED, expected_version=1
            )
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(record, callers))
    assert said == ["saved", "stale"]
    assert CallResult.objects.filter(follow_up=row).count() == 1


def test_planning_again_doubles_no_message(row: FollowUp) -> None:
    loaded = FollowUp.objects.select_related("patient", "site", "enrollment__program_version").get(pk=row.pk)
    plan(by=make.job(), now=NOW, follow_ups=[loaded])
    assert Reminder.objects.filter(follow_up=row).count() == 1


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_retry_nobody_chose_falls_into_contact_hours_and_not_before_it_is_due(
    row: FollowUp, by: Actor, hour: int
) -> None:
    _called(row, by, Result.NO_ANSWER, at=NOW + timedelta(hours=hour))
    local = row.act_at.astimezone(row.site.zone).time()
    assert row.site.contact_opens <= local < row.site.contact_closes
    assert row.act_at >= row.due_at
