"""Enrollments over REST: coming in, moving, being told why not, and what programs may not do."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import ApiClient, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, OverrideRequest
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories.course import DAY, LATER, ready_for_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/enrollments/"
SCOPES = ["enrollments.read", "enrollments.write"]
CANARY = "CANARY drank again"


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def laboratory(site: Site) -> ApiClient:
    return make.api_client(scopes=SCOPES, sites=[site])


@pytest.fixture
def caller(laboratory: ApiClient) -> Caller:
    return program(laboratory)


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site)


def of(row: Enrollment, verb: str = "") -> str:
    return f"{ROOT}{row.public_id}/{verb + '/' if verb else ''}"


def person(site: Site, role: Role = Role.CLINICIAN) -> Caller:
    return Caller(make.sign_in(Client(), make.staff(roles=[role], sites=[site])))


def enrolled_over_rest(caller: Caller, site: Site, **given: Any) -> Any:
    somebody = patients.patient(site)
    pathways.program(now=NOW - DAY)
    return caller.post(ROOT, {"patient": str(somebody.public_id), "program": pathways.KRATOM} | given)


# -- coming in --------------------------------------------------------------------------------------------------------


def test_a_program_enrolls_somebody(caller: Caller, site: Site) -> None:
    answer = enrolled_over_rest(caller, site)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["status"], body["phase"]["key"], body["version"]) == ("active", "assessment-and-stabilization", 1)
    assert answer["ETag"] == '"1"'
    assert caller.get(answer["Location"]).json()["id"] == body["id"]


def test_a_key_sent_twice_enrolls_once(caller: Caller, site: Site) -> None:
    somebody = patients.patient(site)
    pathways.program(now=NOW - DAY)
    body = {"patient": str(somebody.public_id), "program": pathways.KRATOM}
    first = caller.post(ROOT, body, Idempotency_Key="abc-1")
    again = caller.post(ROOT, body, Idempotency_Key="abc-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again["Idempotent-Replayed"] == "true"
    assert Enrollment.objects.count() == 1


def test_a_second_open_enrollment_is_409_with_its_sentence(caller: Caller, enrollment: Enrollment) -> None:
    answer = caller.post(ROOT, {"patient": str(enrollment.patient.public_id), "program": pathways.KRATOM})
    assert (answer.status_code, answer.json()["code"]) == (409, "enrollment_one_open")
    assert answer.json()["detail"]


def test_an_unknown_program_is_422(caller: Caller, site: Site) -> None:
    answer = enrolled_over_rest(caller, site, program="no-such-program")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/program")


def test_a_foreign_person_is_404(caller: Caller) -> None:
    answer = enrolled_over_rest(caller, make.site())
    assert answer.status_code == 404


# -- reading ----------------------------------------------------------------------------------------------------------


def test_the_detail_holds_the_gate_ahead(caller: Caller, enrollment: Enrollment) -> None:
    body = caller.get(of(enrollment)).json()
    gate = body["next_gate"]
    assert (gate["met"], gate["met_count"], gate["of_count"]) == (False, 2, 5)
    assert [each["key"] for each in gate["criteria"]][:2] == ["intake-done", "withdrawal-settled"]
    assert caller.get(of(enrollment, "gate")).json()["next_gate"] == gate


def test_the_list_is_filtered(caller: Caller, site: Site, enrollment: Enrollment) -> None:
    other = pathways.enrolled(site=site)
    assert len(caller.get(ROOT).json()["results"]) == 2
    for query in (
        f"patient={other.patient.public_id}&status=active",
        f"patient={other.patient.public_id}&site={site.public_id}&program={pathways.KRATOM}",
        f"patient={other.patient.public_id}&phase=assessment-and-stabilization",
    ):
        found = caller.get(f"{ROOT}?{query}").json()["results"]
        assert [each["id"] for each in found] == [str(other.public_id)]
    assert caller.get(f"{ROOT}?status=left").json()["results"] == []
    assert caller.get(f"{ROOT}?status=gone").status_code == 422


def test_what_belongs_to_another_site_is_not_found(enrollment: Enrollment) -> None:
    stranger = program(make.api_client(scopes=SCOPES))
    assert stranger.get(of(enrollment)).status_code == 404
    assert stranger.get(ROOT).json()["results"] == []
    assert stranger.post(of(enrollment, "advance"), {}, If_Match='"1"').status_code == 404


def test_a_token_that_may_only_read_moves_nobody(site: Site, enrollment: Enrollment) -> None:
    looking = program(make.api_client(scopes=["enrollments.read"], sites=[site]))
    assert looking.get(of(enrollment)).status_code == 200
    assert looking.post(of(enrollment, "hold"), {}, If_Match='"1"').status_code == 403


def test_reading_is_written_down(caller: Caller, enrollment: Enrollment) -> None:
    caller.get(of(enrollment))
    entry = AuditEntry.objects.get(action="read.api_enrollment")
    assert entry.patient_ids == [enrollment.patient.public_id]


# -- moving -----------------------------------------------------------------------------------------------------------


def test_a_gate_that_is_not_met_is_409_with_every_criterion(caller: Caller, enrollment: Enrollment) -> None:
    answer = caller.post(of(enrollment, "advance"), {}, If_Match='"1"')
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (409, "gate_not_met", 409)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["criteria"] == caller.get(of(enrollment)).json()["next_gate"]["criteria"]
    assert {each["key"] for each in body["criteria"]} >= {"plan-agreed", "no-urgent-flag-in-stabilization"}


def test_a_gate_that_is_met_moves_on_and_raises_the_version(caller: Caller, enrollment: Enrollment) -> None:
    ready_for_therapy(enrollment, make.actor(roles=[Role.CLINICIAN], sites=[enrollment.site]))
    answer = caller.post(of(enrollment, "advance"), {}, If_Match='"1"')
    assert answer.status_code == 200, answer.content
    assert (answer.json()["to_phase"], answer["ETag"]) == ("behavioral-therapy", '"2"')
    assert answer.json()["criteria"]
    history = caller.get(of(enrollment, "transitions")).json()["results"]
    assert [each["kind"] for each in history] == ["advance", "admit"]


def test_a_move_without_a_version_is_428_and_with_an_old_one_412(caller: Caller, enrollment: Enrollment) -> None:
    body = {"reason": "travel", "review_on": "2026-07-10"}
    assert caller.post(of(enrollment, "hold"), body).status_code == 428
    assert caller.post(of(enrollment, "hold"), body, If_Match='"7"').status_code == 412
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.version) == ("active", 1)


def test_hold_resume_discharge_and_back_again(caller: Caller, enrollment: Enrollment) -> None:
    earlier = (LATER - timedelta(hours=6)).isoformat()
    held = caller.post(
        of(enrollment, "hold"), {"reason": "travel", "review_on": "2026-07-10", "effective_at": earlier}, If_Match='"1"'
    )
    assert (held.status_code, held.json()["effective_at"]) == (200, earlier.replace("+00:00", "Z"))
    assert caller.post(of(enrollment, "resume"), {}, If_Match=held["ETag"]).status_code == 200
    left = caller.post(of(enrollment, "discharge"), {"reason": "moved_away", "destination": "home"}, If_Match='"3"')
    assert (left.status_code, left.json()["to_status"]) == (200, "left")
    back = caller.post(of(enrollment, "readmit"), {"to_phase": "assessment-and-stabilization"}, If_Match=left["ETag"])
    assert back.status_code == 201, back.content
    assert back.json()["readmission_of"] == str(enrollment.public_id)


def test_the_note_of_a_move_is_read_by_who_wrote_it_and_who_reads_assessments(
    caller: Caller, site: Site, enrollment: Enrollment
) -> None:
    body = {"reason": "travel", "review_on": "2026-07-10", "note": "With kin"}
    made = caller.post(of(enrollment, "hold"), body, If_Match='"1"')
    assert made.json()["note"] == "With kin", made.json()
    front_desk, clinician = person(site, Role.FRONT_DESK), person(site)
    told = [each.get(of(enrollment, "transitions")).json()["results"][0] for each in (front_desk, clinician)]
    assert [(each["kind"], each["note"], each["set_aside"]) for each in told] == [
        ("hold", None, None),
        ("hold", "With kin", []),
    ]


def test_a_move_is_undone(caller: Caller, enrollment: Enrollment) -> None:
    caller.post(of(enrollment, "hold"), {"reason": "work", "review_on": "2026-07-10"}, If_Match='"1"')
    assert caller.post(of(enrollment, "reverse"), {}, If_Match='"2"').status_code == 422
    answer = caller.post(of(enrollment, "reverse"), {"note": "Stays"}, If_Match='"2"')
    assert (answer.status_code, answer.json()["to_status"]) == (200, "active")


def test_unknown_reasons_and_members_are_422_with_their_place(caller: Caller, enrollment: Enrollment) -> None:
    answer = caller.post(
        of(enrollment, "hold"), {"reason": "bored", "review_on": "2026-02-30", "why": 1}, If_Match='"1"'
    )
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {"/reason", "/review_on", "/why"}


def test_a_step_back_from_the_first_phase_is_409(caller: Caller, enrollment: Enrollment) -> None:
    answer = caller.post(of(enrollment, "step-back"), {"reason": "patient_asked"}, If_Match='"1"')
    assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")


def test_the_counselor_is_assigned(caller: Caller, site: Site, enrollment: Enrollment) -> None:
    counselor = make.actor(roles=[Role.COUNSELOR], sites=[site])
    answer = caller.put(of(enrollment, "counselor"), {"counselor": str(counselor.public_id)}, If_Match='"1"')
    assert answer.json()["counselor"] == {"id": str(counselor.public_id), "name": counselor.name}
    nobody = caller.put(of(enrollment, "counselor"), {"counselor": None}, If_Match=answer["ETag"])
    assert nobody.json()["counselor"] is None


# -- overrides --------------------------------------------------------------------------------------------------------


WISH = {"criteria": ["withdrawal-settled"], "reason": "clinical_judgement", "note": "Settled, seen today"}


def test_a_program_may_neither_set_aside_nor_ask_nor_sign(caller: Caller, site: Site, enrollment: Enrollment) -> None:
    assert caller.post(of(enrollment, "advance"), {"set_aside": WISH}, If_Match='"1"').status_code == 403
    asking = caller.post("/api/v1/override-requests/", WISH | {"enrollment": str(enrollment.public_id)})
    assert asking.status_code == 403
    made = person(site).post("/api/v1/override-requests/", WISH | {"enrollment": str(enrollment.public_id)})
    assert made.status_code == 201, made.content
    signing = caller.post(f"{made['Location']}cosign/")
    assert signing.status_code == 403 and OverrideRequest.objects.get().cosigned_at is None


def test_two_people_set_a_requirement_aside(caller: Caller, site: Site, enrollment: Enrollment) -> None:
    ready_for_therapy(enrollment, make.actor(roles=[Role.CLINICIAN], sites=[site]), but="cows")
    made = person(site).post("/api/v1/override-requests/", WISH | {"enrollment": str(enrollment.public_id)})
    signed = person(site, Role.SUPERVISOR).post(f"{made['Location']}cosign/")
    assert signed.status_code == 200 and signed.json()["cosigned_by"]
    answer = caller.post(of(enrollment, "advance"), {}, If_Match='"1"')
    assert (answer.status_code, answer.json()["set_aside"]) == (200, ["withdrawal-settled"])
    listed = caller.get(f"/api/v1/override-requests/?enrollment={enrollment.public_id}").json()["results"]
    assert [each["used_in"] for each in listed] == [answer.json()["id"]]


def test_why_a_requirement_was_set_aside_is_read_by_who_wrote_it_and_who_reads_assessments(
    caller: Caller, site: Site, enrollment: Enrollment
) -> None:
    ready_for_therapy(enrollment, make.actor(roles=[Role.CLINICIAN], sites=[site]), but="cows")
    wish = WISH | {"note": CANARY, "enrollment": str(enrollment.public_id)}
    made = person(site).post("/api/v1/override-requests/", wish)
    person(site, Role.SUPERVISOR).post(f"{made['Location']}cosign/")
    assert caller.post(of(enrollment, "advance"), {}, If_Match='"1"').status_code == 200
    front_desk, clinician = person(site, Role.FRONT_DESK), person(site)
    for address in ("/api/v1/override-requests/", made["Location"], of(enrollment, "transitions")):
        assert CANARY not in front_desk.get(address).content.decode()
    assert front_desk.get(made["Location"]).json()["note"] is None
    assert [clinician.get(made["Location"]).json()["note"], made.json()["note"]] == [CANARY, CANARY]
    told = [each.get(of(enrollment, "transitions")).json()["results"][0] for each in (front_desk, clinician)]
    assert [told_of(each["criteria"]) for each in told] == [{None}, {True, False}]


def told_of(criteria: list[dict[str, Any]]) -> set[bool | None]:
    """What is said of these and of all within them: whether each was set aside."""
    return {each["set_aside"] for each in criteria}.union(*(told_of(each["children"]) for each in criteria))


def test_a_required_criterion_is_never_set_aside(site: Site, enrollment: Enrollment) -> None:
    body = WISH | {"enrollment": str(enrollment.public_id), "criteria": ["plan-agreed"]}
    answer = person(site).post("/api/v1/override-requests/", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "override_not_allowed")


# -- query counts -----------------------------------------------------------------------------------------------------


def test_a_list_asks_the_database_equally_often_whatever_its_length(caller: Caller, site: Site) -> None:
    pathways.enrolled(site=site)
    caller.get(ROOT)
    counted = []
    for more in (1, 8):
        for _ in range(more):
            pathways.enrolled(site=site)
        with CaptureQueriesContext(connection) as found:
            assert caller.get(ROOT).status_code == 200
        counted.append(len(found))
    assert counted[0] == counted[1] <= 20


def test_a_detail_asks_the_database_equally_often_whatever_the_history(caller: Caller, enrollment: Enrollment) -> None:
    caller.get(of(enrollment))
    counted = []
    for rounds in (1, 6):
        for _ in range(rounds):
            for verb, body in (("hold", {"reason": "work", "review_on": "2026-07-10"}), ("resume", {})):
                tag = caller.get(of(enrollment))["ETag"]
                assert caller.post(of(enrollment, verb), body, If_Match=tag).status_code == 200
        with CaptureQueriesContext(connection) as found:
            caller.get(of(enrollment))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 20
