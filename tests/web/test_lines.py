"""The sorts of lines on Today beside contacts and flags: each says what is owed, and has its next action in place."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import plans as plan_verbs
from pathways.models import Enrollment, LevelStay, Reply, WarningNote
from pathways.rules.plans import PlanSigner, SigningMethod
from tests.factories import clinic as make
from tests.factories import course, pathways, patients, plans, sessions

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


@pytest.fixture
def site() -> Site:
    return make.site(name="Riverbend")


@pytest.fixture
def counselor(site: Site) -> StaffMember:
    return make.staff(roles=[Role.COUNSELOR, Role.CLINICIAN], sites=[site], name="Ada Samplewright")


@pytest.fixture
def browser(client: Client, counselor: StaffMember) -> Client:
    return make.sign_in(client, counselor)


@pytest.fixture
def enrolled(site: Site, counselor: StaffMember) -> Enrollment:
    """Somebody who began three weeks ago, with the counselor as theirs."""
    began = clock.now() - 21 * DAY
    person = patients.patient(site, by=counselor.actor, now=began)
    return pathways.enrolled(person, by=counselor.actor, site=site, now=began, counselor_id=counselor.actor.public_id)


def page(browser: Client, address: str = "/") -> str:
    return browser.get(address).content.decode()


def craving(row: Enrollment, by: Actor, *values: int) -> None:
    """Daily readings, the last one yesterday."""
    for ago, value in enumerate(reversed(values), start=1):
        at = clock.now() - ago * DAY
        course.recorded(row.patient, "craving_vas", {"craving_vas_1": value}, by=by, at=at)


def test_an_early_warning_says_its_reason_and_unfolds_in_its_line(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    craving(enrolled, counselor.actor, 2, 4, 6)
    assert "Craving rose twice in a row: 2, 4 and 6" in page(browser)
    address = reverse("warnings_of", args=[enrolled.patient.public_id])
    unfolded = browser.get(address, headers=HTMX).content.decode()
    assert "6 of 10" in unfolded
    assert reverse("session_new") in unfolded
    assert reverse("chart", args=[enrolled.patient.public_id]) in unfolded


def test_a_warning_that_was_noted_is_gone_until_there_is_something_new(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    craving(enrolled, counselor.actor, 8)
    address = reverse("warnings_of", args=[enrolled.patient.public_id])
    named = browser.get(address).context["line"]["warnings"][0]["named"]
    saved = browser.post(address, {"warning": named, "note": "Called; sleeps badly."}, headers=HTMX)
    assert "Noted." in saved.content.decode()
    assert WarningNote.objects.get().note == "Called; sleeps badly."
    assert "Craving was 8 of 10" not in page(browser)
    assert browser.post(address, {"warning": named}, headers=HTMX).status_code == 409
    at = clock.now() - timedelta(hours=1)
    course.recorded(enrolled.patient, "craving_vas", {"craving_vas_1": 9}, by=counselor.actor, at=at)
    assert "Craving was 9 of 10" in page(browser)


def test_what_an_assessment_said_is_not_told_to_the_front_desk(
    client: Client, site: Site, enrolled: Enrollment, counselor: StaffMember
) -> None:
    craving(enrolled, counselor.actor, 9)
    desk = make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert "Craving" not in page(desk, "/?scope=site")
    assert "Craving" not in page(desk, reverse("warnings_of", args=[enrolled.patient.public_id]))


def test_a_group_of_today_asks_for_its_attendance(browser: Client, enrolled: Enrollment, site: Site) -> None:
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    leader = Actor.objects.get(name="Ada Samplewright")
    at = clock.now().replace(microsecond=0) - timedelta(hours=2)
    row = sessions.group(
        site, enrolled.patient, by=by, leader=leader, at=at, now=at - DAY, what={"title": "DBT skills"}
    )
    told = page(browser)
    assert "Take attendance" in told and "DBT skills" in told and "1 person" in told
    assert reverse("session_document", args=[row.public_id]) in told


def test_what_one_does_with_one_person_stands_there_once_it_is_over(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    now = clock.now().replace(microsecond=0)
    over = sessions.individual(enrolled.patient, by=counselor.actor, at=now - 3 * DAY, now=now - 4 * DAY)
    ahead = sessions.individual(enrolled.patient, by=counselor.actor, at=now + timedelta(minutes=5), now=now - DAY)
    told = page(browser)
    assert f"g{over.public_id.hex}" in told
    assert f"g{ahead.public_id.hex}" not in told


def test_a_plan_whose_day_has_come_is_to_be_reviewed(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    began = clock.now() - 20 * DAY
    today = clock.now().astimezone(enrolled.site.zone).date()
    row = plans.plan(enrolled, by=counselor.actor, now=began)
    plan_verbs.review_plan(by=counselor.actor, now=began, plan_id=row.public_id, next_review_on=today - 2 * DAY)
    told = page(browser)
    assert "Care plan: review" in told and "2 days late" in told
    assert reverse("plan", args=[row.public_id]) in told


def test_a_plan_staff_have_signed_waits_for_the_persons_signature(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    began = clock.now() - 5 * DAY
    row, _lines = plans.care_plan(enrolled, by=counselor.actor, now=began)
    assert "ready for the person" not in page(browser)
    given = {"plan_id": row.public_id, "by": counselor.actor, "method": SigningMethod.ON_PAPER}
    plan_verbs.sign_plan(now=began + DAY, signer=PlanSigner.STAFF, name=counselor.full_name, **given)
    assert "Care plan is ready for the person" in page(browser)
    plan_verbs.sign_plan(now=began + DAY, signer=PlanSigner.PATIENT, name="Ana Ruiz", **given)
    assert "ready for the person" not in page(browser)


def test_who_left_residential_care_without_a_visit_booked_stands_there_with_the_window(
    browser: Client, enrolled: Enrollment, counselor: StaffMember
) -> None:
    left = clock.now() - 2 * DAY
    with allow_direct_writes():
        LevelStay.objects.filter(enrollment=enrolled).update(ended_at=left - 5 * DAY)
        LevelStay.objects.create(enrollment=enrolled, level="L3", started_at=left - 5 * DAY, ended_at=left)
    told = page(browser)
    assert "First visit after discharge is not booked" in told and "5 days left" in told
    now = clock.now().replace(microsecond=0)
    sessions.individual(enrolled.patient, by=counselor.actor, at=now + DAY, now=now)
    assert "First visit after discharge" not in page(browser)


def test_a_reply_that_needs_a_person_is_shown_in_the_persons_own_words(browser: Client, enrolled: Enrollment) -> None:
    with allow_direct_writes():
        row = Reply.objects.create(
            provider="test", provider_id="1", channel="sms", address="+14155550132", text="can we do later?",
            intent="free_text", site=enrolled.site, patient=enrolled.patient, needs_person=True,
            received_at=clock.now(), received_by=make.job(),
        )  # fmt: skip
    told = page(browser)
    assert "can we do later?" in told
    assert reverse("reply", args=[row.public_id]) in told
