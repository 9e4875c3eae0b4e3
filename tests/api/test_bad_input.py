"""Whatever a caller sends gets a clear answer: never a fault of ours, never half a change.

First our own OpenAPI document, turned against us: every operation with generated input, good and broken. Then the bad
inputs the clinic knows by name, each with its one sentence.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oauth2_provider.models import AccessToken
from schemathesis import Case, openapi
from schemathesis.generation import GenerationMode

from clinic.models import AuditEntry
from clinic.rules.roles import SCOPES, Role
from pathways.models import Enrollment, Transition
from patients.models import Assessment, Patient
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways, patients, replies, sessions
from tests.factories.course import quiet, ready_for_therapy
from tests.factories.patients import NOW

EXAMPLES = 15
FORBIDDEN_HEADERS = {"content-length", "content-type", "host", "cookie", "authorization"}


# -- our own document -------------------------------------------------------------------------------------------------


class World:
    """One of everything, and a member of staff who holds every role."""

    def __init__(self) -> None:
        self.site = clinic.site()
        roles = [role for role in Role if role is not Role.API_CLIENT]
        self.member = clinic.staff(roles=roles, sites=[self.site])
        self.client = clinic.sign_in(Client(raise_request_exception=False), self.member)
        by = self.member.actor
        self.patient = patients.patient(self.site, by=by, contact_points=[patients.email()])
        self.enrollment = pathways.enrolled(self.patient, by=by, site=self.site)
        assessment = patients.assessment(self.patient, "phq9", patients.phq9(*[1] * 9), by=by)
        self.ids = {
            "patients": self.patient, "enrollments": self.enrollment, "assessments": assessment, "sites": self.site,
            "follow-ups": self.enrollment.follow_ups.first(), "contact-points": self.patient.contact_points.first(),
            "safety-flags": self.patient.safety_flags.first(),
            "level-of-care-assessments": pathways.rated(self.patient, 1, by=by),
            "observations": patients.measured(self.patient, ("alt", 40), by=by)[0],
            "consents": patients.consented(self.patient, by=by),
            "sessions": sessions.individual(self.patient, by=by), "rooms": sessions.room(self.site),
        }  # fmt: skip
        self.ids["attendances"] = self.ids["sessions"].attendances.get()
        self.ids["replies"] = replies.wrote("Hello?", address="person@example.org", channel="email")

    def row_for(self, path: str) -> Any:
        """A row that the address may name, as it stands now; None where there is none of its kind."""
        row = self.ids.get(path.removeprefix("/api/v1/").split("/")[0])
        if row is not None:
            row.refresh_from_db()
        return row

    def parts_for(self, path: str) -> dict[str, str]:
        """What makes an address name something real."""
        row = self.row_for(path)
        key = pathways.KRATOM if "/programs/" in path else "phq9"
        return {
            "public_id": str(row.public_id) if row else str(uuid4()),
            "key": key,
            "instrument": "gad7",
            "number": "1",
        }

    def body_for(self, body: Any) -> Any:
        """The same body about somebody real."""
        if not isinstance(body, dict):
            return body
        return body | {name: str(self.ids[f"{name}s"].public_id) for name in ("patient", "enrollment") if name in body}


@pytest.mark.django_db
def test_no_operation_of_our_own_document_ends_in_a_fault() -> None:
    world = World()
    document = json.loads(world.client.get("/api/v1/schema/").content)
    schema = openapi.from_dict(document)
    asked = [_try(operation.ok(), world) for operation in schema.get_all_operations()]
    assert sum(asked) > EXAMPLES * 10, "hardly anything was asked"
    assert AuditEntry.objects.exists()


def _try(operation: Any, world: World) -> int:
    """Send the operation's generated cases; how many."""
    asked = 0
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases, real=st.sampled_from([True, True, False]), version=st.sampled_from([None, "now", '"0"', "x"]))
    def send(case: Case, real: bool, version: str | None) -> None:
        nonlocal asked
        asked += 1
        answer = _sent(case, world, real, version)
        said = f"{case.method} {case.path} answered {answer.status_code}: {answer.content[:300]!r}"
        assert answer.status_code < 500, said
        if answer.status_code >= 400 and answer.status_code != 405:
            assert _is_a_problem(answer), said

    send()
    return asked


