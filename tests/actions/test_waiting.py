"""Before the first day: proposed or on the waitlist, looked at again, and begun on what is current then."""

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from pathways.actions import enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, WaitlistEntry
from pathways.models.program import Program
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
PROGRAM = "kratom-outpatient"


@pytest.fixture
def person(site: Site, clinician: Actor) -> Patient:
    pathways.program()
    return patients.patient(site, by=clinician)


def on_the_list(person: Patient, by: Actor) -> Enrollment:
    return enrollments.waitlist(by=by, now=NOW, patient_id=person.public_id, program_key=PROGRAM)


def reviews(row: Enrollment, kind: str) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(enrollment=row, anchor_kind=kind).order_by("due_at"))


def test_somebody_on_the_waitlist_has_not_begun_and_is_looked_at_again(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    assert (row.status, row.admitted_at, row.current_phase) == ("waitlisted", None, None)
    assert {each.rule_key for each in reviews(row, "waitlist")} == {"waitlist-review"}


def test_a_proposal_becomes_a_wait_and_its_reviews_change_over(person: Patient, clinician: Actor) -> None:
    row = enrollments.propose(by=clinician, now=NOW, patient_id=person.public_id, program_key=PROGRAM)
    assert row.status == "proposed" and reviews(row, "proposal")
    again = enrollments.waitlist(by=clinician, now=LATER, patient_id=person.public_id, program_key=PROGRAM)
    assert again.pk == row.pk
    assert again.status == "waitlisted" and reviews(again, "waitlist") and not reviews(again, "proposal")


def test_who_waits_is_admitted_and_their_reviews_are_no_longer_owed(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    began = enrollments.admit(by=clinician, now=LATER, enrollment_id=row.public_id)
    row.refresh_from_db()
    assert (row.status, row.admitted_at, began.effective_at) == ("active", LATER, LATER)
    assert not reviews(row, "waitlist") and reviews(row, "admission") and reviews(row, "phase_entry")


def test_nobody_is_admitted_before_what_happened_last(person: Patient, clinician: Actor) -> None:
    enrollments.propose(by=clinician, now=NOW, patient_id=person.public_id, program_key=PROGRAM)
    row = enrollments.waitlist(by=clinician, now=LATER, patient_id=person.public_id, program_key=PROGRAM)
    with pytest.raises(Refused) as refused:
        enrollments.admit(by=clinician, now=LATER + DAY, enrollment_id=row.public_id, effective_at=LATER - DAY)
    assert set(refused.value.fields) == {"effective_at"}
    enrollments.admit(by=clinician, now=LATER + DAY, enrollment_id=row.public_id, effective_at=LATER)


def test_a_wait_ends_with_the_admission(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    wait = entry(row, clinician)
    enrollments.admit(by=clinician, now=LATER, enrollment_id=row.public_id)
    wait.refresh_from_db()
    assert (wait.status, wait.ended_at) == ("admitted", LATER)


def test_somebody_who_waited_begins_on_the_version_current_then(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    changed = pathways.document()
    changed["program"] = {**changed["program"], "summary": "Another summary."}
    newer = pathways.program(changed=changed)
    enrollments.admit(by=clinician, now=LATER, enrollment_id=row.public_id)
    row.refresh_from_db()
    assert row.program_version.digest == newer.digest


def test_nobody_is_admitted_before_they_began_to_wait(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    with pytest.raises(Refused) as refused:
        enrollments.admit(by=clinician, now=LATER, enrollment_id=row.public_id, effective_at=NOW - DAY)
    assert "effective_at" in refused.value.fields


def test_somebody_under_way_cannot_be_put_on_the_waitlist_of_their_program(site: Site, clinician: Actor) -> None:
    row = pathways.enrolled(site=site, by=clinician)
    with pytest.raises(Refused) as refused:
        on_the_list(row.patient, clinician)
    assert refused.value.code == "enrollment_one_open"


def test_who_never_began_is_owed_no_contact_after_leaving_and_the_undo_brings_the_wait_back(
    person: Patient, clinician: Actor
) -> None:
    row = on_the_list(person, clinician)
    wait = entry(row, clinician)
    left = DischargeReason.DID_NOT_START
    enrollments.discharge(by=clinician, now=LATER, enrollment_id=row.public_id, reason=left)
    wait.refresh_from_db()
    assert not FollowUp.objects.open().filter(enrollment=row).exists() and wait.status == "withdrawn"
    enrollments.reverse(by=clinician, now=LATER + DAY, enrollment_id=row.public_id, note="Wants to wait after all")
    wait.refresh_from_db()
    assert wait.status == "waiting" and reviews(row, "waitlist")


def test_the_reviews_of_a_long_wait_go_on(person: Patient, clinician: Actor) -> None:
    row = on_the_list(person, clinician)
    for each in reviews(row, "waitlist"):
        follow_ups.close(by=clinician, now=each.due_at, follow_up_id=each.public_id, outcome=Outcome.KEPT)
    late = NOW + 120 * DAY
    assert follow_ups.plan_ahead(by=clinic.job(), now=late, enrollment_id=row.pk) > 0


def entry(row: Enrollment, by: Actor) -> WaitlistEntry:
    made = {"recorded_at": NOW, "recorded_by": by, "waiting_since": NOW}
    program = Program.objects.get(pk=row.program_id)
    with allow_direct_writes():
        return WaitlistEntry.objects.create(
            enrollment=row, site=row.site, program=program, priority="routine", reason="no_place", **made
        )
