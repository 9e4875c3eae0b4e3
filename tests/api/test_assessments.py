"""Instruments, drafts, assessments, flags and intakes over REST."""

from uuid import UUID

import pytest
from django.test import Client

from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients.models import Assessment, AssessmentDraft, SafetyFlag
from tests.api.callers import Caller, program
from tests.factories import clinic
from tests.factories.patients import patient, phq9

pytestmark = pytest.mark.django_db

SCOPES = ["patients.read", "assessments.read", "assessments.write"]
ALL_ZERO = phq9(*[0] * 9)


@pytest.fixture
def api(site):
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def clinician(site):
    return Caller(clinic.sign_in(Client(), clinic.staff(roles=[Role.CLINICIAN], sites=[site])))


@pytest.fixture
def person(site):
    return patient(site)


def of(person, rest):
    return f"/api/v1/patients/{person.public_id}/{rest}"


def score(api, key, answers, **more):
    return api.post(f"/api/v1/instruments/{key}/score", {"answers": answers, **more})


def test_answers_are_scored_without_being_stored(api):
    told = score(api, "phq9", phq9(2, 2, 2, 2, 2, 2, 1, 1, 1)).json()
    assert (told["status"], told["total"], told["band"]) == ("complete", 15, "moderately severe")
    assert told["alerts"] == ["phq9_positive", "phq9_suicide"] and told["subscores"] == {}
    assert not AssessmentDraft.objects.exists() and not Assessment.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="assessment").exists()


def test_an_incomplete_form_has_no_score_and_still_its_alert(api):
    told = score(api, "phq9", {"phq9_9": 1}).json()
    assert (told["status"], told["total"], told["band"], told["alerts"]) == ("incomplete", None, None, ["phq9_suicide"])


@pytest.mark.parametrize(
    ("key", "answers", "item"),
    [
        ("cows", {"cows_11": 4}, "cows_11"),
        ("phq9", {"phq9_1": "1"}, "phq9_1"),
        ("phq9", {"phq9_1": True}, "phq9_1"),
        ("phq9", {"nonsense": 1}, "nonsense"),
        ("auditc", {"auditc_1": 0, "auditc_2": 1}, "auditc_2"),
        ("phq9", [1, 2], "answers"),
        ("phq9", "x", "answers"),
    ],
)
def test_answers_that_cannot_be_taken_are_a_status_and_no_error(api, key, answers, item):
    answer = score(api, key, answers)
    told = answer.json()
    assert (answer.status_code, told["status"], told["total"], told["band"]) == (200, "invalid", None, None)
    assert [each["item"] for each in told["problems"]] == [item]
    assert told["problems"][0]["detail"]


def test_sex_decides_the_band_of_the_alcohol_screen(api):
    answers = {"auditc_1": 1, "auditc_2": 1, "auditc_3": 1}
    bands = {sex: score(api, "auditc", answers, context={"sex": sex}).json()["band"] for sex in ("male", "female")}
    assert bands == {"male": "negative", "female": "positive"}


