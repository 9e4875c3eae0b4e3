"""Proposals, admissions, transfers and adoptions over REST."""

from typing import Any

import pytest
from django.test import Client

from clinic.models import ApiClient, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories.course import LATER

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/enrollments/"
FIRST = "assessment-and-stabilization"


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def laboratory(site: Site) -> ApiClient:
    return make.api_client(scopes=["enrollments.read", "enrollments.write"], sites=[site])


@pytest.fixture
def caller(laboratory: ApiClient) -> Caller:
    return program(laboratory)


def keyed(caller: Caller, path: str, body: Any, key: str, version: int | None = None) -> Any:
    given = {"Idempotency_Key": key} | ({"If_Match": f'"{version}"'} if version else {})
    return caller.post(path, body, **given)


def evening() -> str:
    changed = pathways.document()["program"] | {"key": "kratom-evening", "title": "Kratom recovery: evenings"}
    return pathways.program(changed={"program": changed}).program.key


def test_somebody_is_proposed_and_admitted(caller: Caller, site: Site) -> None:
    pathways.program()
    somebody = patients.patient(site)
    proposed = keyed(
        caller, f"{ROOT}proposals/", {"patient": str(somebody.public_id), "program": "kratom-outpatient"}, "a"
    )
    assert (proposed.status_code, proposed.json()["status"]) == (201, "proposed")
    here = f"{ROOT}{proposed.json()['id']}/"
    began = keyed(caller, f"{here}admit/", {}, "b", proposed.json()["version"])
    assert (began.status_code, began.json()["kind"]) == (200, "admit")
    assert caller.get(here).json()["status"] == "active"


def test_a_transfer_answers_with_the_new_enrollment(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site)
    body = {"program": evening(), "reason": "needs_more_support"}
    answer = keyed(caller, f"{ROOT}{row.public_id}/transfer/", body, "a", row.version)
    assert (answer.status_code, answer.json()["program"]["key"]) == (201, "kratom-evening")


def test_a_transfer_to_where_they_are_names_its_field(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site)
    body = {"site": str(site.public_id), "reason": "closer_to_home"}
    answer = keyed(caller, f"{ROOT}{row.public_id}/transfer-site/", body, "a", row.version)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/site")


def test_only_a_person_puts_people_on_another_version(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site)
    version = pathways.program(changed={"follow_ups": pathways.document()["follow_ups"][1:]})
    body = {"version": str(version.public_id), "phase_map": {FIRST: FIRST}, "note": "Suits them"}
    here = f"{ROOT}{row.public_id}/adopt/"
    assert keyed(caller, here, body, "a", row.version).status_code == 403
    person = Caller(make.sign_in(Client(), make.staff(roles=[Role.CLINICIAN], sites=[site])))
    assert keyed(person, here, body, "b", row.version).json()["kind"] == "adopt_version"


def test_a_run_tells_how_far_it_has_come(site: Site) -> None:
    pathways.enrolled(site=site)
    version = pathways.program(changed={"follow_ups": pathways.document()["follow_ups"][1:]})
    person = Caller(make.sign_in(Client(), make.staff(roles=[Role.SUPERVISOR], sites=[site])))
    body = {"version": version.number, "phase_map": {FIRST: FIRST}, "note": "Suits them"}
    made = keyed(person, f"/api/v1/programs/{version.program.key}/adoptions/", body, "a")
    assert (made.status_code, made.json()["total"], made.json()["adopted"]) == (201, 1, 0)
    stopped = keyed(person, f"/api/v1/adoptions/{made.json()['id']}/stop/", {}, "b")
    assert stopped.json()["status"] == "stopped"
    assert person.get(f"/api/v1/adoptions/{made.json()['id']}/").json()["status"] == "stopped"


def test_a_refused_undo_tells_what_stands_in_the_way(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site)
    keyed(caller, f"{ROOT}{row.public_id}/transfer/", {"program": evening(), "reason": "medical"}, "a", row.version)
    row = Enrollment.objects.get(pk=row.pk)
    answer = keyed(caller, f"{ROOT}{row.public_id}/reverse/", {"note": "Not so"}, "b", row.version)
    assert (answer.status_code, answer.json()["code"]) == (409, "built_upon")
    assert "Kratom recovery: evenings" in answer.json()["detail"]