def _sent(case: Case, world: World, real: bool, version: str | None) -> Any:
    parts = {name: quote(str(value), safe="") or "x" for name, value in (case.path_parameters or {}).items()}
    headers = {name: str(value) for name, value in (case.headers or {}).items() if _may_be_sent(name, value)}
    told = case.as_transport_kwargs()
    body = told.get("json")
    if real:
        parts, body = parts | world.parts_for(case.path), world.body_for(body)
    if version is not None:
        headers["If-Match"] = f'"{getattr(world.row_for(case.path), "version", 1)}"' if version == "now" else version
    data = told.get("data") if body is None else json.dumps(body)
    return world.client.generic(
        case.method, case.path.format(**parts), data=data if isinstance(data, str | bytes) else b"",
        content_type="application/json", headers=headers, query_params=told.get("params") or {},
    )  # fmt: skip


def _may_be_sent(name: str, value: object) -> bool:
    """A header a server would hand on at all."""
    return name.lower() not in FORBIDDEN_HEADERS and str(value).isascii() and str(value).isprintable()


def _is_a_problem(answer: Any) -> bool:
    if answer["Content-Type"] != "application/problem+json":
        return False
    said = answer.json()
    return bool(said["detail"]) and said["status"] == answer.status_code


# -- known by name ----------------------------------------------------------------------------------------------------


@pytest.fixture
def caller(site: Any) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def person(site: Any) -> Patient:
    return patients.patient(site, now=datetime.now(UTC) - timedelta(days=30))


def refused(answer: Any, status: int, code: str = "") -> dict[str, Any]:
    """The problem document: one sentence, the right status."""
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["status"]) == (status, status), said
    assert said["detail"].endswith(".") and len(said["detail"]) > 10
    if code:
        assert said["code"] == code
    return said


def pointers(said: dict[str, Any]) -> set[str]:
    return {each["pointer"] for each in said["errors"]}


def registration(**changes: Any) -> dict[str, Any]:
    return {"given_name": "Tobias", "family_name": "Quillfeather", "birth_date": "1984-06-07"} | changes


def form(instrument: str, **answers: object) -> dict[str, Any]:
    return {"instrument": instrument, "answers": quiet(instrument) | answers}


