"""A death: it ends what is under way, owes nobody a contact, and can be taken back where it was a mistake.

It is recorded as the end of an enrollment, or by itself: also of somebody who was discharged long ago.
"""

from datetime import date, timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import deaths, enrollments, findings, follow_ups
from pathways.models import Enrollment, FollowUp, Reminder, Transition
from pathways.rules.follow_ups import CallResult
from pathways.rules.moves import DischargeReason, HoldReason
from pathways.rules.sessions import AttendanceStatus
from patients.models import Assessment, Patient
from tests.factories import clinic, course, pathways, sessions
from tests.factories.course import DAY, LATER

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY_OF_DEATH = date(2026, 6, 19)
OTHER = "evening-group"


@pytest.fixture
def other(enrollment: Enrollment, site: Site, clinician: Actor) -> Enrollment:
    """The same person, in a second program since today."""
    pathways.program(changed={"program": pathways.document()["program"] | {"key": OTHER}}, now=LATER - HOUR)
    return pathways.enrolled(enrollment.patient, by=clinician, site=site, now=LATER, program_key=OTHER)


def died(row: Enrollment, by: Actor, **given: object) -> Transition:
    told = {"now": LATER, "reason": DischargeReason.DIED} | given
    return enrollments.discharge(by=by, enrollment_id=row.public_id, **told)  # type: ignore[arg-type]


def undone(row: Enrollment, by: Actor) -> None:
    enrollments.reverse(by=by, now=LATER + HOUR, enrollment_id=row.public_id, note="It was somebody else")


def contacts(patient: Patient) -> set[int]:
    return set(FollowUp.objects.open().filter(patient=patient).values_list("pk", flat=True))


def again(row: Enrollment) -> Enrollment:
    return Enrollment.objects.select_related("patient").get(pk=row.pk)


def test_a_death_ends_every_open_enrollment_and_keeps_its_day(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician)
    found = again(other)
    assert [again(enrollment).status, found.status] == ["left", "left"]
    assert (found.transitions.latest("pk").reason, found.current_phase) == ("died", None)
    assert found.patient.died_on == DAY_OF_DEATH
    assert not contacts(enrollment.patient)


def test_a_death_dated_before_another_admission_ends_that_one_too(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician, effective_at=LATER - DAY)
    assert (again(enrollment).ended_at, again(other).ended_at) == (LATER - DAY, LATER)


def test_taking_a_death_back_gives_back_the_person_and_their_contacts(enrollment: Enrollment, clinician: Actor) -> None:
    before = contacts(enrollment.patient)
    died(enrollment, clinician)
    undone(enrollment, clinician)
    found = again(enrollment)
    assert (found.status, found.patient.died_on) == ("active", None)
    assert contacts(found.patient) == before


