"""The page of a draft: the path, its sections, and whatever a draft holds; for whom, and at what cost."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import ProgramVersion
from pathways.rules.gates import KINDS
from pathways.rules.programs import editing
from tests.factories import clinic, pathways
from tests.factories.patients import NOW
from tests.web.studio.pages import (
    MOOD,
    STUDIO,
    begun,
    sent,
    text_of,
)

pytestmark = pytest.mark.django_db


def test_the_page_draws_the_path_and_shows_the_chosen_phase_with_its_gates(
    browser: Client, draft: ProgramVersion
) -> None:
    page = text_of(browser.get(f"{STUDIO}?phase=2"))
    for said in (
        "draft 2, from version 1",
        "2 Behavioral therapy and relapse prevention",
        "Gate to Aftercare",
        "PHQ-9 of 9 or less, within 30 days",
        "Nothing is asked before this phase",
        "Nothing stands against publishing",
        "clinical minutes a week",
        "local defaults. A clinician must confirm them before use",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("transitions", "every move there is, who may make it, and why"),
        ("follow-ups", "After discharge: on day 2, 14 and 30"),
        ("ladders", "then wait 3 hours"),
        ("about", "kratom-outpatient"),
    ],
)
def test_ways_contacts_and_ladders_stand_in_sections_of_their_own(
    browser: Client, draft: ProgramVersion, section: str, said: str
) -> None:
    assert said in text_of(browser.get(f"{STUDIO}?show={section}"))


def test_a_program_nobody_is_editing_offers_to_begin_a_draft(browser: Client) -> None:
    pathways.program()
    assert "Begin a draft" in text_of(browser.get(STUDIO))
    answer = browser.post(f"{STUDIO}start", {"from": "1"})
    assert (answer.status_code, answer["Location"]) == (303, STUDIO)
    assert ProgramVersion.objects.get(status="draft").based_on is not None


@pytest.mark.parametrize("query", ["?phase=99", "?phase=x", "?phase=-1", "?show=nowhere", "?at=x[", "?phase=%00"])
def test_an_odd_address_still_shows_the_draft(browser: Client, draft: ProgramVersion, query: str) -> None:
    assert browser.get(f"{STUDIO}{query}").status_code == 200


def test_a_place_that_is_not_there_opens_nothing_and_says_so(browser: Client, draft: ProgramVersion) -> None:
    page = text_of(browser.get(f"{STUDIO}?edit=phases[9].exit"))
    assert "is not in the draft any more" in page


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"phases": "none", "transitions": 3, "ladders": {"a": 1}, "program": []},
        {"phases": [1, None, {"exit": {"criteria": [{"kind": "any_of"}, 4]}}], "follow_ups": [{}], "ladders": [{}]},
        {"phases": [{"key": "a", "exit": {"criteria": [{"kind": each} for each in sorted(KINDS)]}}],
         "transitions": [{"kind": "advance", "from": "a", "to": "b", "gate": ["exit"]}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("section", ["phase", "transitions", "follow-ups", "ladders", "about"])
def test_whatever_a_draft_holds_its_page_can_be_read(
    browser: Client, manager: Actor, document: dict[str, Any], section: str
) -> None:
    begun(manager, lambda _: document)
    assert browser.get(f"{STUDIO}?show={section}&phase=3").status_code == 200


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.NURSE, Role.FRONT_DESK, Role.SYSTEM_ADMINISTRATOR])
def test_who_may_not_write_programs_opens_no_studio(
    client: Client, site: Site, draft: ProgramVersion, role: Role
) -> None:
    other = clinic.sign_in(client, clinic.staff(roles=[role], sites=[site]))
    assert other.get(STUDIO).status_code == 403
    assert other.post(f"{STUDIO}edit", sent(draft, "up@phases[1]")).status_code == 403


def test_the_studio_can_be_read_in_spanish(client: Client, site: Site, draft: ProgramVersion) -> None:
    member = clinic.staff(roles=[Role.PROGRAM_MANAGER], sites=[site], language="es")
    page = text_of(clinic.sign_in(client, member).get(f"{STUDIO}?phase=2&edit={MOOD}"))
    assert "Tipo de requisito" in page
    assert "se puede dejar de lado con un motivo" in page


def test_the_studio_asks_as_much_for_thirty_phases_as_for_three(browser: Client, manager: Actor) -> None:
    draft = begun(manager)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    compare = f"/programs/{pathways.KRATOM}/compare/"
    queries(STUDIO), queries(compare)
    before = queries(STUDIO), queries(compare)
    document = pathways.document()
    for place in range(27):
        document = editing.add_phase(document, json.loads(json.dumps(document["phases"][0])) | {"key": f"p-{place}"})
    programs.save_draft(by=manager, now=NOW, version_id=draft.public_id, document=document, expected_version=1)
    assert (queries(STUDIO), queries(compare)) == before
