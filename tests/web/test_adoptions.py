"""Adopting a version on its pages: first what would change, then the run and its progress."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Adoption, Enrollment, ProgramVersion
from pathways.tasks import adopt_versions
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
FIRST = "assessment-and-stabilization"


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return clinic.sign_in(client, clinic.staff(roles=[Role.SUPERVISOR], sites=[site]))


def enrolled(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def stricter() -> ProgramVersion:
    phases = pathways.document()["phases"]
    asked = {"key": "much-later", "kind": "days_in_phase", "at_least": 300, "source": "test"}
    phases[0]["exit"] = {"title": "Gate to therapy", "criteria": [asked]}
    owed = [each for each in pathways.document()["follow_ups"] if each["rule_key"] != "stabilization-daily-contact"]
    return pathways.program(changed={"phases": phases, "follow_ups": owed})


def page_of(version: ProgramVersion) -> str:
    return f"/programs/{version.program.key}/versions/{version.number}/adopt/"


def chosen(**given: Any) -> dict[str, Any]:
    return {f"phase-{FIRST}": FIRST, "note": "The new gate suits them", **given}


def test_the_page_shows_which_contacts_would_change_for_whom(browser: Client, site: Site) -> None:
    row = enrolled(site)
    page = browser.get(page_of(stricter())).content.decode()
    assert row.patient.display_name in page and "Daily contact in the first days" in page
    assert not Adoption.objects.exists()


def test_looking_again_changes_nothing(browser: Client, site: Site) -> None:
    enrolled(site)
    answer = browser.post(page_of(stricter()), chosen(preview="1"))
    assert answer.status_code == 200 and not Adoption.objects.exists()


def test_a_run_is_begun_worked_and_shown(browser: Client, site: Site) -> None:
    rows = [enrolled(site) for _ in range(2)]
    version = stricter()
    answer = browser.post(page_of(version), chosen())
    assert answer.status_code == 303
    assert adopt_versions() == {"adopted": 2}
    page = browser.get(answer["Location"]).content.decode()
    assert "100 %" in page and "done" in page
    refreshed = browser.get(answer["Location"], headers={"HX-Request": "true"})
    assert refreshed["HX-Refresh"] == "true", "nothing to stop stays on the page"
    assert {Enrollment.objects.get(pk=row.pk).program_version_id for row in rows} == {version.pk}


def test_without_a_reason_nothing_begins_and_the_choice_is_kept(browser: Client, site: Site) -> None:
    enrolled(site)
    answer = browser.post(page_of(stricter()), chosen(note=""))
    assert answer.status_code == 422 and not Adoption.objects.exists()


def test_a_run_is_stopped_and_gone_on_with(browser: Client, site: Site) -> None:
    enrolled(site)
    here = browser.post(page_of(stricter()), chosen())["Location"]
    browser.post(f"{here}stop")
    assert adopt_versions() == {}
    browser.post(f"{here}resume")
    assert adopt_versions() == {"adopted": 1}


def test_one_person_is_moved_from_their_own_page(browser: Client, site: Site) -> None:
    row, version = enrolled(site), stricter()
    here = f"/enrollments/{row.public_id}/adopt/"
    assert "Daily contact in the first days" in browser.get(here).content.decode()
    assert browser.post(here, chosen(version=row.version)).status_code == 303
    row.refresh_from_db()
    assert row.program_version == version


def test_the_page_asks_as_many_queries_for_many_people_as_for_few(browser: Client, site: Site) -> None:
    enrolled(site)
    version = stricter()
    browser.get(page_of(version))
    with CaptureQueriesContext(connection) as few:
        browser.get(page_of(version))
    for _ in range(4):
        pathways.enrolled(site=site, now=clock.now() - timedelta(days=10), program_key=version.program.key)
    Enrollment.objects.all()
    with CaptureQueriesContext(connection) as many:
        browser.get(page_of(version))
    assert len(many) == len(few)
