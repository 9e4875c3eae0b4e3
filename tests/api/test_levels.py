"""Programs, level of care, attestations and returns to use, as a program over HTTP does them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import AuditEntry, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, LevelOfCareAssessment, ReturnToUse
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db
SCOPES = ["programs.read", "assessments.read", "enrollments.read", "enrollments.write"]
LEVELS = "/api/v1/level-of-care-assessments/"
RETURNS = "/api/v1/returns-to-use/"
ATTESTATIONS = "/api/v1/attestations/"
NEEDS = ("withdrawal", "medical", "psychiatric", "readiness", "use_risk", "environment")


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def patient(site: Site) -> Patient:
    return patients.patient(site)


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def person(site: Site, *roles: Role) -> Caller:
    return Caller(clinic.sign_in(Client(), clinic.staff(roles=roles, sites=[site])))


def ratings(*values: Any) -> dict[str, Any]:
    return dict(zip(NEEDS, values, strict=False))


def body(patient: Patient, *values: Any, **more: Any) -> dict[str, Any]:
    return {"patient": str(patient.public_id), "ratings": ratings(*values), "sud_diagnosis": True} | more


def test_programs_are_listed_with_the_version_in_force(caller: Caller) -> None:
    pathways.program()
    found = caller.get("/api/v1/programs/").json()["results"]
    assert [(each["key"], each["current_version"], each["under_way"]) for each in found] == [
        ("kratom-outpatient", 1, 0)
    ]


def test_a_version_is_read_with_its_whole_document(caller: Caller) -> None:
    version = pathways.program()
    listed = caller.get("/api/v1/programs/kratom-outpatient/versions/").json()["results"]
    assert [(each["number"], each["status"], "document" in each) for each in listed] == [(1, "published", False)]
    answer = caller.get("/api/v1/programs/kratom-outpatient/versions/1/")
    assert answer.json()["document"] == version.document
    assert answer["ETag"]


@pytest.mark.parametrize("path", ["nothing/", "kratom-outpatient/versions/9/"])
def test_a_program_that_is_not_there_is_not_found(caller: Caller, path: str) -> None:
    pathways.program()
    answer = caller.get(f"/api/v1/programs/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_six_ratings_are_answered_with_the_suggestion_its_rule_and_inputs(caller: Caller, patient: Patient) -> None:
    answer = caller.post(LEVELS, body(patient, 1, 1, 1, 1, 3, 2))
    made = answer.json()
    assert answer.status_code == 201, made
    assert answer["Location"] == f"{LEVELS}{made['id']}/"
    assert made["suggestion"]["level"] == "L2H"
    assert made["suggestion"]["rule"] == "I5"
    assert made["suggestion"]["inputs"] == [{"need": "use_risk", "rating": 3}]
    assert made["suggestion"]["reason"] == "I5: Use risk 3"
    assert made["decision"] is None
    assert caller.get(answer["Location"]).json() == made
    assert AuditEntry.objects.get(action="read.api_level_assessment").patient_ids == [patient.public_id]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ((5,), "/ratings/withdrawal"),
        (("2",), "/ratings/withdrawal"),
        ((0, True), "/ratings/medical"),
        ((), "/withdrawal"),
    ],
)
def test_a_rating_that_is_none_is_refused_with_its_place(
    caller: Caller, patient: Patient, values: tuple[Any, ...], pointer: str
) -> None:
    answer = caller.post(LEVELS, body(patient, *values))
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not LevelOfCareAssessment.objects.exists()


def test_a_level_is_decided_once_and_takes_effect(caller: Caller, site: Site) -> None:
    enrollment = pathways.enrolled(site=site, now=clock.now() - timedelta(days=1))
    made = caller.post(LEVELS, body(enrollment.patient, 1, 1, 1, 1, 3, 2)).json()
    assert made["enrollment"] == str(enrollment.public_id)
    answer = caller.post(f"{LEVELS}{made['id']}/decide/", {"level": "L2H"})
    assert answer.status_code == 200
    assert (answer.json()["decision"]["level"], answer.json()["decision"]["in_effect"]) == ("L2H", True)
    assert enrollment.level_stays.get(ended_at__isnull=True).level == "L2H"
    again = caller.post(f"{LEVELS}{made['id']}/decide/", {"level": "L2H"})
    assert (again.status_code, again.json()["code"]) == (409, "level_decided")


def test_a_lower_level_waits_until_a_person_signs(caller: Caller, site: Site, patient: Patient) -> None:
    made = caller.post(LEVELS, body(patient, 3, 0, 0, 0, 0, 0)).json()
    bare = caller.post(f"{LEVELS}{made['id']}/decide/", {"level": "L1M"})
    assert [each["pointer"] for each in bare.json()["errors"]] == ["/reason"]
    decided = caller.post(f"{LEVELS}{made['id']}/decide/", {"level": "L1M", "reason": "patient_preference"}).json()
    assert decided["decision"]["in_effect"] is False
    assert caller.post(f"{LEVELS}{made['id']}/cosign/").status_code == 403
    signed = person(site, Role.SUPERVISOR).post(f"{LEVELS}{made['id']}/cosign/")
    assert (signed.status_code, signed.json()["decision"]["in_effect"]) == (200, True)


def test_a_foreign_person_is_not_found(patient: Patient) -> None:
    stranger = program(clinic.api_client(scopes=SCOPES))
    assert stranger.post(LEVELS, body(patient, 1)).status_code == 404
    row = pathways.rated(patient, by=clinic.actor(sites=[patient.site_stays.get().site]))
    for path in (f"{LEVELS}{row.public_id}/", f"{LEVELS}?patient={patient.public_id}"):
        answer = stranger.get(path)
        assert answer.status_code == 404 or answer.json()["results"] == []


def test_without_the_scope_nothing_is_rated(site: Site, patient: Patient) -> None:
    reader = program(clinic.api_client(scopes=["assessments.read"], sites=[site]))
    assert reader.post(LEVELS, body(patient, 1)).status_code == 403
    assert reader.get(LEVELS).status_code == 200


def test_the_same_key_rates_once(caller: Caller, patient: Patient) -> None:
    first = caller.post(LEVELS, body(patient, 1, 0, 0, 0, 0, 0), Idempotency_Key="one")
    second = caller.post(LEVELS, body(patient, 1, 0, 0, 0, 0, 0), Idempotency_Key="one")
    assert first.content == second.content
    assert LevelOfCareAssessment.objects.count() == 1


def test_a_return_to_use_is_recorded_listed_and_read(caller: Caller, enrollment: Enrollment) -> None:
    at = (clock.now() - timedelta(hours=5)).isoformat()
    given = {"enrollment": str(enrollment.public_id), "effective_at": at, "note": "Two days"}
    answer = caller.post(RETURNS, given)
    assert answer.status_code == 201, answer.json()
    assert caller.get(answer["Location"]).json() == answer.json()
    listed = caller.get(f"{RETURNS}?patient={enrollment.patient.public_id}").json()["results"]
    assert [each["id"] for each in listed] == [answer.json()["id"]]
    assert enrollment.follow_ups.filter(rule_key="after-return-to-use").exists()


def test_a_return_to_use_to_come_is_refused(caller: Caller, enrollment: Enrollment) -> None:
    at = (clock.now() + timedelta(hours=5)).isoformat()
    answer = caller.post(RETURNS, {"enrollment": str(enrollment.public_id), "effective_at": at})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/effective_at"]
    assert not ReturnToUse.objects.exists()


def test_only_a_person_attests(caller: Caller, site: Site, enrollment: Enrollment) -> None:
    given = {"enrollment": str(enrollment.public_id), "key": "treatment-plan-agreed", "role": "nurse"}
    assert caller.post(ATTESTATIONS, given).status_code == 403
    nurse = person(site, Role.NURSE)
    made = nurse.post(ATTESTATIONS, given)
    assert made.status_code == 201, made.json()
    back = nurse.post(f"{ATTESTATIONS}{made.json()['id']}/withdraw/")
    assert back.json()["withdrawn_at"] is not None
    listed = caller.get(f"{ATTESTATIONS}?enrollment={enrollment.public_id}").json()["results"]
    assert [each["key"] for each in listed] == ["treatment-plan-agreed"]


def queries_of(caller: Caller, path: str) -> int:
    caller.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert caller.get(path).status_code == 200
    return len(asked)


def test_lists_ask_as_much_for_many_rows_as_for_one(caller: Caller, site: Site, patient: Patient) -> None:
    by = clinic.actor(sites=[site])
    pathways.rated(patient, by=by)
    pathways.program()
    paths = (LEVELS, "/api/v1/programs/kratom-outpatient/versions/", "/api/v1/programs/")
    before = [queries_of(caller, path) for path in paths]
    for _ in range(3):
        pathways.rated(patients.patient(site), by=by)
    pathways.program(published=False, changed={"program": pathways.document()["program"] | {"summary": "Other"}})
    assert [queries_of(caller, path) for path in paths] == before
