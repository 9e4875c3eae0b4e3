"""Every refusal is a problem document: one shape, the right status, one sentence."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from rest_framework import serializers

from clinic.api.parsers import read
from clinic.api.problems import BadBody, faults_of, problem, refusal_of
from clinic.api.serializers import Body
from clinic.errors import Refused
from clinic.rules.sentences import sentence
from tests.api.callers import administrator, place, program
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


def _document(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = json.loads(answer.content)
    assert told["type"] == f"/problems/{code}"
    assert (told["status"], told["code"]) == (status, code)
    assert told["title"]
    assert told["detail"].endswith(".")
    return told


def test_an_address_that_is_none_is_a_document() -> None:
    _document(program().get("/api/v1/nothing/here/"), 404, "not_found")


def test_a_method_that_is_not_taken_is_a_document_with_those_that_are() -> None:
    answer = administrator().send("delete", "/api/v1/sites/")
    _document(answer, 405, "no_method")
    assert "POST" in answer["Allow"]


def test_the_document_carries_the_id_of_the_request() -> None:
    assert _document(Client().get("/api/v1/me/"), 401, "anonymous")["instance"]


def test_the_sentence_is_in_the_language_asked_for() -> None:
    told = _document(Client().get("/api/v1/me/", headers={"Accept-Language": "es"}), 401, "anonymous")
    assert told["title"] == "No reconocido"


def test_each_bad_member_has_its_pointer() -> None:
    body = place(phone=5, colour="blue", contact_opens="noon")
    del body["name"]
    told = _document(administrator().post("/api/v1/sites/", body), 422, "bad_input")
    assert {(one["pointer"], one["code"]) for one in told["errors"]} == {
        ("/name", "required"),
        ("/phone", "invalid"),
        ("/colour", "unknown"),
        ("/contact_opens", "invalid"),
    }


def test_what_the_action_refuses_has_the_same_shape() -> None:
    told = _document(administrator().post("/api/v1/sites/", place(phone="none")), 422, "bad_input")
    assert told["errors"] == [{"pointer": "/phone", "detail": told["errors"][0]["detail"], "code": "sites.bad_phone"}]


def test_a_body_that_is_no_object_is_refused() -> None:
    _document(administrator().post("/api/v1/sites/", [1, 2]), 422, "bad_input")


def test_a_gate_says_each_of_its_criteria() -> None:
    criteria = [{"key": "craving", "met": False, "sentence": sentence("problem.malformed")}]
    request = RequestFactory().get("/api/v1/x/")
    told = _document(problem(Refused("in_flight", details=criteria), request), 409, "in_flight")
    assert told["criteria"] == [{"key": "craving", "met": False, "sentence": "The request cannot be read."}]


def test_named_parts_stand_beside_the_members_and_replace_none() -> None:
    refused = Refused("in_flight", details={"criteria": [], "attempts": 3, "status": 200})
    told = _document(problem(refused, RequestFactory().get("/")), 409, "in_flight")
    assert (told["attempts"], told["status"]) == (3, 409)


def test_a_database_that_is_away_says_when_to_come_back() -> None:
    refused = refusal_of(OperationalError("connection refused"))
    assert refused is not None
    answer = problem(refused, RequestFactory().get("/api/v1/x/"))
    _document(answer, 503, "database_away")
    assert int(answer["Retry-After"]) > 0


def test_a_database_that_goes_away_under_a_call_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    caller = program()
    monkeypatch.setattr("clinic.api.authentication.bearer_of", gone)
    answer = caller.get("/api/v1/me/")
    _document(answer, 503, "database_away")
    assert int(answer["Retry-After"]) > 0


def test_a_database_that_is_away_before_the_door_is_a_document_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("connection refused")

    caller = administrator()
    monkeypatch.setattr("clinic.web.middleware.actors.staff_of", gone)
    answer = caller.get("/api/v1/me/")
    _document(answer, 503, "database_away")
    assert int(answer["Retry-After"]) > 0


def test_nested_errors_become_pointers() -> None:
    detail = {"contacts": [{}, {"value": ["wrong"]}], "a/b": ["wrong"], "non_field_errors": ["together wrong"]}
    assert [fault.pointer for fault in faults_of(detail)] == ["/contacts/1/value", "/a~1b", ""]


STRANGE = [
    (b'{"a": 1, "a": 2}', 400, "json_duplicate"),
    (b'{"a": NaN}', 400, "json_number"),
    (b'{"a": -Infinity}', 400, "json_number"),
    (b'{"a": 1e999}', 400, "json_number"),
    (b'{"a": ' + b"9" * 5000 + b"}", 400, "json_malformed"),
    (b'{"a": 1', 400, "json_malformed"),
    (b"\xff\xfe", 400, "json_malformed"),
    (b"[" * 40 + b"]" * 40, 400, "json_deep"),
    (b"[" * 100_000 + b"]" * 100_000, 400, "json_deep"),
    (b'{"a": "\\u0000"}', 422, "bad_input"),
    (b'{"\\ud800": 1}', 422, "bad_input"),
    (b'["\\udc00"]', 422, "bad_input"),
]


@pytest.mark.parametrize(("raw", "status", "code"), STRANGE)
def test_json_two_readers_could_take_differently_is_refused(raw: bytes, status: int, code: str) -> None:
    caller = administrator()
    answer = caller.client.post("/api/v1/sites/", raw, content_type="application/json")
    _document(answer, status, code)


def test_ordinary_json_is_read_as_it_stands() -> None:
    raw = '{"name": "Zoë 🌊", "deep": [[[1.5, null, true]]], "large": 12345678901234567890}'.encode()
    assert read(raw) == json.loads(raw)


def test_a_body_of_more_than_a_megabyte_is_refused() -> None:
    caller = administrator()
    for size in (1024 * 1024 + 10, 5 * 1024 * 1024):
        raw = b'{"name": "' + b"x" * size + b'"}'
        _document(caller.client.post("/api/v1/sites/", raw, content_type="application/json"), 413, "too_large")


def test_a_body_that_is_not_json_is_refused() -> None:
    answer = administrator().client.post("/api/v1/sites/", "name=x", content_type="text/plain")
    _document(answer, 415, "media_type")


def test_an_answer_that_is_not_json_cannot_be_had() -> None:
    _document(program().get("/api/v1/me/", Accept="text/html"), 406, "not_acceptable")


def test_a_filter_that_does_not_exist_is_refused_and_not_ignored() -> None:
    told = _document(program().get("/api/v1/sites/?name=Ada"), 422, "bad_input")
    assert told["errors"][0]["pointer"] == "/name"


def test_a_parameter_given_twice_or_with_a_nul_is_refused() -> None:
    _document(program().get("/api/v1/sites/?page_size=5&page_size=6"), 422, "bad_input")
    _document(program().get("/api/v1/sites/?cursor=%00"), 422, "bad_input")


def test_a_fault_of_ours_says_nothing_of_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(actor: object) -> None:
        raise RuntimeError("the secret name of a patient")

    caller = program()
    caller.client.raise_request_exception = False
    monkeypatch.setattr("clinic.api.callers.open_sites_of", broken)
    answer = caller.get("/api/v1/me/")
    _document(answer, 500, "fault")
    assert b"secret" not in answer.content


def test_every_kind_of_problem_can_be_read_by_anybody() -> None:
    listed = Client().get("/problems/")
    assert listed.status_code == 200
    assert b"key_reused" in listed.content
    one = Client().get("/problems/key_reused")
    assert one.status_code == 200
    assert "Take a new key" in one.content.decode()
    assert "in one sentence" in Client().get("/problems/gate_not_met_in_some_program").content.decode()
    assert Client().get("/problems/no-such-kind").status_code == 404


def test_a_body_says_all_that_is_wrong_at_once() -> None:
    class Small(Body):
        count = serializers.IntegerField()

    form = Small(data={"count": "many", "other": 1})
    assert not form.is_valid()
    assert {fault.pointer for fault in faults_of(form.errors)} == {"/count", "/other"}
    assert BadBody(faults_of(form.errors)).status == 422


def test_nobody_learns_of_a_site_they_do_not_work_at() -> None:
    foreign = make.site("Elsewhere")
    _document(program().get(f"/api/v1/sites/{foreign.public_id}/"), 404, "not_found")
