"""The nightly check on its pages, in the banner of every page, and for the machines that watch."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import AuditEntry, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, FollowUp, Reconciliation, ReconciliationFinding
from pathways.tasks import reconcile
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
LIST = "/nightly-check/"


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return clinic.sign_in(client, clinic.staff(roles=[Role.SUPERVISOR], sites=[site]))


@pytest.fixture
def stuck(site: Site) -> Enrollment:
    """Somebody with one follow-up that silence should have moved."""
    row = pathways.enrolled(site=site, now=clock.now() - timedelta(hours=5))
    first = row.follow_ups.open().order_by("pk").first()
    assert first is not None
    with allow_direct_writes():
        FollowUp.objects.filter(pk=first.pk).update(climbs_at=clock.now() - timedelta(hours=3))
    return row


def _text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_before_the_first_check_nothing_is_claimed(browser: Client) -> None:
    assert "No night was checked yet" in _text(browser, LIST)


def test_a_check_that_balances_is_a_quiet_line(browser: Client, site: Site) -> None:
    pathways.enrolled(site=site, now=clock.now())
    counted = reconcile()
    text = _text(browser, LIST)
    assert "The last check balances." in text
    assert f"{counted['owed']} owed = 0 done + {counted['open']} open + 0 decided." in text


def test_a_contact_that_is_gone_is_a_banner_on_every_page_until_it_is_settled(browser: Client, site: Site) -> None:
    row = pathways.enrolled(site=site, now=clock.now())
    with allow_direct_writes():
        row.follow_ups.order_by("-due_at").first().delete()  # type: ignore[union-attr]
    reconcile()
    for page in ("/patients/", "/board/", "/account/"):
        assert "The last check did not balance." in _text(browser, page)
    finding = ReconciliationFinding.objects.get()
    browser.post(f"{LIST}findings/{finding.public_id}/settle", {"note": "Called, all is well."})
    assert "The last check did not balance." not in _text(browser, "/patients/")


def test_the_run_shows_its_sum_and_what_it_named(browser: Client, stuck: Enrollment) -> None:
    reconcile()
    text = _text(browser, f"{LIST}{Reconciliation.objects.get().public_id}/")
    assert "Silence should have moved this follow-up" in text
    assert stuck.patient.display_name in text
    assert stuck.patient.public_id in AuditEntry.objects.latest("pk").patient_ids


def test_a_note_that_says_nothing_is_refused_where_it_was_typed(browser: Client, stuck: Enrollment) -> None:
    reconcile()
    finding = ReconciliationFinding.objects.get()
    answer = browser.post(f"{LIST}findings/{finding.public_id}/settle", {"note": "x" * 400})
    assert answer.status_code == 422
    assert "x" * 400 in answer.content.decode()
    finding.refresh_from_db()
    assert finding.settled_at is None


def test_it_can_be_asked_for_and_runs_with_the_next_wake_up(browser: Client, site: Site) -> None:
    pathways.enrolled(site=site, now=clock.now())
    reconcile()
    assert reconcile() == {}
    answer = browser.post(f"{LIST}run", follow=True)
    assert "The check runs within a minute." in answer.content.decode()
    assert reconcile()["owed"] > 0
    assert Reconciliation.objects.count() == 2


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.FRONT_DESK, Role.PRIVACY_OFFICER])
def test_who_does_not_manage_the_clinic_reads_it_and_does_not_start_it(client: Client, site: Site, role: Role) -> None:
    browser = clinic.sign_in(client, clinic.staff(roles=[role], sites=[site]))
    assert "Check now" not in _text(browser, LIST)
    assert browser.post(f"{LIST}run").status_code == 403


def test_the_machines_that_watch_are_told(client: Client, stuck: Enrollment) -> None:
    reconcile()
    told: dict[str, Any] = client.get("/readyz").json()
    assert told["nightly_check"]["status"] == "balanced"
    assert told["nightly_check"]["stuck"] == 1
    assert told["oldest_follow_up_seconds"] >= 0
    figures = client.get("/metrics").content.decode()
    assert 'stepwell_nightly_check_rows{sum="stuck"} 1.0' in figures
    assert stuck.patient.family_name not in figures


def test_a_night_left_out_is_told_on_every_page(browser: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pathways.enrolled(site=site, now=clock.now())
    reconcile()
    later = clock.now() + timedelta(hours=27)
    monkeypatch.setattr("clinic.clock.now", lambda: later)
    assert "Last night's check did not run." in _text(browser, "/patients/").replace("&#x27;", "'")