def test_an_unknown_instrument_is_not_found(api, person):
    for answer in (
        score(api, "rorschach", {}),
        api.get("/api/v1/instruments/rorschach/"),
        api.post(of(person, "assessments/"), {"instrument": "rorschach", "answers": {"a": 1}}),
        api.put(of(person, "drafts/rorschach/"), {"answers": {"a": 1}}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_instrument")


def test_every_instrument_is_listed_and_described(api):
    listed = api.get("/api/v1/instruments/").json()["results"]
    assert len(listed) == 15
    for each in listed:
        told = api.get(f"/api/v1/instruments/{each['key']}/").json()
        assert told["items"] and told["digest"]


def test_a_page_scores_with_its_session(clinician):
    assert score(clinician, "phq9", ALL_ZERO).json()["band"] == "minimal"
    desk = Caller(clinic.sign_in(Client(), clinic.staff(roles=[Role.FRONT_DESK])))
    assert score(desk, "phq9", ALL_ZERO).status_code == 403
    assert score(Caller(Client()), "phq9", ALL_ZERO).status_code == 401


def record(api, person, **changes):
    return api.post(of(person, "assessments/"), {"instrument": "phq9", "answers": ALL_ZERO} | changes)


def test_an_assessment_is_recorded_read_and_listed(api, person):
    made = record(api, person)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["total"], told["band"], told["status"], told["warnings"]) == (0, "minimal", "final", [])
    again = record(api, person).json()
    assert "14 days" in again["warnings"][0]
    assert api.get(made["Location"]).json()["answers"] == ALL_ZERO
    listed = api.get(of(person, "assessments/?instrument=phq9")).json()["results"]
    assert [each["id"] for each in listed] == [again["id"], told["id"]]
    assert api.get(of(person, "assessments/?instrument=cows")).json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"answers": {"phq9_1": 9}}, "/answers/phq9_1"),
        ({"answers": {}}, "/answers"),
        ({"answers": {"phq9_1": {"deep": [1]}}}, "/answers/phq9_1"),
        ({"effective_at": "2149-01-01T00:00:00Z"}, "/effective_at"),
        ({"effective_at": "2020-01-01T00:00:00"}, "/effective_at"),
        ({"total": 3}, "/total"),
    ],
)
def test_what_cannot_be_recorded_is_pointed_at(api, person, changes, pointer):
    answer = record(api, person, **changes)
    assert answer.status_code == 422, answer.content
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Assessment.objects.exists()


def test_answers_to_items_not_asked_are_refused_by_a_program(api, person):
    answer = record(api, person, instrument="auditc", answers={"auditc_1": 0, "auditc_2": 1})
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/answers/auditc_2"]


def test_an_assessment_is_amended_and_entered_in_error(api, person):
    old = record(api, person, answers=phq9(*[0] * 8, 1)).json()
    base = f"/api/v1/assessments/{old['id']}/"
    assert api.post(f"{base}amend/", {"answers": ALL_ZERO}).status_code == 422
    new = api.post(f"{base}amend/", {"answers": ALL_ZERO, "reason": "misheard"})
    assert new.status_code == 201 and new.json()["amends"] == old["id"]
    assert api.get(base).json()["status"] == "amended"
    assert api.post(f"{base}retract/", {"reason": "x"}).json()["code"] == "assessment_not_current"
    gone = api.post(f"{new['Location']}retract/", {"reason": "another person"})
    assert gone.json()["status"] == "entered_in_error"
    flag = api.get("/api/v1/safety-flags/").json()["results"][0]
    assert flag["alert"] == "phq9_suicide" and flag["corrected_at"] and not flag["closed_at"]


def test_a_draft_is_saved_over_what_was_seen_and_raises_its_flag_at_once(api, person):
    address = of(person, "drafts/phq9/")
    assert api.get(address).status_code == 404
    first = api.put(address, {"answers": {"phq9_9": 2}})
    assert first.status_code == 200 and first.json()["alerts"] == ["phq9_suicide"]
    assert SafetyFlag.objects.get().severity == "urgent"
    assert api.put(address, {"answers": {"phq9_9": 1}}).status_code == 428
    second = api.put(address, {"answers": phq9(*[0] * 8, 1)}, If_Match=first["ETag"])
    assert api.put(address, {"answers": {}}, If_Match=first["ETag"]).status_code == 412
    made = api.post(f"{address}record/", {}, If_Match=second["ETag"])
    assert made.status_code == 201 and made.json()["id"] == first.json()["id"]
    assert api.get(of(person, "drafts/")).json()["results"] == []


def test_a_draft_is_thrown_away(api, person):
    address = of(person, "drafts/gad7/")
    saved = api.put(address, {"answers": {"gad7_1": 1}})
    assert api.send("delete", address, If_Match=saved["ETag"]).status_code == 204
    assert api.get(address).status_code == 404


