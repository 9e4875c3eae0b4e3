"""From a planned message to one that arrived, through real servers on loopback, as beat and worker do it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.clock import real_now
from clinic.models import Heartbeat
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions import follow_ups, reminders
from pathways.delivery.mailbox import read
from pathways.models import Attempt, FollowUp, Reminder
from pathways.rules.follow_ups import Outcome
from patients.actions import consents, contacts
from tests.delivery.mail_server import MailServer, certificate
from tests.delivery.provider import Provider
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories.delivery import (
    again,
    due_now,
    follow_up_of,
    report,
    running_mail,
    running_sms,
    site_at,
    through_mail,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail(settings) as it:
        yield it


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_sms(settings) as it:
        yield it


def test_a_due_reminder_reaches_the_mail_server_once(server: MailServer) -> None:
    reminder = due_now(patients.email("person@example.org"))
    counts = tasks.deliver_due_reminders()
    assert (counts["claimed"], counts["sent"]) == (1, 1)
    tasks.deliver_due_reminders()
    [letter] = server.letters.parsed()
    assert letter["To"] == "person@example.org"
    assert "the office" in letter.get_content()
    attempt = Attempt.objects.get(reminder=reminder)
    assert attempt.text in letter.get_content().replace("\r\n", "\n")
    assert (again(reminder).status, reminder.tries, attempt.outcome) == ("sent", 1, "sent")
    assert Heartbeat.objects.filter(part="worker").exists()


def test_a_letter_says_nothing_of_what_the_clinic_is_for(server: MailServer) -> None:
    reminder = due_now(patients.email())
    tasks.deliver_due_reminders()
    [letter] = server.letters.parsed()
    words = f"{letter} {letter.get_content()}".casefold()
    assert reminder.follow_up.site.name.casefold() not in words
    assert not [word for word in ("kratom", "recovery", "treatment", "clinician", "program") if word in words]


def test_a_due_text_message_reaches_the_provider_with_the_address_for_its_report(provider: Provider) -> None:
    reminder = due_now(patients.phone("+14155550132"))
    tasks.deliver_due_reminders()
    [taken] = provider.taken
    attempt = Attempt.objects.get(reminder=reminder)
    assert (taken.to, taken.body) == ("+14155550132", attempt.text)
    assert taken.callback == f"https://clinic.example/callbacks/sms/{attempt.public_id}"
    assert (again(reminder).status, attempt.provider_id) == ("sent", taken.sid)


def test_without_a_provider_it_falls_into_the_mailbox(settings: Any, tmp_path: Any) -> None:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    reminder = due_now(patients.phone())
    tasks.deliver_due_reminders()
    [delivered] = read(settings.MAILBOX_DIR)
    assert delivered.message.text == Attempt.objects.get(reminder=reminder).text
    assert again(reminder).status == "delivered"


def test_at_night_it_waits_for_the_morning(provider: Provider) -> None:
    reminder = due_now(patients.phone(), site=site_at(23))
    tasks.deliver_due_reminders()
    assert provider.taken == []
    assert (again(reminder).status, reminder.status_code) == ("planned", "reminder.postponed.hours")
    opens = reminder.next_at.astimezone(reminder.follow_up.patient.zone)
    assert (opens.hour, opens > clock.now()) == (9, True)


def test_a_consent_withdrawn_meanwhile_is_heeded_and_the_provider_sees_nothing(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site])
    consents.record(contact_point=reminder.contact_point, given=False, method="phone", by=by, now=clock.now())
    tasks.deliver_due_reminders()
    assert provider.ledger.requests == 0
    assert (again(reminder).status, reminder.status_code) == ("suppressed", "reminder.suppressed.consent")
    assert not reminder.attempts.exists()


def test_an_address_no_longer_used_gets_nothing(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    by, point = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site]), reminder.contact_point
    contacts.retire(contact_point=point, expected_version=point.version, by=by, now=clock.now())
    tasks.deliver_due_reminders()
    assert provider.ledger.requests == 0
    assert (again(reminder).status, reminder.status_code) == ("suppressed", "reminder.suppressed.retired")


def test_a_person_who_stopped_messages_gets_none(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site])
    patient = reminder.follow_up.patient
    contacts.suppress(patient=patient, reason="person_asked", contact_point=None, by=by, now=clock.now())
    tasks.deliver_due_reminders()
    assert provider.ledger.requests == 0
    assert again(reminder).status == "suppressed"


@pytest.mark.parametrize(("channel", "sent"), [("sms", 1), ("email", 0), ("", 0)])
def test_a_channel_somebody_stopped_stops_no_other(server: MailServer, channel: str, sent: int) -> None:
    reminder = due_now(patients.email("person@example.org"))
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site])
    contacts.suppress(
        patient=reminder.follow_up.patient, reason="person_asked", channel=channel, by=by, now=clock.now()
    )
    tasks.deliver_due_reminders()
    assert len(server.letters.parsed()) == sent


def test_what_was_settled_by_a_call_sends_nothing(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site])
    row = follow_up_of(reminder)
    follow_ups.close(by=by, now=clock.now(), follow_up_id=row.public_id, outcome=Outcome.REACHED)
    tasks.deliver_due_reminders()
    assert provider.ledger.requests == 0
    assert again(reminder).status == "cancelled"


def test_a_busy_provider_is_tried_again_later_and_not_at_once(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    provider.behave("too_many", times=1, retry_after="120")
    tasks.deliver_due_reminders()
    assert (again(reminder).status, reminder.tries) == ("planned", 1)
    assert reminder.next_at >= clock.now() + timedelta(seconds=100)
    tasks.deliver_due_reminders()
    assert provider.taken == []


def test_a_number_that_is_none_is_not_tried_again(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    provider.behave("error", times=1, status=400, code=21211)
    tasks.deliver_due_reminders()
    assert (again(reminder).status, reminder.status_code) == ("failed", "reminder.failed.permanent")
    assert Attempt.objects.get(reminder=reminder).detail_code == "bad_address:21211"


def test_a_text_message_nobody_is_sure_about_is_settled_by_asking(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    provider.behave("take_and_drop", times=1)
    tasks.deliver_due_reminders()
    assert again(reminder).status == "uncertain"
    tasks.deliver_due_reminders()
    assert len(provider.taken) == 1
    assert tasks.settle_uncertain() == {"record": 1}
    assert again(reminder).status == "sent"
    assert Attempt.objects.get(reminder=reminder).provider_id == provider.taken[0].sid
    assert provider.ledger.counts()["sent_twice"] == []


def test_a_text_message_surely_not_there_goes_once_more_after_a_while(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    provider.behave("drop", times=1)
    tasks.deliver_due_reminders()
    assert again(reminder).status == "uncertain"
    assert tasks.settle_uncertain() == {"ask_again": 1}
    assert again(reminder).status == "uncertain"
    assert reminder.next_at > clock.now()
    assert provider.taken == []


def test_an_email_nobody_is_sure_about_goes_to_a_person_and_never_again(server: MailServer) -> None:
    reminder = due_now(patients.email())
    server.letters.drops["TAKEN"] = 1
    tasks.deliver_due_reminders()
    assert again(reminder).status == "uncertain"
    assert tasks.settle_uncertain() == {"ask_a_person": 1}
    assert again(reminder).needs_person
    tasks.settle_uncertain()
    tasks.deliver_due_reminders()
    assert len(server.letters.taken) == 1
    by = make.actor(roles=[Role.CLINICIAN], sites=[reminder.follow_up.site])
    reminders.decide_uncertain(by=by, now=clock.now(), reminder_id=reminder.public_id, arrived=True)
    assert (again(reminder).status, reminder.needs_person) == ("sent", False)


def test_the_providers_report_marks_it_delivered(provider: Provider, client: Client) -> None:
    reminder = due_now(patients.phone())
    tasks.deliver_due_reminders()
    attempt = Attempt.objects.get(reminder=reminder)
    told = report(
        client, str(attempt.public_id), provider.token, MessageSid=attempt.provider_id, MessageStatus="delivered"
    )
    assert told.status_code == 204
    assert again(reminder).status == "delivered"
    late = report(client, str(attempt.public_id), provider.token, MessageSid=attempt.provider_id, MessageStatus="sent")
    assert (late.status_code, again(reminder).status) == (204, "delivered")


def test_what_a_stopped_worker_held_goes_back_in_line_or_is_asked_about(provider: Provider) -> None:
    leased, sending = due_now(patients.phone("+14155550132")), due_now(patients.phone("+14155550133"))
    by = make.job()
    claim = reminders.claim_due(by=by, now=clock.now())
    reminders.open_window(by=by, now=clock.now(), claim_id=claim.claim_id, ids=[sending.pk], live=False)
    assert tasks.requeue_expired_leases() == {"back_in_line": 0, "uncertain": 0}
    _end_leases()
    assert tasks.requeue_expired_leases() == {"back_in_line": 1, "uncertain": 1}
    assert (again(leased).status, again(sending).status) == ("planned", "uncertain")


def _end_leases() -> None:
    with allow_direct_writes():
        Reminder.objects.exclude(leased_until=None).update(leased_until=real_now() - timedelta(seconds=1))


def test_a_server_that_cannot_encrypt_gets_no_letter_where_encryption_is_asked_for(
    settings: Any,
) -> None:
    with MailServer() as server:
        through_mail(settings, server, security="starttls")
        reminder = due_now(patients.email())
        tasks.deliver_due_reminders()
        assert server.letters.taken == []
    assert (again(reminder).status, reminder.status_code) == ("planned", "reminder.postponed.provider")
    assert Attempt.objects.get(reminder=reminder).detail_code == "not_encrypted"


def test_a_server_nobody_vouches_for_gets_no_letter(settings: Any, tmp_path: Any) -> None:
    context, _authority = certificate(tmp_path)
    with MailServer(tls=context, at_once=True) as server:
        through_mail(settings, server, security="tls")
        due_now(patients.email())
        tasks.deliver_due_reminders()
        assert server.letters.taken == []


def test_one_person_gets_one_message_a_day_though_two_are_due(provider: Provider) -> None:
    reminder = due_now(patients.phone())
    by, row = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.follow_up.site]), follow_up_of(reminder)
    second = _reopened(row.enrollment.follow_ups.filter(outcome="cancelled").earliest("due_at"))
    morning = clock.now() - timedelta(hours=4)
    follow_ups.reschedule(by=by, now=morning, follow_up_id=second.public_id, on=row.due_on)
    tasks.deliver_due_reminders()
    assert len(provider.taken) == 1
    assert sorted(Reminder.objects.filter(follow_up__in=[row, second]).values_list("status", "status_code")) == [
        ("cancelled", "reminder.cancelled.subject_closed"),
        ("planned", "reminder.postponed.frequency"),
        ("sent", ""),
    ]


def _reopened(row: FollowUp) -> FollowUp:
    with allow_direct_writes():
        FollowUp.objects.filter(pk=row.pk).update(outcome="", closed_at=None, closed_by=None)
    return row
