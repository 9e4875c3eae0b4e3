"""The pages of programs: the list, one version drawn, publishing a draft."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import ProgramVersion
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
URL = "/programs/kratom-outpatient/"


def signed_in(client: Client, site: Site, role: Role = Role.PROGRAM_MANAGER) -> Client:
    return clinic.sign_in(client, clinic.staff(roles=[role], sites=[site]))


def draft_of(**changes: Any) -> ProgramVersion:
    changed = pathways.document()["program"] | {"summary": "Another summary"}
    return pathways.program(published=False, changed={"program": changed} | changes)


def text_of(answer: Any) -> str:
    """The words of a page, without its markup."""
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_list_names_each_program_with_the_version_in_force(client: Client, site: Site) -> None:
    pathways.enrolled(site=site)
    page = signed_in(client, site).get("/programs/").content.decode()
    assert "Kratom recovery: outpatient" in page
    assert "version 1" in page


def test_an_empty_list_says_how_a_program_comes_here(client: Client, site: Site) -> None:
    assert "load_programs" in signed_in(client, site).get("/programs/").content.decode()


def test_the_page_draws_the_path_and_says_gates_contacts_and_ladders(client: Client, site: Site) -> None:
    pathways.program()
    answer = signed_in(client, site).get(URL)
    page = text_of(answer)
    assert answer.status_code == 200
    for said in (
        "Behavioral therapy and relapse prevention",
        "Gate to Aftercare",
        "PHQ-9 of 9 or less, within 30 days",
        "may be set aside with a reason: Clinician and Supervisor",
        "on day 2, 14 and 30",
        "Message, then a person",
        "then wait 3 hours",
        "From Therapy back to Stabilization",
        "Clinical minutes a week",
        "a clinician must confirm",
    ):
        assert said in page, said


def test_the_page_can_be_read_in_spanish(client: Client, site: Site) -> None:
    pathways.program()
    member = clinic.staff(roles=[Role.PROGRAM_MANAGER], sites=[site], language="es")
    page = clinic.sign_in(client, member).get(URL).content.decode()
    assert "se puede dejar de lado con un motivo" in page


def test_a_draft_stands_beside_the_version_in_force_and_a_manager_publishes_it(client: Client, site: Site) -> None:
    pathways.program()
    draft = draft_of()
    browser = signed_in(client, site)
    page = browser.get(f"{URL}versions/2/").content.decode()
    assert "Publish" in page
    answer = browser.post(f"{URL}versions/2/publish", {"version": draft.version})
    assert (answer.status_code, answer["Location"]) == (303, URL)
    draft.refresh_from_db()
    assert draft.is_current


def test_a_stale_page_publishes_nothing(client: Client, site: Site) -> None:
    draft = pathways.program(published=False)
    answer = signed_in(client, site).post(f"{URL}versions/1/publish", {"version": draft.version + 1})
    assert answer.status_code == 412
    assert signed_in(client, site).post(f"{URL}versions/1/publish", {"version": "x"}).status_code == 422


def test_a_version_is_retired_by_name(client: Client, site: Site) -> None:
    version = pathways.program()
    answer = signed_in(client, site).post(f"{URL}versions/1/retire", {"version": version.version})
    assert answer.status_code == 303
    version.refresh_from_db()
    assert version.status == "retired"


@pytest.mark.parametrize("role", [Role.NURSE, Role.FRONT_DESK, Role.PEER_SUPPORTER, Role.SYSTEM_ADMINISTRATOR])
def test_staff_read_programs_and_do_not_publish_them(client: Client, site: Site, role: Role) -> None:
    draft = pathways.program(published=False)
    browser = signed_in(client, site, role)
    assert browser.get(URL).status_code == 200
    assert browser.post(f"{URL}versions/1/publish", {"version": draft.version}).status_code == 403


@pytest.mark.parametrize("address", ["/programs/no-such/", f"{URL}versions/7/"])
def test_what_is_not_there_is_not_found(client: Client, site: Site, address: str) -> None:
    pathways.program()
    assert signed_in(client, site).get(address).status_code == 404


def queries_of(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_pages_ask_as_much_for_many_people_and_versions_as_for_few(client: Client, site: Site) -> None:
    pathways.program()
    browser = signed_in(client, site)
    before = queries_of(browser, "/programs/"), queries_of(browser, URL)
    for _ in range(3):
        pathways.enrolled(site=site)
    draft_of()
    assert (queries_of(browser, "/programs/"), queries_of(browser, URL)) == before
