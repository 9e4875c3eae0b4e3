"""The pages of the level of care: rating, the suggestion, the decision, the second signature."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import levels
from pathways.models import LevelOfCareAssessment
from pathways.rules.levels import Level, PlacementReason
from patients.models import Patient
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db
NEEDS = ("withdrawal", "medical", "psychiatric", "readiness", "use_risk", "environment")


@pytest.fixture
def patient(site: Site) -> Patient:
    return patients.patient(site)


def ticked(*ratings: object, sud: str = "yes", **more: str) -> dict[str, object]:
    return {**dict(zip(NEEDS, ratings, strict=False)), "sud_diagnosis": sud, **more}


def rated(patient: Patient, member: StaffMember, *values: int) -> LevelOfCareAssessment:
    return pathways.rated(patient, *values, by=member.actor, now=clock.now())


def test_the_form_shows_each_step_in_words_and_what_was_found_lately(
    browser: Client, member: StaffMember, patient: Patient
) -> None:
    patients.assessment(patient, "phq9", patients.phq9(2, 2, 2, 2, 2, 2, 2, 2, 0), by=member.actor)
    answer = browser.get(f"/patients/{patient.public_id}/level/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "How much help does withdrawal need now?" in page
    assert "Use is likely without support most days" in page
    assert "PHQ-9: 16, " in page
    assert "checked" not in page.split("Six needs")[1].split("Substance use disorder")[0]
    seen = AuditEntry.objects.get(action="read.level_rate")
    assert seen.patient_ids == [patient.public_id]


def test_what_is_ticked_is_suggested_at_once_with_rule_and_inputs(browser: Client) -> None:
    said = browser.post("/levels/suggestion", ticked(1, 1, 1, 1, 3, 2)).content.decode()
    assert "High-intensity outpatient" in said
    assert "I5: Use risk 3" in said
    assert not LevelOfCareAssessment.objects.exists()


def test_without_all_six_nothing_is_suggested(browser: Client) -> None:
    said = browser.post("/levels/suggestion", ticked(1, 1, 9)).content.decode()
    assert "no suggestion until all six needs are rated" in said


def test_danger_now_is_shown_as_an_emergency(browser: Client) -> None:
    said = browser.post("/levels/suggestion", ticked(0, 0, 4, 0, 0, 0)).content.decode()
    assert "sev-emergency" in said
    assert "Emergency evaluation now" in said


def test_ratings_are_saved_and_then_decided(browser: Client, patient: Patient) -> None:
    answer = browser.post(f"/patients/{patient.public_id}/level/", ticked(1, 1, 1, 1, 3, 2))
    row = LevelOfCareAssessment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/levels/{row.public_id}/")
    page = browser.get(answer["Location"]).content.decode()
    assert '<option value="L2H" selected>' in page
    decided = browser.post(f"/levels/{row.public_id}/decide", {"level": "L2H", "reason": "none", "note": ""})
    assert decided.status_code == 303
    row.refresh_from_db()
    assert row.decided_level == "L2H"
    assert "Level of care decided: High-intensity outpatient." in browser.get(answer["Location"]).content.decode()


def test_a_rating_that_is_none_is_marked_and_what_was_ticked_stays(browser: Client, patient: Patient) -> None:
    answer = browser.post(f"/patients/{patient.public_id}/level/", ticked(1, 7, 1, 1, 3, 2))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="use_risk-3" checked' in page
    assert not LevelOfCareAssessment.objects.exists()


def test_nothing_ticked_is_told(browser: Client, patient: Patient) -> None:
    answer = browser.post(f"/patients/{patient.public_id}/level/", ticked())
    assert answer.status_code == 422
    assert "Rate at least one need." in answer.content.decode()


def test_another_level_without_a_reason_is_told_and_nothing_is_decided(
    browser: Client, member: StaffMember, patient: Patient
) -> None:
    row = rated(patient, member, 1, 1, 1, 1, 3, 2)
    answer = browser.post(f"/levels/{row.public_id}/decide", {"level": "L1", "reason": "none"})
    assert answer.status_code == 422
    assert "Say why the level decided is not the one indicated." in answer.content.decode()


def test_a_second_person_signs_on_the_page_and_the_first_is_not_offered_to(
    browser: Client, member: StaffMember, site: Site, patient: Patient
) -> None:
    row = rated(patient, member, 3)
    reason = PlacementReason.PATIENT_PREFERENCE
    levels.decide(by=member.actor, now=clock.now(), assessment_id=row.public_id, level=Level.L1M, reason=reason)
    own = browser.get(f"/levels/{row.public_id}/").content.decode()
    assert "Waits for a second signature" in own
    assert "Sign: I agree" not in own
    assert browser.post(f"/levels/{row.public_id}/sign").status_code == 403
    other = clinic.sign_in(Client(), clinic.staff(roles=[Role.SUPERVISOR], sites=[site]))
    assert "Sign: I agree" in other.get(f"/levels/{row.public_id}/").content.decode()
    assert other.post(f"/levels/{row.public_id}/sign").status_code == 303
    row.refresh_from_db()
    assert row.cosigned_at is not None


@pytest.mark.parametrize("path", ["/patients/{patient}/level/", "/levels/{row}/"])
def test_a_foreign_person_has_no_level_page(client: Client, member: StaffMember, patient: Patient, path: str) -> None:
    row = rated(patient, member, 1)
    stranger = clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN]))
    assert stranger.get(path.format(patient=patient.public_id, row=row.public_id)).status_code == 404
    assert stranger.post(f"/levels/{row.public_id}/decide", {"level": "L1"}).status_code == 404


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.PEER_SUPPORTER, Role.SYSTEM_ADMINISTRATOR])
def test_who_records_no_findings_sees_no_ratings(
    client: Client, site: Site, member: StaffMember, patient: Patient, role: Role
) -> None:
    row = rated(patient, member, 1)
    clinic.sign_in(client, clinic.staff(roles=[role], sites=[site]))
    assert client.get(f"/levels/{row.public_id}/").status_code == 403
    assert client.get(f"/patients/{patient.public_id}/level/").status_code == 403


def queries_of(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_pages_ask_as_much_for_a_long_history_as_for_a_short_one(
    browser: Client, member: StaffMember, patient: Patient
) -> None:
    row = rated(patient, member, 1)
    addresses = (f"/patients/{patient.public_id}/level/", f"/levels/{row.public_id}/")
    before = [queries_of(browser, address) for address in addresses]
    for _ in range(5):
        rated(patient, member, 1)
        patients.assessment(patient, "phq9", patients.phq9(*[0] * 9), by=member.actor)
    assert [queries_of(browser, address) for address in addresses] == before
