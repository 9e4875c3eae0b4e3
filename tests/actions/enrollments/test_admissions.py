"""An admission opens the first phase, once, and is refused while an emergency is open."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment, PhaseStay
from tests.actions.enrollments.asking import AT_RISK, FIRST, asked, open_contacts
from tests.factories import clinic, pathways, patients
from tests.factories.course import DAY, LATER, recorded
from tests.factories.patients import NOW
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


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


def test_an_admission_is_not_undone_but_discharged(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, note="Wrong person"))
    assert refused.sentence.code == "enrollment.refused.reverse_admission"