def test_a_program_takes_a_flag_and_only_a_person_closes_it(api, clinician, person):
    record(api, person, answers={"phq9_9": 1})
    flag = api.get("/api/v1/safety-flags/").json()["results"][0]
    base = f"/api/v1/safety-flags/{flag['id']}/"
    taken = api.post(f"{base}take/", None, If_Match='"1"')
    assert taken.status_code == 200 and taken.json()["taken_by"]
    assert api.post(f"{base}close/", {"action_taken": "x"}, If_Match=taken["ETag"]).status_code == 403
    assert clinician.post(f"{base}close/", {"action_taken": ""}, If_Match=taken["ETag"]).status_code == 422
    closed = clinician.post(f"{base}close/", {"action_taken": "Screened"}, If_Match=taken["ETag"])
    assert closed.status_code == 200 and closed.json()["closed_by"]
    assert api.get("/api/v1/safety-flags/").json()["results"] == []
    assert len(api.get("/api/v1/safety-flags/?state=all").json()["results"]) == 1


def test_an_intake_is_opened_by_a_program_and_signed_by_a_person(api, clinician, person):
    opened = api.post(of(person, "intakes/"))
    assert opened.status_code == 200 and len(opened.json()["sections"]) == 13
    assert api.post(of(person, "intakes/")).json()["id"] == opened.json()["id"]
    base = f"/api/v1/intakes/{opened.json()['id']}/"
    api.put(of(person, "drafts/phq9/"), {"answers": {"phq9_9": 1}})
    assert api.post(f"{base}sign/", {}, If_Match=opened["ETag"]).json()["code"] == "person_only"
    refused = clinician.post(f"{base}sign/", {}, If_Match=opened["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "intake_incomplete")
    assert "phq9" in {each["instrument"] for each in refused.json()["sections"]}


def test_drafts_saved_over_rest_belong_to_the_intake_under_way(api, clinician, person):
    opened = api.post(of(person, "intakes/"))
    api.put(of(person, "drafts/phq9/"), {"answers": ALL_ZERO})
    base = f"/api/v1/intakes/{opened.json()['id']}/"
    states = {each["instrument"]: each["state"] for each in api.get(base).json()["sections"]}
    assert states["phq9"] == "done"
    signed = clinician.post(f"{base}sign/", {"not_asked_reason": "left early"}, If_Match=opened["ETag"])
    assert signed.status_code == 200 and signed.json()["signed_by"]
    assert Assessment.objects.get().intake.public_id == UUID(opened.json()["id"])


def test_findings_of_a_foreign_person_are_not_found(site, api, person):
    made = record(api, person, answers={"phq9_9": 1}).json()
    intake = api.post(of(person, "intakes/")).json()
    flag = SafetyFlag.objects.get()
    stranger = program(clinic.api_client(scopes=SCOPES))
    for path in (of(person, "assessments/"), of(person, "drafts/"), of(person, "intakes/"),
                 f"/api/v1/assessments/{made['id']}/", f"/api/v1/safety-flags/{flag.public_id}/",
                 f"/api/v1/intakes/{intake['id']}/", f"/api/v1/safety-flags/?patient={person.public_id}"):  # fmt: skip
        assert stranger.get(path).status_code == 404
    assert record(stranger, person).status_code == 404
    assert stranger.put(of(person, "drafts/phq9/"), {"answers": {}}).status_code == 404
    assert stranger.get("/api/v1/safety-flags/").json()["results"] == []


def test_lists_of_findings_cost_the_same_however_long_they_are(api, person, django_assert_max_num_queries):
    counts = []
    for number in (2, 10):
        while Assessment.objects.count() < number:
            record(api, person, answers={"phq9_9": 1})
        with django_assert_max_num_queries(40) as asked:
            api.get(of(person, "assessments/"))
            api.get("/api/v1/safety-flags/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
