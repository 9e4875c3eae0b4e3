"""The page on which a death is recorded: what ends is told before, and it can be taken back."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import FollowUp
from pathways.rules.moves import DischargeReason
from patients.models import Patient
from tests.factories import clinic, pathways, patients, sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def discharged(site: Site, member: StaffMember) -> Patient:
    """Somebody in aftercare, whose enrollment has ended."""
    by: Actor = member.actor
    row = pathways.enrolled(site=site, by=by, now=clock.now() - timedelta(days=10))
    enrollments.discharge(
        by=by, now=clock.now() - timedelta(days=2), enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    return row.patient


def address(patient: Patient) -> str:
    return f"/patients/{patient.public_id}/death/"


def said(patient: Patient, **more: str) -> dict[str, str]:
    day = clock.now().astimezone(patient.zone).date()
    return {"on_day": str(day.day), "on_month": str(day.month), "on_year": str(day.year), "certain": "on"} | more


def owed(patient: Patient) -> int:
    return FollowUp.objects.open().filter(patient=patient).count()


def test_the_page_is_reached_from_the_chart_and_says_what_ends(browser: Client, discharged: Patient) -> None:
    chart = browser.get(f"/patients/{discharged.public_id}/chart/").content.decode()
    assert f'href="{address(discharged)}"' in chart
    page = browser.get(address(discharged)).content.decode()
    assert f"{owed(discharged)} contacts that are still owed end" in page
    assert "nothing is planned for this person or sent to them" in page


def test_the_page_counts_what_ends_in_the_records_it_reaches_and_is_still_to_come(
    browser: Client, discharged: Patient, site: Site, member: StaffMember
) -> None:
    by, now, elsewhere = member.actor, clock.now(), clinic.site()
    both = clinic.actor(roles=[Role.SUPERVISOR, Role.CLINICIAN], sites=[site, elsewhere])
    other, unseen = (pathways.enrolled(site=each, by=both).patient for each in (site, elsewhere))
    for each in (other, unseen):
        patients.linked(each, discharged, both)
    for days in (-1, 3):
        sessions.individual(discharged, by=by, at=now + timedelta(days=days), now=now - timedelta(days=2))
    page = browser.get(address(discharged)).content.decode()
    assert "1 enrollment ends." in page
    assert f"{owed(discharged) + owed(other)} contacts that are still owed end" in page
    assert "1 booked place is cancelled" in page


def test_a_death_that_ended_an_enrollment_in_another_record_is_not_offered_to_be_taken_back(
    browser: Client, discharged: Patient, site: Site, member: StaffMember
) -> None:
    other = pathways.enrolled(site=site, by=member.actor).patient
    patients.linked(other, discharged, clinic.actor(roles=[Role.SUPERVISOR], sites=[site]))
    browser.post(address(discharged), said(discharged))
    page = browser.get(address(discharged)).content.decode()
    assert "An enrollment ended with it" in page and "It was recorded by mistake" not in page


def test_a_death_is_recorded_by_who_is_certain_and_stands_on_the_chart(browser: Client, discharged: Patient) -> None:
    unsure = {name: value for name, value in said(discharged).items() if name != "certain"}
    assert browser.post(address(discharged), unsure).status_code == 422
    assert owed(discharged)
    answer = browser.post(address(discharged), said(discharged))
    assert (answer.status_code, answer["Location"]) == (303, f"/patients/{discharged.public_id}/chart/")
    assert not owed(discharged)
    assert "Died " in browser.get(answer["Location"]).content.decode()
    assert browser.post(address(discharged), said(discharged)).status_code == 409


def test_a_day_before_a_later_contact_is_asked_about_once(browser: Client, discharged: Patient) -> None:
    assert "although a later contact" not in browser.get(address(discharged)).content.decode()
    early = (clock.now() - timedelta(days=30)).astimezone(discharged.zone).date()
    typed = said(discharged, on_day=str(early.day), on_month=str(early.month), on_year=str(early.year))
    asked = browser.post(address(discharged), typed)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "A later contact is on record" in page and "although a later contact" in page
    assert browser.post(address(discharged), typed | {"despite_later_contacts": "on"}).status_code == 303
    discharged.refresh_from_db()
    assert discharged.died_on == early


def test_a_death_recorded_by_mistake_is_taken_back(browser: Client, discharged: Patient) -> None:
    before = owed(discharged)
    browser.post(address(discharged), said(discharged))
    assert "It was recorded by mistake" in browser.get(address(discharged)).content.decode()
    assert browser.post(f"{address(discharged)}withdraw").status_code == 303
    discharged.refresh_from_db()
    assert (discharged.died_on, owed(discharged)) == (None, before)


def test_the_front_desk_neither_sees_nor_uses_it(client: Client, discharged: Patient, site: Site) -> None:
    clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert address(discharged) not in client.get(f"/patients/{discharged.public_id}/chart/").content.decode()
    assert client.post(address(discharged), said(discharged)).status_code == 403
    assert owed(discharged)
