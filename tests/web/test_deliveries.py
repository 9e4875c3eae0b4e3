"""Delivery on its page: how each channel stands, pausing, lifting, and what everybody is told meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import reminders
from pathways.models import DeliveryPause, ProviderStanding, Reminder
from pathways.rules.reminders.pauses import Missed, PauseScope
from tests.factories import clinic as make
from tests.factories.replies import wrote
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    stand_at(NOON)
    return plant_due(4)


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return make.sign_in(client, make.staff(roles=[Role.PROGRAM_MANAGER], sites=[site]))


@pytest.fixture
def manager(site: Site) -> Actor:
    return make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


def _page(browser: Client, name: str = "delivery") -> str:
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    return str(answer.content.decode())


def _nurse(site: Site) -> Client:
    return make.sign_in(Client(), make.staff(roles=[Role.NURSE], sites=[site]))


def test_every_channel_shows_what_is_due_and_how_its_provider_is(browser: Client) -> None:
    page = _page(browser)
    assert "nothing waits" in page
    assert "Nothing is paused." in page
    [sms] = [each for each in browser.get(reverse("delivery")).context["lines"] if each["line"].channel == "sms"]
    assert (sms["line"].due, sms["line"].provider) == (4, "mailbox")


def test_a_provider_in_trouble_is_named_with_the_reason(browser: Client) -> None:
    with allow_direct_writes():
        ProviderStanding.objects.create(
            provider="mailbox", troubles=6, detail_code="no_room", changed_at=clock.now(),
            rests_until=clock.now() + timedelta(minutes=9),
        )  # fmt: skip
    page = _page(browser)
    assert "the mailbox folder could not be written" in page
    assert "6 tries in a row came to nothing" in page


def test_a_provider_that_is_given_so_many_a_second_says_so(browser: Client, settings: Any) -> None:
    assert "a second" not in _page(browser)
    settings.SMS_URL, settings.SMS_PER_SECOND = "http://127.0.0.1:1", 7
    assert "sms, at most 7 a second" in _page(browser)


def test_what_is_paused_is_told_to_everybody_who_works_with_messages(browser: Client) -> None:
    nurse = _nurse(make.site())
    assert "Messages are paused." not in _page(nurse, "messages")
    answer = browser.post(reverse("delivery_pause"), {"what": "channel:sms", "reason": "The number moves"}, follow=True)
    assert "Nothing of this goes out until you lift it." in answer.content.decode()
    for name in ("messages", "today"):
        assert "No automatic message by text message goes out." in _page(nurse, name), name
    assert "Messages are paused." not in _page(nurse, "patients")


def test_a_pause_of_another_site_concerns_nobody_here(site: Site) -> None:
    elsewhere = make.site()
    by = make.actor(roles=[Role.PROGRAM_MANAGER], sites=[elsewhere])
    reminders.pause(by=by, now=clock.now(), scope=PauseScope.SITE, site_id=elsewhere.public_id, reason="Moving")
    assert "Messages are paused." not in _page(_nurse(site), "messages")


def test_a_pause_is_lifted_with_a_word_on_what_was_missed(browser: Client, manager: Actor) -> None:
    row = reminders.pause(by=manager, now=clock.now(), scope=PauseScope.ALL, reason="A test of the line")
    assert "4 messages wait" in _page(browser)
    address = reverse("delivery_resume", args=[row.public_id])
    assert browser.post(address).status_code == 422
    answer = browser.post(address, {"missed": "ask"}, follow=True)
    assert "A person decides on 4 messages" in answer.content.decode()
    assert "Lifted before" in answer.content.decode()
    assert browser.post(address, {"missed": "ask"}).status_code == 409


def test_a_missed_message_comes_first_and_a_person_decides(manager: Actor, site: Site) -> None:
    row = reminders.pause(by=manager, now=clock.now(), scope=PauseScope.ALL, reason="A test of the line")
    reminders.resume(by=manager, now=clock.now(), pause_id=row.public_id, missed_ones=Missed.ASK)
    nurse, reminder = _nurse(site), Reminder.objects.order_by("pk").first()
    assert reminder is not None
    found = nurse.get(reverse("messages"))
    assert (found.context["state"], len(found.context["rows"])) == ("needs_person", 4)
    assert "Shall it still go?" in str(nurse.get(reverse("message", args=[reminder.public_id])).content.decode())
    assert nurse.post(reverse("message_missed", args=[reminder.public_id]), {"send": "maybe"}).status_code == 422
    nurse.post(reverse("message_missed", args=[reminder.public_id]), {"send": "no"})
    reminder.refresh_from_db()
    assert (reminder.status, reminder.needs_person) == ("suppressed", False)


def test_a_held_message_to_somebody_who_stopped_meanwhile_can_only_be_left_out(manager: Actor, site: Site) -> None:
    row = reminders.pause(by=manager, now=clock.now(), scope=PauseScope.CHANNEL, channel="sms", reason="The number")
    reminder = Reminder.objects.select_related("contact_point").order_by("pk")[0]
    wrote("STOP", address=reminder.contact_point.address, now=clock.now())
    reminders.resume(by=manager, now=clock.now(), pause_id=row.public_id, missed_ones=Missed.ASK)
    nurse, (stopped, other) = _nurse(site), Reminder.objects.filter(attendance=None, reply=None).order_by("pk")[:2]
    page = nurse.get(reverse("message", args=[stopped.public_id])).content.decode()
    assert "This person asked not to get automatic messages." in page
    assert "Leave it out" in page
    for promise in ("Send it now", "As it would go now", "Goes at"):
        assert promise not in page, promise
    page = nurse.get(reverse("message", args=[other.public_id])).content.decode()
    assert "Send it now" in page
    assert "As it would go now" in page


def test_what_cannot_be_paused_is_said_beside_the_form_and_nothing_typed_is_lost(browser: Client) -> None:
    answer = browser.post(reverse("delivery_pause"), {"what": "channel:sms", "reason": ""})
    assert answer.status_code == 422
    browser.post(reverse("delivery_pause"), {"what": "channel:sms", "reason": "First"})
    again = browser.post(reverse("delivery_pause"), {"what": "channel:sms", "reason": "Second reason"})
    assert again.status_code == 409
    assert "This is paused already." in again.content.decode()
    assert "Second reason" in again.content.decode()


def test_what_stands_still_is_put_back_in_line(browser: Client) -> None:
    with allow_direct_writes():
        Reminder.objects.update(status="failed", status_code="reminder.failed.attempts", status_at=clock.now())
    assert "4 messages were not taken in all tries." in _page(browser)
    answer = browser.post(reverse("delivery_requeue"), follow=True)
    assert "4 messages are in line again." in answer.content.decode()


def test_an_administrator_who_sees_no_patients_looks_after_delivery(site: Site) -> None:
    admin = make.sign_in(Client(), make.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site]))
    assert "Hold messages back" in _page(admin)
    assert admin.get(reverse("messages")).status_code == 403


def test_the_page_asks_as_often_however_much_is_paused(browser: Client, manager: Actor) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            _page(browser)
        return len(queries)

    _page(browser)
    reminders.pause(by=manager, now=clock.now(), scope=PauseScope.ALL, reason="One")
    few = asked()
    for number, channel in enumerate(("sms", "email")):
        reminders.pause(by=manager, now=clock.now(), scope=PauseScope.CHANNEL, channel=channel, reason=f"N {number}")
    assert asked() - few == 2  # each pause says how many wait behind it
    assert DeliveryPause.objects.count() == 3
