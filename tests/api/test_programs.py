"""Programs as a person's session over HTTP edits them: drafts, files, publishing; what may not be told by its place."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Program, ProgramVersion
from pathways.programs.library import read_yaml
from pathways.rules.programs import canonical, editing
from pathways.rules.programs.spelling import spell
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
PROGRAMS = "/api/v1/programs/"
KRATOM = f"{PROGRAMS}kratom-outpatient/"


@pytest.fixture
def manager(site: Site) -> Caller:
    return person(site, Role.PROGRAM_MANAGER)


def person(site: Site, *roles: Role, language: str = "en") -> Caller:
    member = clinic.staff(roles=roles, sites=[site], language=language)
    return Caller(clinic.sign_in(Client(), member))


def as_yaml(caller: Caller, method: str, path: str, text: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    call = getattr(caller.client, method)
    return call(path, text, content_type="application/yaml", headers=caller.headers | named)


def started(manager: Caller) -> str:
    """The address of a fresh draft of the kratom program."""
    pathways.program()
    answer = manager.post(f"{KRATOM}drafts/", {})
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def pointers(answer: Any) -> list[str]:
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_draft_is_begun_read_saved_and_published(manager: Caller) -> None:
    address = started(manager)
    read = manager.get(address)
    assert (read.json()["number"], read.json()["based_on"], read["ETag"]) == (2, 1, '"1"')
    document = editing.put(read.json()["document"], "phases[0].typical_days", 21)
    saved = manager.put(address, {"document": document}, If_Match=read["ETag"])
    assert (saved.status_code, saved["ETag"], saved.json()["problems"]) == (200, '"2"', [])
    published = manager.post(f"{KRATOM}versions/2/publish/", If_Match='"2"')
    assert (published.status_code, published.json()["is_current"]) == (200, True)
    assert ProgramVersion.objects.get(number=2).document["phases"][0]["typical_days"] == 21


def test_a_draft_may_begin_from_a_version_by_its_number(manager: Caller) -> None:
    pathways.program()
    answer = manager.post(f"{KRATOM}drafts/", {"from_version": 1})
    assert (answer.status_code, answer.json()["based_on"]) == (201, 1)
    assert manager.post(f"{KRATOM}drafts/", {"from_version": 1}).status_code == 409
    assert manager.post(f"{KRATOM}drafts/", {"from_version": 9}).status_code == 404


def test_a_half_finished_draft_is_kept_and_its_problems_are_listed_with_pointers(manager: Caller) -> None:
    address = started(manager)
    document = editing.put(pathways.document(), "phases[0].exit.criteria[1].within_days", "a week")
    saved = manager.put(address, {"document": document}, If_Match='"1"')
    assert saved.status_code == 200
    found = manager.get(f"{address}problems/").json()["problems"]
    assert found == saved.json()["problems"]
    assert [(each["pointer"], each["code"]) for each in found] == [
        ("/phases/0/exit/criteria/1/within_days", "program.problem.not_whole")
    ]
    assert found[0]["detail"] == "A whole number is expected here."


def test_what_stands_against_publishing_is_refused_with_pointers_into_the_document(manager: Caller) -> None:
    address = started(manager)
    document = editing.put(pathways.document(), "phases[1].assessments[0].instrument", "phq11")
    manager.put(address, {"document": document}, If_Match='"1"')
    answer = manager.post(f"{KRATOM}versions/2/publish/", If_Match='"2"')
    assert (answer.status_code, answer.json()["code"]) == (422, "program_problems")
    assert "/document/phases/1/assessments/0/instrument" in pointers(answer)
    assert not ProgramVersion.objects.get(number=2).is_current


@pytest.mark.parametrize("method", ["put", "delete"])
def test_saving_without_saying_what_was_seen_is_428_and_against_another_is_412(manager: Caller, method: str) -> None:
    address = started(manager)
    body = {"document": {}} if method == "put" else None
    assert manager.send(method, address, body).status_code == 428
    assert manager.send(method, address, body, If_Match='"7"').status_code == 412
    assert ProgramVersion.objects.get(number=2).version == 1


@pytest.mark.parametrize("verb", ["publish", "retire", "confirm"])
def test_each_verb_on_a_version_asks_which_one_was_seen(site: Site, verb: str) -> None:
    pathways.program()
    supervisor = person(site, Role.SUPERVISOR)
    assert supervisor.post(f"{KRATOM}versions/1/{verb}/").status_code == 428
    assert supervisor.post(f"{KRATOM}versions/1/{verb}/", If_Match='"99"').status_code == 412


def test_of_two_who_publish_one_wins_and_the_other_is_told(site: Site, manager: Caller) -> None:
    started(manager)
    answers = [
        each.post(f"{KRATOM}versions/2/publish/", If_Match='"1"') for each in (manager, person(site, Role.SUPERVISOR))
    ]
    assert [each.status_code for each in answers] == [200, 412]


def test_a_discarded_draft_is_gone(manager: Caller) -> None:
    address = started(manager)
    assert manager.send("delete", address, If_Match='"1"').status_code == 204
    assert manager.get(address).status_code == 404
    assert manager.put(address, {"document": {}}, If_Match='"1"').status_code == 404


def test_another_draft_in_its_place_is_not_taken_for_the_one_that_was_discarded(manager: Caller) -> None:
    address = started(manager)
    manager.send("delete", address, If_Match='"1"')
    assert manager.post(f"{KRATOM}drafts/", {}).status_code == 201
    assert manager.put(address, {"document": {}}, If_Match='"1"').status_code == 404


def test_a_version_is_one_readable_file_that_is_read_back_without_loss(manager: Caller) -> None:
    version = pathways.program()
    answer = manager.get(f"{KRATOM}versions/1/document.yaml")
    assert answer["Content-Type"] == "application/yaml; charset=utf-8"
    assert canonical(read_yaml(answer.content.decode())) == canonical(version.document)


def test_a_file_takes_the_place_of_the_draft(manager: Caller) -> None:
    address = started(manager)
    text = spell(editing.put(pathways.document(), "phases[0].title", "Arriving"))
    assert as_yaml(manager, "put", address, text).status_code == 428
    saved = as_yaml(manager, "put", address, text, If_Match='"1"')
    assert saved.json()["document"]["phases"][0]["title"] == "Arriving"


def test_a_file_begins_the_draft_of_a_program_that_has_none(manager: Caller) -> None:
    pathways.program()
    answer = as_yaml(manager, "post", f"{KRATOM}drafts/", spell(pathways.document()))
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    assert as_yaml(manager, "post", f"{KRATOM}drafts/", spell(pathways.document())).status_code == 409


@pytest.mark.parametrize("spelled", ["yaml", "json"])
def test_a_new_program_comes_from_a_document_in_either_spelling(manager: Caller, spelled: str) -> None:
    if spelled == "yaml":
        answer = as_yaml(manager, "post", PROGRAMS, spell(pathways.document()))
    else:
        answer = manager.post(PROGRAMS, {"document": pathways.document()})
    assert (answer.status_code, answer.json()["status"], answer.json()["number"]) == (201, "draft", 1)
    assert answer["Location"].startswith(f"{KRATOM}drafts/")


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        ("schema: 1\nprogram: {key: x, key: y}\n", "/document/program/key", 2),
        ("schema: one\n", "/document/schema", 1),
        ("schema: 1\n\nsurprise: 2\n", "/document/surprise", 3),
        ("a: &a [x]\nb: *a\n", "/document/b", 2),
    ],
)
def test_a_file_with_mistakes_is_refused_with_the_place_of_each_and_nothing_is_stored(
    manager: Caller, text: str, pointer: str, line: int
) -> None:
    answer = as_yaml(manager, "post", PROGRAMS, text)
    assert (answer.status_code, answer.json()["code"]) == (422, "program_problems")
    assert pointer in pointers(answer)
    assert line in [each["line"] for each in answer.json()["problems"]]
    assert all(each["column"] >= 1 and each["detail"] for each in answer.json()["problems"])
    assert not Program.objects.exists()


@pytest.mark.parametrize("body", [{}, {"document": []}, {"document": {}, "more": 1}, []])
def test_a_body_of_another_shape_is_refused(manager: Caller, body: Any) -> None:
    address = started(manager)
    assert manager.put(address, body, If_Match='"1"').status_code == 422


def test_what_could_not_be_stored_is_refused_by_its_place(manager: Caller) -> None:
    answer = manager.put(started(manager), {"document": {"phases": [{}] * 10_000}}, If_Match='"1"')
    assert (answer.status_code, pointers(answer)) == (422, ["/document/phases"])


def test_bytes_that_are_no_text_are_refused(manager: Caller) -> None:
    answer = manager.client.post(PROGRAMS, b"\xff\xfe\x00", content_type="application/yaml")
    assert answer.status_code == 422


def test_a_copy_is_a_program_of_its_own(manager: Caller) -> None:
    pathways.program()
    answer = manager.post(f"{KRATOM}versions/1/copy/", {"key": "our-own", "title": "Our own way"})
    assert (answer.status_code, answer.json()["program"], answer.json()["based_on"]) == (201, "our-own", None)
    assert manager.get(answer["Location"]).json()["document"]["program"]["title"] == "Our own way"
    again = manager.post(f"{KRATOM}versions/1/copy/", {"key": "our-own", "title": "Again"})
    assert (again.status_code, pointers(again)) == (409, ["/key"])


def test_two_versions_are_compared_in_words(manager: Caller) -> None:
    address = started(manager)
    changed = editing.put(pathways.document(), "phases[1].exit.criteria[1].value", 4)
    manager.put(address, {"document": changed}, If_Match='"1"')
    told = manager.get(f"{KRATOM}compare/?from=1&to=2").json()
    assert (told["same"], len(told["changes"])) == (False, 1)
    assert (told["changes"][0]["kind"], told["changes"][0]["key"]) == ("changed", "mood-steady")
    assert "PHQ-9" in told["changes"][0]["detail"]
    assert manager.get(f"{KRATOM}compare/?from=1&to=1").json() == {"same": True, "changes": []}
    assert manager.get(f"{KRATOM}compare/?from=1&to=9").status_code == 404
    assert manager.get(f"{KRATOM}compare/?from=1").status_code == 422
    assert manager.get(f"{KRATOM}compare/?from=1&to=x&more=1").status_code == 422


def test_a_clinician_confirms_the_clinical_defaults(site: Site) -> None:
    version = pathways.program()
    clinician = person(site, Role.CLINICIAN)
    answer = clinician.post(f"{KRATOM}versions/1/confirm/", If_Match=f'"{version.version}"')
    assert answer.status_code == 200
    assert answer.json()["confirmed_by"]
    assert clinician.post(f"{KRATOM}versions/1/confirm/", If_Match=answer["ETag"]).status_code == 409


def test_the_same_key_and_body_start_one_draft(manager: Caller) -> None:
    pathways.program()
    answers = [manager.post(f"{KRATOM}drafts/", {}, Idempotency_Key="again-and-again") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_a_problem_is_told_in_the_language_of_the_person(site: Site) -> None:
    spanish = person(site, Role.PROGRAM_MANAGER, language="es")
    address = started(spanish)
    saved = spanish.put(address, {"document": {}}, If_Match='"1"')
    assert "Falta «schema»." in [each["detail"] for each in saved.json()["problems"]]


def test_a_token_never_edits_a_program(site: Site) -> None:
    pathways.program()
    token = program(clinic.api_client(scopes=["programs.read"], sites=[site]))
    assert token.get(f"{KRATOM}versions/1/document.yaml").status_code == 200
    assert token.post(f"{KRATOM}drafts/", {}).status_code == 403
    assert token.post(f"{KRATOM}versions/1/confirm/", If_Match='"1"').status_code == 403


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.NURSE, Role.FRONT_DESK])
def test_who_may_only_read_programs_begins_no_draft(site: Site, role: Role) -> None:
    pathways.program()
    assert person(site, role).post(f"{KRATOM}drafts/", {}).status_code == 403


def test_reading_a_draft_asks_the_same_of_the_database_however_much_it_holds(manager: Caller) -> None:
    address = started(manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(address).status_code == 200
        return len(asked)

    queries()
    before = queries()
    document = pathways.document()
    for place in range(12):
        document = editing.add_phase(document, json.loads(json.dumps(document["phases"][0])) | {"key": f"p-{place}"})
    manager.put(address, {"document": document}, If_Match='"1"')
    assert queries() == before