def test_taking_it_back_in_one_program_leaves_every_program_as_it_was(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    before = contacts(enrollment.patient)
    died(enrollment, clinician)
    undone(other, clinician)
    assert [again(enrollment).status, again(other).status] == ["active", "active"]
    assert contacts(enrollment.patient) == before


def test_where_one_of_the_ends_was_built_upon_none_is_undone(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician)
    came_back(other)
    no = refused("built_upon", undone, enrollment, clinician)
    (thing,) = no.sentence.params["things"]
    assert (thing.code, thing.params["program"]) == ("enrollment.obstacle.other_end", other.program.title)
    found = [again(enrollment), again(other)]
    assert [each.status for each in found] == ["left", "left"]
    assert (found[0].patient.died_on, contacts(found[0].patient)) == (DAY_OF_DEATH, set())


def came_back(row: Enrollment) -> None:
    """Somebody is in this program again since, as no verb lets them be once they count as dead."""
    with allow_direct_writes():
        Enrollment.objects.create(
            patient=row.patient, program=row.program, program_version=row.program_version, site=row.site,
            status="active", opened_at=LATER, opened_by=row.opened_by, admitted_at=LATER, admitted_by=row.opened_by,
        )  # fmt: skip


def test_after_a_death_nothing_is_opened_again_but_what_the_death_ended(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    died(enrollment, clinician, reason=DischargeReason.MOVED_AWAY)
    died(other, clinician)
    with pytest.raises(Refused, match="patient_closed"):
        undone(enrollment, clinician)
    undone(other, clinician)
    assert [again(enrollment).status, again(other).status] == ["left", "active"]
    undone(enrollment, clinician)
    assert again(enrollment).status == "active"


@pytest.fixture
def form(enrollment: Enrollment, clinician: Actor) -> FollowUp:
    """A questionnaire that was filled in."""
    course.to_therapy(enrollment, clinician)
    row = enrollment.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    course.recorded(enrollment.patient, "phq9", by=clinician, at=row.due_at + DAY)
    row.refresh_from_db()
    assert row.outcome == "kept"
    return row


def taken_back(form: FollowUp, by: Actor) -> FollowUp:
    made = Assessment.objects.get(public_id=form.answered_by)
    findings.retract_assessment(assessment=made, reason="Another person's form.", by=by, now=form.due_at + 5 * DAY)
    form.refresh_from_db()
    return form


def test_a_form_withdrawn_after_a_death_in_another_enrollment_is_not_owed_again(
    form: FollowUp, enrollment: Enrollment, clinician: Actor
) -> None:
    left, first = DischargeReason.CHOSE_TO_LEAVE, "assessment-and-stabilization"
    given = {"by": clinician, "enrollment_id": enrollment.public_id}
    enrollments.discharge(now=form.due_at + 2 * DAY, reason=left, **given)
    again = enrollments.readmit(now=form.due_at + 3 * DAY, to_phase=first, **given)
    at = form.due_at + 4 * DAY
    enrollments.discharge(by=clinician, now=at, enrollment_id=again.public_id, reason=DischargeReason.DIED)
    death = Transition.objects.get(enrollment=again, reason=DischargeReason.DIED)
    assert (taken_back(form, clinician).outcome, form.cancelled_by_transition) == ("cancelled", death)
    enrollments.reverse(by=clinician, now=at + 2 * DAY, enrollment_id=again.public_id, note="It was somebody else.")
    form.refresh_from_db()
    assert form.outcome == ""


def test_a_form_withdrawn_after_a_death_long_after_care_is_owed_only_once_the_death_is_withdrawn(
    form: FollowUp, clinician: Actor
) -> None:
    left = {"reason": DischargeReason.CHOSE_TO_LEAVE, "enrollment_id": form.enrollment.public_id}
    enrollments.discharge(by=clinician, now=form.due_at + 2 * DAY, **left)
    at, person = form.due_at + 4 * DAY, form.patient.public_id
    deaths.record_death(by=clinician, now=at, patient_id=person, on=(at - DAY).date())
    assert (taken_back(form, clinician).outcome, form.cancelled_by_transition) == ("cancelled", None)
    deaths.withdraw_death(by=clinician, now=at + 2 * DAY, patient_id=person)
    form.refresh_from_db()
    assert form.outcome == ""


def test_a_call_is_not_taken_back_for_somebody_who_died(enrollment: Enrollment, clinician: Actor) -> None:
    row = enrollment.follow_ups.get(rule_key="welcome")
    call = follow_ups.record_call(by=clinician, now=LATER, follow_up_id=row.public_id, result=CallResult.REACHED)
    lost(enrollment.patient)
    with pytest.raises(Refused, match="call_not_undoable"):
        follow_ups.undo_call(by=clinician, now=LATER, call_id=call.public_id)


def test_nothing_is_planned_for_somebody_who_died(enrollment: Enrollment) -> None:
    lost(enrollment.patient)
    job = clinic.job()
    assert follow_ups.plan_ahead(by=job, now=LATER + 60 * DAY, enrollment_id=enrollment.pk) == 0


def test_nobody_who_died_is_moved(enrollment: Enrollment, clinician: Actor) -> None:
    lost(enrollment.patient)
    with pytest.raises(Refused, match="patient_closed"):
        enrollments.hold(
            by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=HoldReason.TRAVEL,
            review_on=DAY_OF_DEATH,
        )  # fmt: skip


def lost(patient: Patient) -> None:
    """A death kept without an end of care, as another program may tell it."""
    with allow_direct_writes():
        Patient.objects.filter(pk=patient.pk).update(died_on=DAY_OF_DEATH)


@pytest.fixture
def aftercare(enrollment: Enrollment, clinician: Actor) -> Enrollment:
    """Somebody who was discharged, and is still owed the contacts after it."""
    died(enrollment, clinician, reason=DischargeReason.CHOSE_TO_LEAVE)
    assert contacts(enrollment.patient)
    return again(enrollment)


def recorded(patient: Patient, by: Actor, **given: object) -> Patient:
    told = {"now": LATER + DAY, "on": DAY_OF_DEATH} | given
    return deaths.record_death(by=by, patient_id=patient.public_id, **told)  # type: ignore[arg-type]


def withdrawn(patient: Patient, by: Actor) -> Patient:
    return deaths.withdraw_death(by=by, now=LATER + 2 * DAY, patient_id=patient.public_id)


def refused(code: str, verb: object, *given: object, **more: object) -> Refused:
    with pytest.raises(Refused) as no:
        verb(*given, **more)  # type: ignore[operator]
    assert no.value.code == code
    return no.value


def test_who_has_died_after_a_discharge_is_owed_nothing_more(
    aftercare: Enrollment, site: Site, clinician: Actor
) -> None:
    session = sessions.individual(aftercare.patient, by=clinician, at=LATER + 5 * DAY)
    patient = recorded(aftercare.patient, clinician)
    assert (patient.died_on, patient.death_recorded_at) == (DAY_OF_DEATH, LATER + DAY)
    assert not contacts(patient)
    assert not Reminder.objects.filter(patient=patient, status="planned").exists()
    assert sessions.place_of(session, patient).status == AttendanceStatus.CANCELLED_BY_CLINIC
    assert again(aftercare).transitions.latest("pk").reason == "chose_to_leave"
    entry = AuditEntry.objects.get(action="person.record_death", outcome="done")
    assert (entry.actor, entry.patient_ids) == (clinician, [patient.public_id])


def test_who_has_died_under_way_leaves_every_program_on_that_day(
    enrollment: Enrollment, other: Enrollment, clinician: Actor
) -> None:
    patient = recorded(enrollment.patient, clinician)
    assert [again(each).status for each in (enrollment, other)] == ["left", "left"]
    assert again(enrollment).transitions.latest("pk").reason == "died"
    assert (patient.died_on, contacts(patient)) == (DAY_OF_DEATH, set())


def test_the_day_of_a_death_is_kept_though_care_went_on_on_paper_after_it(
    enrollment: Enrollment, clinician: Actor
) -> None:
    before = enrollment.opened_at.date() - 3 * DAY
    patient = recorded(enrollment.patient, clinician, on=before, despite_later_contacts=True)
    assert (patient.died_on, again(enrollment).ended_at) == (before, again(enrollment).opened_at)


def test_a_death_by_itself_that_was_a_mistake_gives_back_what_it_had_ended(
    aftercare: Enrollment, clinician: Actor
) -> None:
    before = contacts(aftercare.patient)
    recorded(aftercare.patient, clinician)
    patient = withdrawn(aftercare.patient, clinician)
    assert (patient.died_on, patient.death_recorded_at, patient.death_recorded_by) == (None, None, None)
    assert contacts(patient) == before


def test_a_death_that_ended_an_enrollment_is_taken_back_with_that_end(enrollment: Enrollment, clinician: Actor) -> None:
    recorded(enrollment.patient, clinician)
    refused("death_of_a_move", withdrawn, enrollment.patient, clinician)
    enrollments.reverse(by=clinician, now=LATER + 2 * DAY, enrollment_id=enrollment.public_id, note="Somebody else")
    assert (again(enrollment).status, again(enrollment).patient.died_on) == ("active", None)


def test_a_death_is_recorded_once_and_on_a_day_that_can_be(aftercare: Enrollment, clinician: Actor) -> None:
    patient = aftercare.patient
    for day in (patient.birth_date - DAY, (LATER + 2 * DAY).date()):
        assert list(refused("bad_input", recorded, patient, clinician, on=day).fields) == ["on"]
    refused("death_not_recorded", withdrawn, patient, clinician)
    recorded(patient, clinician)
    refused("death_recorded", recorded, patient, clinician)


def test_only_who_may_move_people_on_records_a_death_and_only_of_people_they_see(
    aftercare: Enrollment, site: Site
) -> None:
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=[site])
    stranger = clinic.actor(roles=[Role.CLINICIAN], sites=[clinic.site()])
    assert refused("forbidden", recorded, aftercare.patient, desk).status == 403
    assert refused("not_found", recorded, aftercare.patient, stranger).status == 404
    assert contacts(aftercare.patient)


@pytest.mark.parametrize("heard", [CallResult.REACHED, CallResult.DECLINED])
def test_a_contact_in_which_somebody_was_heard_speaks_against_an_earlier_day(
    enrollment: Enrollment, clinician: Actor, heard: CallResult
) -> None:
    row = enrollment.follow_ups.get(rule_key="welcome")
    at = LATER + 3 * DAY
    follow_ups.record_call(by=clinician, now=at, follow_up_id=row.public_id, result=heard)
    no = refused("bad_input", recorded, enrollment.patient, clinician, now=at, on=(at - 2 * DAY).date())
    assert no.fields["despite_later_contacts"].params["on"] == at.astimezone(enrollment.site.zone).date()
    recorded(enrollment.patient, clinician, now=at, on=at.date())


@pytest.fixture
def half_undone(enrollment: Enrollment, other: Enrollment, form: FollowUp, clinician: Actor) -> Enrollment:
    """A death was a mistake. One of the two ends it had made is undone; the other stands, though the person lives: as
    undoing one end once left the others."""
    at = form.due_at + 2 * DAY
    died(enrollment, clinician, now=at)
    with allow_direct_writes():
        Patient.objects.filter(pk=enrollment.patient_id).update(
            died_on=None, death_recorded_at=None, death_recorded_by=None
        )
    enrollments.reverse(by=clinician, now=at + HOUR, enrollment_id=enrollment.public_id, note="It was somebody else")
    found = again(other)
    assert (found.status, found.patient.died_on) == ("left", None)
    return found


@pytest.fixture
def died_later(half_undone: Enrollment, form: FollowUp, clinician: Actor) -> Patient:
    """They were discharged then, and have died since."""
    at = form.due_at + 3 * DAY
    enrollment = again(form.enrollment)
    died(enrollment, clinician, now=at, reason=DischargeReason.CHOSE_TO_LEAVE)
    return recorded(enrollment.patient, clinician, now=at + DAY, on=(at + DAY).date())


def test_a_form_withdrawn_after_a_death_was_taken_back_is_owed_again(
    half_undone: Enrollment, form: FollowUp, clinician: Actor
) -> None:
    assert (taken_back(form, clinician).outcome, form.cancelled_by_transition) == ("", None)


def test_a_form_withdrawn_after_a_second_death_is_owed_again_with_that_one_taken_back(
    died_later: Patient, form: FollowUp, clinician: Actor
) -> None:
    assert (taken_back(form, clinician).outcome, form.cancelled_by_transition) == ("cancelled", None)
    deaths.withdraw_death(by=clinician, now=form.due_at + 6 * DAY, patient_id=died_later.public_id)
    form.refresh_from_db()
    assert form.outcome == ""


def test_the_end_that_a_mistaken_death_had_made_does_not_take_back_a_later_one(
    died_later: Patient, half_undone: Enrollment, clinician: Actor
) -> None:
    at = died_later.death_recorded_at + DAY  # type: ignore[operator]
    given = {"by": clinician, "now": at, "enrollment_id": half_undone.public_id, "note": "It was somebody else"}
    refused("patient_closed", enrollments.reverse, **given)
    died_later.refresh_from_db()
    assert died_later.died_on is not None
