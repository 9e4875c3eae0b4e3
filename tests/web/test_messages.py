"""Messages: what went, what did not and why; the practice mailbox; the provider's reports."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import AuditEntry, Site
from clinic.rules.roles import Role
from pathways import tasks
from pathways.models import Attempt, Reminder
from pathways.rules.links import EXAMPLE, address_of
from patients.actions import consents
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import Provider
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories.delivery import due_now, report, running_sms, site_at, through_mail
from tests.factories.replies import wrote

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return site_at()


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return make.sign_in(client, make.staff(roles=[Role.NURSE], sites=[site]))


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_sms(settings) as it:
        yield it


@pytest.fixture
def mailbox(settings: Any, tmp_path: Any) -> None:
    settings.MAILBOX_DIR = tmp_path / "mailbox"


def _page(browser: Client, name: str, *args: object, **query: str) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def _unclear(settings: Any, site: Site) -> Reminder:
    with MailServer() as server:
        through_mail(settings, server)
        reminder = due_now(patients.email(), site=site)
        server.letters.drops["TAKEN"] = 1
        tasks.deliver_due_reminders()
        tasks.settle_uncertain()
    reminder.refresh_from_db()
    return reminder


def test_a_planned_message_shows_what_it_would_say(browser: Client, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    assert reminder.follow_up.patient.display_name in _page(browser, "messages", state="planned")
    page = _page(browser, "message", reminder.public_id)
    assert "As it would go now" in page
    assert "the office" in page
    assert "+14155550132" in page


@pytest.mark.usefixtures("mailbox")
def test_a_planned_message_to_somebody_who_stopped_promises_nothing(browser: Client, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    wrote("STOP", address=reminder.contact_point.address, now=clock.now())
    page = _page(browser, "message", reminder.public_id)
    assert "It would not go now" in page
    assert "This person asked not to get automatic messages." in page
    assert "Goes at" not in page


def test_a_delivered_message_shows_the_words_as_sent_and_every_try(browser: Client, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    tasks.deliver_due_reminders()
    assert "delivered" in _page(browser, "messages", state="delivered")
    page = _page(browser, "message", reminder.public_id)
    assert "As sent" in page
    assert Attempt.objects.get(reminder=reminder).text in page.replace("&#x27;", "'")


@pytest.mark.usefixtures("mailbox")
def test_a_link_that_was_sent_is_shown_to_staff_without_its_token(browser: Client, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    tasks.deliver_due_reminders()
    address = address_of(EXAMPLE, "https://go.example")
    with allow_direct_writes():
        Attempt.objects.filter(reminder=reminder).update(text=f"Please look: {address}")
    assert "https://go.example/l/••••/" in _page(browser, "message", reminder.public_id)
    told = browser.get(f"/api/v1/reminders/{reminder.public_id}/").json()["attempts"][0]["text"]
    assert told == "Please look: https://go.example/l/••••/"


def test_a_message_that_did_not_go_says_why(browser: Client, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    consents.record(contact_point=reminder.contact_point, given=False, method="phone", by=by, now=clock.now())
    tasks.deliver_due_reminders()
    assert "There is no consent in force" in _page(browser, "messages", state="not_sent")
    assert "Nothing was sent" in _page(browser, "message", reminder.public_id)


def test_an_unclear_message_comes_first_and_a_person_decides(browser: Client, settings: Any, site: Site) -> None:
    reminder = _unclear(settings, site)
    assert reminder.needs_person
    assert browser.get(reverse("messages")).context["state"] == "needs_person"
    assert "Did it arrive?" in _page(browser, "message", reminder.public_id)
    answer = browser.post(reverse("message_decide", args=[reminder.public_id]), {"arrived": "no"}, follow=True)
    assert "Your word on this message is recorded." in answer.content.decode()
    reminder.refresh_from_db()
    assert (reminder.status, reminder.needs_person) == ("failed", False)
    again = browser.post(reverse("message_decide", args=[reminder.public_id]), {"arrived": "yes"})
    assert again.status_code == 409


def test_who_may_not_settle_messages_cannot_decide(client: Client, settings: Any, site: Site) -> None:
    reminder = _unclear(settings, site)
    desk = make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert "Did it arrive?" not in _page(desk, "message", reminder.public_id)
    answer = desk.post(reverse("message_decide", args=[reminder.public_id]), {"arrived": "yes"})
    assert answer.status_code == 403


def test_messages_are_filtered_by_their_channel(browser: Client, site: Site) -> None:
    text = due_now(patients.phone(), site=site).follow_up.patient.display_name
    mail = due_now(patients.email(), site=site).follow_up.patient.display_name
    page = _page(browser, "messages", state="planned", channel="email")
    assert mail in page
    assert text not in page


def test_the_list_costs_as_much_with_many_messages_as_with_few(browser: Client, site: Site) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("messages"), {"state": "all"})
        return len(queries)

    due_now(patients.phone(), site=site)
    cost()  # the first page of a session also writes down when it was last used
    few = cost()
    for _ in range(3):
        due_now(patients.phone(), site=site)
    assert cost() == few


@pytest.mark.usefixtures("mailbox")
def test_the_mailbox_shows_what_a_recipient_would_have_seen(browser: Client, site: Site) -> None:
    assert "Nothing has arrived yet." in _page(browser, "mailbox")
    reminder = due_now(patients.email(), site=site)
    tasks.deliver_due_reminders()
    attempt = Attempt.objects.get(reminder=reminder)
    page = _page(browser, "mailbox").replace("&#x27;", "'")
    assert attempt.subject in page
    assert attempt.text.splitlines()[0] in page
    assert AuditEntry.objects.get(action="read.mailbox").patient_ids == [reminder.follow_up.patient.public_id]


@pytest.mark.usefixtures("mailbox")
def test_the_mailbox_shows_nobody_one_may_not_see(browser: Client) -> None:
    foreign = due_now(patients.email("somebody@example.org"))
    tasks.deliver_due_reminders()
    page = _page(browser, "mailbox")
    assert "somebody@example.org" not in page
    assert browser.get(reverse("message", args=[foreign.public_id])).status_code == 404


@pytest.mark.usefixtures("mailbox")
def test_on_practice_data_the_mailbox_moves_the_clock_on(browser: Client) -> None:
    assert "One day on" not in _page(browser, "mailbox")
    make.practice()
    assert "One day on" in _page(browser, "mailbox")
    moved = browser.post(reverse("practice_clock"), {"step": "day", "next": reverse("mailbox")})
    assert (moved.status_code, moved["Location"]) == (303, reverse("mailbox"))


@pytest.mark.parametrize("query", [{"before": "\x00"}, {"before": "9" * 200}])
def test_a_place_in_the_mailbox_that_is_none_is_refused(browser: Client, query: dict[str, str]) -> None:
    assert browser.get(reverse("mailbox"), query).status_code == 422


def test_a_report_that_is_not_signed_is_turned_away(client: Client, provider: Provider, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    tasks.deliver_due_reminders()
    reference = str(Attempt.objects.get(reminder=reminder).public_id)
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert client.post(reverse("sms_status", args=[reference]), form).status_code == 403
    assert report(client, reference, "another-token", **form).status_code == 403
    reminder.refresh_from_db()
    assert reminder.status == "sent"


def test_a_report_on_a_message_that_is_not_ours_finds_nothing(client: Client, provider: Provider) -> None:
    told = report(client, str(uuid4()), provider.token, MessageSid="SM1", MessageStatus="delivered")
    assert told.status_code == 404


@pytest.mark.parametrize("form", [{"MessageSid": "SM1", "MessageStatus": "vanished"}, {"MessageStatus": "delivered"}])
def test_a_report_that_says_nothing_is_refused(client: Client, provider: Provider, form: dict[str, str]) -> None:
    assert report(client, str(uuid4()), provider.token, **form).status_code == 400


def test_reports_come_by_post_alone(client: Client) -> None:
    assert client.get(reverse("sms_status", args=[uuid4()])).status_code == 405


def test_the_provider_needs_no_csrf_token(provider: Provider, site: Site) -> None:
    reminder = due_now(patients.phone(), site=site)
    tasks.deliver_due_reminders()
    attempt = Attempt.objects.get(reminder=reminder)
    outside = Client(enforce_csrf_checks=True)
    told = report(
        outside, str(attempt.public_id), provider.token,
        MessageSid=attempt.provider_id, MessageStatus="undelivered", ErrorCode="30003",
    )  # fmt: skip
    assert told.status_code == 204
    reminder.refresh_from_db()
    assert (reminder.status, reminder.status_code) == ("failed", "reminder.failed.permanent")
