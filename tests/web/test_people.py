"""The list of people narrowed: by where they stand, by who has them, by risk; kept as views."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.level_transfers import transfer_level
from pathways.models import Enrollment, SavedView
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level
from tests.factories import clinic as make
from tests.factories import pathways, patients

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def site() -> Site:
    return make.site(name="Riverbend")


@pytest.fixture
def member(site: Site) -> StaffMember:
    return make.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[site])


def enrolled(site: Site, by: Actor, counselor: Actor | None = None) -> Enrollment:
    now = clock.now() - DAY
    who = patients.patient(site, by=by, now=now, contact_points=[])
    return pathways.enrolled(
        who, by=by, site=site, now=now, **({"counselor_id": counselor.public_id} if counselor else {})
    )


def listed(browser: Client, query: str = "") -> set[str]:
    answer = browser.get(f"{reverse('patients')}{query}")
    assert answer.status_code == 200
    return set(numbers(answer))


def numbers(page: Any) -> list[str]:
    """The record numbers of a page, in its order."""
    return [row["patient"].record_number for row in page.context["rows"]]


def number(row: Enrollment) -> str:
    return row.patient.record_number


def test_the_list_is_narrowed_to_a_program_and_a_phase(browser: Client, site: Site, member: StaffMember) -> None:
    row, nobody = enrolled(site, member.actor), patients.patient(site, by=member.actor)
    phase = row.current_phase.key
    assert listed(browser) == {number(row), nobody.record_number}
    assert listed(browser, f"?program={row.program.key}&phase={phase}") == {number(row)}
    assert listed(browser, "?phase=aftercare") == set()
    page = browser.get(f"{reverse('patients')}?phase={phase}").content.decode()
    assert f"Phase: {row.current_phase.title}" in page


def test_the_list_is_narrowed_to_a_level_of_care(browser: Client, site: Site, member: StaffMember) -> None:
    row = enrolled(site, member.actor)
    enrolled(site, member.actor)
    transfer_level(
        by=member.actor, now=clock.now(), enrollment_id=row.public_id, to_level=Level.L2, reason=LevelReason.STEP_UP
    )
    assert listed(browser, "?level=L2") == {number(row)}
    assert listed(browser, "?level=L1") == set()


def test_the_list_is_narrowed_to_a_counselor_or_to_nobodys(browser: Client, site: Site, member: StaffMember) -> None:
    morgan = make.staff(roles=[Role.COUNSELOR], sites=[site], name="Morgan Plaice").actor
    hers, nobodys = enrolled(site, member.actor, morgan), enrolled(site, member.actor)
    assert listed(browser, f"?counselor={morgan.public_id}") == {number(hers)}
    assert listed(browser, "?counselor=nobody") == {number(nobodys)}
    page = browser.get(f"{reverse('patients')}?counselor={morgan.public_id}").content.decode()
    assert "Counselor: Morgan Plaice" in page


def test_an_ended_enrollment_does_not_fit_a_phase(browser: Client, site: Site, member: StaffMember) -> None:
    row = enrolled(site, member.actor)
    phase = row.current_phase.key
    now = clock.now()
    enrollments.discharge(by=member.actor, now=now, enrollment_id=row.public_id, reason="chose_to_leave")
    assert listed(browser, f"?phase={phase}") == set()
    assert listed(browser) == {number(row)}


def test_the_list_is_narrowed_to_a_risk(browser: Client, site: Site, member: StaffMember) -> None:
    row, calm = enrolled(site, member.actor), enrolled(site, member.actor)
    answers = patients.phq9(0, 0, 0, 0, 0, 0, 0, 0, 2)
    patients.assessment(row.patient, "phq9", answers, by=member.actor, at=clock.now() - timedelta(hours=1))
    assert listed(browser, "?risk=urgent_flag") == {number(row)}
    assert listed(browser) == {number(row), number(calm)}


def test_another_site_of_mine_narrows_with_the_rest(client: Client) -> None:
    here, there = make.site(), make.site()
    member = make.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[here, there])
    browser = make.sign_in(client, member)
    row, other = enrolled(here, member.actor), enrolled(there, member.actor)
    phase = row.current_phase.key
    assert listed(browser, f"?phase={phase}") == {number(row), number(other)}
    assert listed(browser, f"?phase={phase}&site={here.public_id}") == {number(row)}
    assert browser.get(f"{reverse('patients')}?site={make.site().public_id}").status_code == 404


def test_people_of_another_site_are_not_found_by_a_filter(browser: Client, member: StaffMember) -> None:
    elsewhere = make.site()
    row = enrolled(elsewhere, make.actor(roles=[Role.SUPERVISOR], sites=[elsewhere]))
    assert listed(browser, f"?phase={row.current_phase.key}") == set()


def test_a_narrowed_list_is_read_page_by_page(browser: Client, site: Site, member: StaffMember) -> None:
    people = {number(enrolled(site, member.actor)) for _ in range(52)}
    patients.patient(site, by=member.actor)
    first = browser.get(f"{reverse('patients')}?counselor=nobody")
    second = browser.get(first.context["following"])
    seen = numbers(first) + numbers(second)
    assert (len(seen), set(seen)) == (52, people)
    assert numbers(browser.get(second.context["previous"])) == numbers(first)
    cursor = first.context["following"].partition("cursor=")[2]
    assert browser.get(f"{reverse('patients')}?view=all&cursor={cursor}").status_code == 422


def test_a_view_of_the_list_is_kept_and_opens_it(browser: Client, site: Site, member: StaffMember) -> None:
    row, nobody = enrolled(site, member.actor), patients.patient(site, by=member.actor)
    given = {"page": "patients", "name": "My phase", "phase": row.current_phase.key, "default": "on"}
    answer = browser.post(reverse("views"), given)
    view = SavedView.objects.get()
    assert answer["Location"] == f"{reverse('patients')}?view={view.public_id}"
    assert listed(browser, f"?view={view.public_id}") == listed(browser) == {number(row)}
    assert listed(browser, "?view=all") == {number(row), nobody.record_number}


def test_a_view_of_a_site_one_has_left_shows_ones_own_sites(client: Client) -> None:
    here, there = make.site(), make.site()
    member = make.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[here, there])
    browser = make.sign_in(client, member)
    row, other = enrolled(here, member.actor), enrolled(there, member.actor)
    browser.post(reverse("views"), {"page": "patients", "name": "There", "site": there.public_id, "default": "on"})
    assert listed(browser) == {number(other)}
    with allow_direct_writes():
        member.actor.sites.remove(there)
    assert listed(browser) == {number(row)}


def test_the_pages_of_everything_stay_everything_beside_a_default(browser: Client, site: Site) -> None:
    people = {patients.patient(site, contact_points=[]).record_number for _ in range(51)}
    browser.post(reverse("views"), {"page": "patients", "name": "Aftercare", "phase": "aftercare", "default": "on"})
    first = browser.get(f"{reverse('patients')}?view=all")
    second = browser.get(first.context["following"])
    assert {row["patient"].record_number for page in (first, second) for row in page.context["rows"]} == people


def test_clearing_what_was_typed_brings_the_narrowed_list_back(
    browser: Client, site: Site, member: StaffMember
) -> None:
    row, nobody = enrolled(site, member.actor), patients.patient(site, by=member.actor)
    headers = {"HX-Request": "true", "HX-Target": "people"}
    given = {"q": "", "phase": row.current_phase.key}
    part = browser.post(reverse("patients_search"), given, headers=headers).content.decode()
    assert number(row) in part and nobody.record_number not in part


def test_a_filter_costs_the_same_for_one_as_for_many(browser: Client, site: Site, member: StaffMember) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            listed(browser, "?counselor=nobody&program=kratom-outpatient")
        return len(queries)

    enrolled(site, member.actor)
    cost()
    few = cost()
    for _ in range(6):
        enrolled(site, member.actor)
    assert cost() == few
