"""A draft becomes a version or is discarded; versions are compared, copied and confirmed."""

import pytest
from django.test import Client

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import ProgramVersion
from pathways.rules.programs import editing
from tests.factories import clinic, pathways
from tests.web.studio.pages import MOOD, STUDIO, begun, text_of

pytestmark = pytest.mark.django_db


def test_a_draft_without_problems_is_published_from_the_page(browser: Client, draft: ProgramVersion) -> None:
    page = browser.get(STUDIO).content.decode()
    assert f'action="/programs/{pathways.KRATOM}/versions/2/publish"' in page
    answer = browser.post(f"/programs/{pathways.KRATOM}/versions/2/publish", {"version": draft.version})
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert draft.is_current


def test_a_publication_that_comes_too_late_leads_back_to_the_page_it_was_asked_on(
    browser: Client, draft: ProgramVersion
) -> None:
    address = f"/programs/{draft.program.key}/versions/{draft.number}/publish"
    page = f"http://testserver{STUDIO}"
    late = browser.post(address, {"version": draft.version + 1}, headers={"Referer": page})
    assert late.status_code == 412 and f'href="{page}"' in late.content.decode()
    elsewhere = browser.post(address, {"version": 9}, headers={"Referer": "https://elsewhere.example/"})
    assert "elsewhere.example" not in elsewhere.content.decode()


def test_a_draft_is_discarded_after_one_question(browser: Client, draft: ProgramVersion) -> None:
    assert "Discard draft 2?" in text_of(browser.get(f"{STUDIO}discard/"))
    seen = {"draft": str(draft.public_id), "version": draft.version}
    assert browser.post(f"{STUDIO}discard/", seen | {"version": 7}).status_code == 412
    assert browser.post(f"{STUDIO}discard/", seen)["Location"] == f"/programs/{pathways.KRATOM}/"
    assert not ProgramVersion.objects.filter(status="draft").exists()


def test_two_versions_are_compared_in_words_and_side_by_side(browser: Client, manager: Actor) -> None:
    begun(manager, lambda document: editing.put(document, f"{MOOD}.value", 4))
    page = text_of(browser.get(f"/programs/{pathways.KRATOM}/compare/"))
    assert "Version 1 and version 2" in page
    assert "PHQ-9" in page
    assert "Both say the same." in text_of(browser.get(f"/programs/{pathways.KRATOM}/compare/?from=1&to=1"))
    assert browser.get(f"/programs/{pathways.KRATOM}/compare/?from=1&to=77").status_code == 404
    assert browser.get(f"/programs/{pathways.KRATOM}/compare/?from=x&all=1").status_code == 200


def test_a_shipped_program_is_copied_to_one_of_our_own(browser: Client) -> None:
    pathways.program()
    address = f"/programs/{pathways.KRATOM}/versions/1/copy/"
    assert browser.get(address).status_code == 200
    taken = browser.post(address, {"key": pathways.KRATOM, "title": "Ours"})
    assert taken.status_code == 409
    assert "There is a program “kratom-outpatient” already." in text_of(taken)
    assert browser.post(address, {"key": "ours", "title": ""}).status_code == 422
    assert browser.post(address, {"key": "No Key", "title": "Ours"}).status_code == 422
    answer = browser.post(address, {"key": "", "title": "Our own"})
    assert (answer.status_code, answer["Location"]) == (303, "/programs/our-own/studio/")


def test_a_clinician_confirms_the_clinical_defaults_on_the_page(client: Client, site: Site) -> None:
    version = pathways.program()
    clinician = clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN], sites=[site], name="Ruth Example"))
    assert "Confirm the defaults" in text_of(clinician.get(f"/programs/{pathways.KRATOM}/"))
    clinician.post(f"/programs/{pathways.KRATOM}/versions/1/confirm", {"version": version.version})
    assert "Confirmed by Ruth Example" in text_of(clinician.get(f"/programs/{pathways.KRATOM}/"))
