"""The shipped programs as people meet them: each page drawn, each offered, each door asked."""

import pytest
from django.core.management import call_command
from django.test import Client

from clinic import clock
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment
from pathways.programs.library import shipped
from patients.models import Patient
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db
NAMES = [each.name for each in shipped()]


@pytest.fixture
def site() -> Site:
    call_command("load_programs", publish=True)
    return clinic.site()


@pytest.fixture
def person(site: Site) -> Patient:
    return patients.patient(site, by=clinic.actor(roles=[Role.CLINICIAN], sites=[site]))


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN], sites=[site]))


def by_of(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


def asked_in(browser: Client, person: Patient, program: str) -> tuple[int, str]:
    site = person.site_stays.get(until__isnull=True).site
    given = {"program": program, "site": str(site.public_id), "counselor": "", "note": ""}
    answer = browser.post(f"/patients/{person.public_id}/enroll/", given)
    return answer.status_code, answer.content.decode()


def test_the_list_shows_all_of_them_in_force(browser: Client) -> None:
    page = browser.get("/programs/").content.decode()
    assert all(each.program.program.title in page for each in shipped())
    assert page.count("version 1") == len(NAMES)


def test_each_is_drawn_with_its_minutes_and_what_a_clinician_must_confirm(browser: Client) -> None:
    for name in NAMES:
        answer = browser.get(f"/programs/{name}/")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "a clinician must confirm" in page
        assert "Clinical minutes a week" in page


def test_admission_offers_each_of_them(browser: Client, person: Patient) -> None:
    page = browser.get(f"/patients/{person.public_id}/enroll/").content.decode()
    assert all(f'value="{name}"' in page for name in NAMES)


@pytest.mark.parametrize("name", ["kratom-early-intervention", "kratom-intensive-outpatient", "kratom-residential"])
def test_without_a_rating_the_door_says_that_one_is_wanted(browser: Client, person: Patient, name: str) -> None:
    status, page = asked_in(browser, person, name)
    assert status == 409
    assert "The six needs are not rated yet." in page
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("name", ["kratom-outpatient", "kratom-medically-managed-inpatient"])
def test_some_begin_without_waiting_for_a_form(browser: Client, person: Patient, name: str) -> None:
    assert asked_in(browser, person, name)[0] == 303
    assert Enrollment.objects.get().program.key == name


@pytest.mark.parametrize(
    ("name", "ratings", "status"),
    [
        ("kratom-intensive-outpatient", (1, 1, 1, 1, 2, 2), 303),
        ("kratom-intensive-outpatient", (3, 1, 1, 1, 2, 2), 409),
        ("kratom-residential", (3, 1, 1, 1, 2, 2), 303),
        ("kratom-residential", (4, 1, 1, 1, 2, 2), 409),
        ("kratom-medically-managed-inpatient", (4, 1, 1, 1, 2, 2), 303),
    ],
)
def test_the_rated_needs_open_the_door_of_the_level_they_call_for(
    browser: Client, person: Patient, site: Site, name: str, ratings: tuple[int, ...], status: int
) -> None:
    pathways.rated(person, *ratings, by=by_of(site), now=clock.now())
    assert asked_in(browser, person, name)[0] == status
