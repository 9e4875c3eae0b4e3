"""The small pages of an enrollment: confirming by name, a return to use."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import attestations
from pathways.models import Attestation, Enrollment, ReturnToUse
from tests.factories import clinic, pathways
from tests.factories.course import to_therapy

pytestmark = pytest.mark.django_db
PLAN = "treatment-plan-agreed"


@pytest.fixture
def member(site: Site) -> StaffMember:
    return clinic.staff(roles=[Role.NURSE], sites=[site])


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def chart(enrollment: Enrollment) -> str:
    return f"/patients/{enrollment.patient.public_id}/"


def test_a_nurse_confirms_the_statement_by_name(browser: Client, enrollment: Enrollment, member: StaffMember) -> None:
    address = f"/enrollments/{enrollment.public_id}/attest/{PLAN}/"
    page = browser.get(address).content.decode()
    assert "Treatment plan agreed with the patient" in page
    answer = browser.post(address, {"role": "nurse", "note": ""})
    assert answer.status_code == 303
    assert answer["Location"].startswith(chart(enrollment))
    assert Attestation.objects.get().attested_by == member.actor


def test_a_role_one_does_not_hold_is_not_offered(browser: Client, enrollment: Enrollment) -> None:
    address = f"/enrollments/{enrollment.public_id}/attest/{PLAN}/"
    assert "Supervisor" not in browser.get(address).content.decode().split("In my role as")[1].split("</form>")[0]
    assert browser.post(address, {"role": "supervisor"}).status_code == 422
    assert not Attestation.objects.exists()


def test_what_the_gate_does_not_ask_is_not_found(browser: Client, enrollment: Enrollment) -> None:
    assert browser.get(f"/enrollments/{enrollment.public_id}/attest/anything/").status_code == 404


def test_a_word_is_taken_back(browser: Client, enrollment: Enrollment, member: StaffMember) -> None:
    row = attestations.attest(
        by=member.actor, now=clock.now(), enrollment_id=enrollment.public_id, key=PLAN, role=Role.NURSE
    )
    assert browser.post(f"/attestations/{row.public_id}/withdraw").status_code == 303
    row.refresh_from_db()
    assert row.withdrawn_by == member.actor


def test_a_return_to_use_is_recorded_and_what_follows_is_said(browser: Client, enrollment: Enrollment) -> None:
    address = f"/enrollments/{enrollment.public_id}/return-to-use/"
    page = browser.get(address).content.decode()
    assert "Contact after a return to use, every 7 days from day 1 to day 57" in page
    day = (clock.now() - timedelta(days=2)).astimezone(enrollment.site.zone).date()
    typed = {
        "effective_at_day": day.day,
        "effective_at_month": day.month,
        "effective_at_year": day.year,
        "note": "Told us",
    }
    answer = browser.post(address, typed)
    assert answer.status_code == 303
    assert answer["Location"].startswith(chart(enrollment))
    assert ReturnToUse.objects.get().note == "Told us"


def typed_today(site: Site, **given: object) -> dict[str, object]:
    day = clock.now().astimezone(site.zone).date()
    return {"effective_at_day": day.day, "effective_at_month": day.month, "effective_at_year": day.year} | given


def test_what_happened_is_told_on_the_timeline(browser: Client, enrollment: Enrollment) -> None:
    told = {"substance": "kratom", "pattern": "once", "circumstances": ["stress", "sleep"], "what_helped": "A walk"}
    browser.post(
        f"/enrollments/{enrollment.public_id}/return-to-use/",
        typed_today(enrollment.site, note="It was a bad week", **told),
    )
    page = browser.get(f"{chart(enrollment)}chart/?tab=timeline").content.decode()
    assert "Kratom, once, stress, little sleep. What helped: A walk. “It was a bad week”" in page


def test_who_reads_no_assessments_sees_that_it_happened_and_not_what_was_told(
    client: Client, browser: Client, enrollment: Enrollment
) -> None:
    told = typed_today(enrollment.site, note="It was a bad week", substance="kratom", pattern="once")
    browser.post(f"/enrollments/{enrollment.public_id}/return-to-use/", told)
    clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=[enrollment.site]))
    page = client.get(f"{chart(enrollment)}chart/?tab=timeline").content.decode()
    assert "Return to use" in page
    assert "bad week" not in page and "Kratom, once" not in page


def test_the_chart_asks_for_a_rating_and_offers_the_step_back_with_its_reason(
    browser: Client, enrollment: Enrollment, member: StaffMember
) -> None:
    to_therapy(enrollment, clinic.actor(sites=[enrollment.site]), now=clock.now() - timedelta(days=1))
    browser.post(f"/enrollments/{enrollment.public_id}/return-to-use/", typed_today(enrollment.site))
    page = browser.get(f"{chart(enrollment)}chart/").content.decode()
    assert "Needs are to be rated again" in page
    assert f"/patients/{enrollment.patient.public_id}/level/" in page
    address = f"/enrollments/{enrollment.public_id}/move/?way=step_back&reason=return_to_use"
    assert address.replace("&", "&amp;") in page
    form = browser.get(address).content.decode()
    assert '<option value="return_to_use" selected' in form
    pathways.rated(enrollment.patient, by=member.actor, now=clock.now() + timedelta(seconds=1))
    assert "Needs are to be rated again" not in browser.get(f"{chart(enrollment)}chart/").content.decode()


def test_today_asks_for_the_rating(browser: Client, enrollment: Enrollment) -> None:
    browser.post(f"/enrollments/{enrollment.public_id}/return-to-use/", typed_today(enrollment.site))
    page = browser.get("/").content.decode()
    assert "Rate the needs again" in page
    assert f'href="/patients/{enrollment.patient.public_id}/level/"' in page


def test_the_page_of_the_program_counts_returns(browser: Client, enrollment: Enrollment) -> None:
    browser.post(f"/enrollments/{enrollment.public_id}/return-to-use/", typed_today(enrollment.site))
    page = browser.get("/programs/kratom-outpatient/").content.decode()
    assert "events within it, never its end" in page


@pytest.mark.parametrize("days", [2, -60])
def test_a_day_that_cannot_be_is_marked(browser: Client, enrollment: Enrollment, days: int) -> None:
    day = (clock.now() + timedelta(days=days)).date()
    typed = {"effective_at_day": day.day, "effective_at_month": day.month, "effective_at_year": day.year}
    answer = browser.post(f"/enrollments/{enrollment.public_id}/return-to-use/", typed)
    assert answer.status_code == 422
    assert "This lies" in answer.content.decode()
    assert not ReturnToUse.objects.exists()


@pytest.mark.parametrize("path", [f"attest/{PLAN}/", "return-to-use/"])
def test_a_foreign_enrollment_has_no_such_page(client: Client, enrollment: Enrollment, path: str) -> None:
    stranger = clinic.sign_in(client, clinic.staff(roles=[Role.NURSE]))
    assert stranger.get(f"/enrollments/{enrollment.public_id}/{path}").status_code == 404


def test_the_front_desk_neither_confirms_nor_records(client: Client, site: Site, enrollment: Enrollment) -> None:
    desk = clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert desk.get(f"/enrollments/{enrollment.public_id}/attest/{PLAN}/").status_code == 403
    assert desk.get(f"/enrollments/{enrollment.public_id}/return-to-use/").status_code == 403