@pytest.mark.django_db
class TestKnownByName:
    def test_an_unknown_instrument(self, caller: Caller, person: Patient) -> None:
        refused(caller.post("/api/v1/instruments/tarot/score", {"answers": {}}), 404)
        answer = caller.post(
            f"/api/v1/patients/{person.public_id}/assessments/", {"instrument": "tarot", "answers": {}}
        )
        assert answer.status_code in (404, 422)
        assert not Assessment.objects.exists()

    def test_a_value_outside_the_option_list(self, caller: Caller, person: Patient) -> None:
        answer = caller.post(f"/api/v1/patients/{person.public_id}/assessments/", form("phq9", phq9_1=7))
        assert any("phq9_1" in each for each in pointers(refused(answer, 422)))
        assert not Assessment.objects.exists()

    def test_the_same_value_when_only_scored(self, caller: Caller) -> None:
        answer = caller.post("/api/v1/instruments/phq9/score", {"answers": {"phq9_1": 7}})
        assert (answer.status_code, answer.json()["status"]) == (200, "invalid")

    def test_an_answer_to_a_hidden_item(self, caller: Caller, person: Patient) -> None:
        hidden = form("cssrs_screen", cssrs_1="no", cssrs_2="no", cssrs_3="yes")
        refused(caller.post(f"/api/v1/patients/{person.public_id}/assessments/", hidden), 422)
        assert not Assessment.objects.exists()

    def test_a_birth_date_in_the_future(self, caller: Caller) -> None:
        answer = caller.post("/api/v1/patients/", registration(birth_date="2999-01-01"))
        assert pointers(refused(answer, 422)) == {"/birth_date"}
        assert not Patient.objects.exists()

    def test_a_telephone_number_that_is_none(self, caller: Caller) -> None:
        points = [{"channel": "sms", "address": "12"}]
        answer = caller.post("/api/v1/patients/", registration(contact_points=points))
        assert any("address" in each or "contact_points" in each for each in pointers(refused(answer, 422)))
        assert not Patient.objects.exists()

    @pytest.mark.parametrize("name", ["A\x00", "\ud800", "x" * 200, ""])
    def test_a_name_that_cannot_be_kept(self, name: str, caller: Caller) -> None:
        body = json.dumps(registration(given_name=name))
        answer = caller.client.post("/api/v1/patients/", body, content_type="application/json", headers=caller.headers)
        assert answer.status_code in (400, 422)
        refused(answer, answer.status_code)
        assert not Patient.objects.exists()

    def test_a_second_active_enrollment(self, caller: Caller, person: Patient, site: Any) -> None:
        pathways.enrolled(person, site=site)
        body = {"patient": str(person.public_id), "program": pathways.KRATOM}
        refused(caller.post("/api/v1/enrollments/", body), 409, "enrollment_one_open")
        assert Enrollment.objects.count() == 1

    def test_a_program_that_is_none(self, caller: Caller, person: Patient) -> None:
        body = {"patient": str(person.public_id), "program": "moonlight"}
        assert pointers(refused(caller.post("/api/v1/enrollments/", body), 422)) == {"/program"}

    def test_a_token_that_has_expired(self, caller: Caller) -> None:
        AccessToken.objects.update(expires=datetime.now(UTC) - timedelta(minutes=1))
        answer = caller.get("/api/v1/patients/")
        refused(answer, 401)
        assert "Bearer" in answer["WWW-Authenticate"]

    @pytest.mark.parametrize("token", ["", "nonsense", "é", "x" * 5000])
    def test_a_token_that_is_none(self, token: str) -> None:
        answer = Client().get("/api/v1/patients/", headers={"Authorization": f"Bearer {token}"})
        refused(answer, 401)

    def test_a_token_of_another_site(self, person: Patient) -> None:
        foreign = program(clinic.api_client(scopes=SCOPES))
        missing = refused(foreign.get(f"/api/v1/patients/{uuid4()}/"), 404)
        theirs = refused(foreign.get(f"/api/v1/patients/{person.public_id}/"), 404)
        assert missing["detail"] == theirs["detail"]
        body = {"patient": str(person.public_id), "program": pathways.KRATOM}
        refused(foreign.post("/api/v1/enrollments/", body), 404)

    @pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b'{"a":1,"a":2}', b"[" * 5000, b"1e999"])
    def test_a_body_that_is_no_object(self, body: bytes, caller: Caller) -> None:
        answer = caller.client.post("/api/v1/patients/", body, content_type="application/json", headers=caller.headers)
        assert answer.status_code in (400, 422)
        refused(answer, answer.status_code)


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_have_one_winner() -> None:
    site = clinic.site()
    by = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    row = pathways.enrolled(by=by, site=site)
    ready_for_therapy(row, by)
    clients = [program(clinic.api_client(scopes=SCOPES, sites=[site])) for _ in range(2)]
    answers = sorted(_at_once(clients, row), key=lambda each: each.status_code)
    assert answers[0].status_code == 200, answers[0].content
    refused(answers[1], 412)
    assert Transition.objects.filter(enrollment=row, kind="advance").count() == 1


def _at_once(clients: list[Caller], row: Enrollment) -> Iterator[Any]:
    together, answers = Barrier(len(clients)), []
    path, version = f"/api/v1/enrollments/{row.public_id}/advance/", Enrollment.objects.get(pk=row.pk).version

    def move(caller: Caller) -> None:
        together.wait(10)
        answers.append(
            caller.post(path, {"effective_at": (NOW + timedelta(days=3)).isoformat()}, If_Match=f'"{version}"')
        )
        connection.close()

    threads = [Thread(target=move, args=[caller]) for caller in clients]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return iter(answers)
