"""Letters that come back later, through real servers: what they settle, what they close, and that the ladder climbs."""

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions.mail import MailTaken, receive_mail
from pathways.management.commands import receive_mail as command
from pathways.models import Attempt, FollowUp, Reminder, Reply
from patients.actions import contacts
from patients.models import ContactConsent, Suppression
from tests.delivery.mail_server import MailServer
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories.delivery import again, due_now, follow_up_of, running_mail, site_at
from tests.factories.mail import OFFICE, bounce_of, letter

pytestmark = pytest.mark.django_db
ADDRESS = "person@example.org"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail(settings) as it:
        yield it


@pytest.fixture
def sent(server: MailServer) -> Reminder:
    """A message that the mail server has taken."""
    row = due_now(patients.email(ADDRESS))
    tasks.deliver_due_reminders("email")
    return again(row)


def message_id(server: MailServer) -> str:
    """As the newest letter carried it."""
    return str(server.letters.parsed()[-1]["Message-ID"])


def taken(raw: bytes) -> MailTaken:
    return receive_mail(by=tasks.job("mail"), now=clock.now(), raw=raw)


def closed() -> set[tuple[str, str, int | None, str]]:
    rows = Suppression.objects.filter(lifted_at__isnull=True)
    return set(rows.values_list("channel", "address", "patient", "reason"))


def test_a_letter_that_comes_back_has_failed_for_good(server: MailServer, sent: Reminder) -> None:
    assert sent.status == "sent"
    assert taken(bounce_of(message_id(server))) is MailTaken.BOUNCED
    assert (again(sent).status, sent.status_code) == ("failed", "reminder.failed.bounced")
    attempt = Attempt.objects.get(reminder=sent)
    assert (attempt.outcome, attempt.detail_code) == ("permanent", "bad_address:5.1.1")


def test_an_address_that_is_none_is_closed_with_the_evidence(server: MailServer, sent: Reminder) -> None:
    taken(bounce_of(message_id(server)))
    row = Suppression.objects.get()
    assert closed() == {("email", ADDRESS, None, "not_deliverable")}
    assert (row.patient, row.added_by.name) == (None, "mail")
    for part in ("5.1.1", "UTC", "email", str(Attempt.objects.get(reminder=sent).public_id)):
        assert part in row.evidence
    assert not ContactConsent.objects.filter(given=False).exists()


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7"])
def test_a_letter_that_failed_for_another_reason_leaves_the_address_open(
    server: MailServer, sent: Reminder, status: str
) -> None:
    assert taken(bounce_of(message_id(server), status=status)) is MailTaken.BOUNCED
    assert again(sent).status == "failed"
    assert closed() == set()


def test_a_letter_that_is_late_is_left_as_it_is(server: MailServer, sent: Reminder) -> None:
    before = sent.status_at
    delayed = bounce_of(message_id(server), action="delayed", status="4.4.1")
    assert taken(delayed) is MailTaken.NOTHING_NEW
    assert (again(sent).status, sent.status_at, closed()) == ("sent", before, set())


def test_a_letter_that_arrived_is_delivered_and_no_later_word_changes_it(server: MailServer, sent: Reminder) -> None:
    assert taken(bounce_of(message_id(server), action="delivered", status="2.1.5")) is MailTaken.DELIVERED
    assert taken(bounce_of(message_id(server))) is MailTaken.NOTHING_NEW
    assert (again(sent).status, closed()) == ("delivered", set())


def test_the_same_notification_twice_changes_nothing(server: MailServer, sent: Reminder) -> None:
    raw = bounce_of(message_id(server))
    taken(raw)
    at = again(sent).status_at
    assert taken(raw) is MailTaken.NOTHING_NEW
    assert (again(sent).status_at, Suppression.objects.count()) == (at, 1)


@pytest.mark.parametrize("name", ["<0b9f3c1e-5c4b-4f7e-9a63-2d1f7c9be001@clinic.example>", "<1@elsewhere.example>", ""])
def test_a_notification_on_a_letter_that_is_not_ours_does_nothing(sent: Reminder, name: str) -> None:
    assert taken(bounce_of(name)) is MailTaken.NOTHING_NEW
    assert (again(sent).status, closed(), Reply.objects.count()) == ("sent", set(), 0)


def test_a_letter_nobody_was_sure_about_is_settled_by_its_coming_back(server: MailServer) -> None:
    row = due_now(patients.email(ADDRESS))
    server.letters.drops["TAKEN"] = 1
    tasks.deliver_due_reminders("email")
    assert again(row).status == "uncertain"
    taken(bounce_of(message_id(server)))
    assert (again(row).status, row.needs_person) == ("failed", False)


# The ladder


def stands_on(row: FollowUp) -> tuple[int, str]:
    row.refresh_from_db()
    return row.rung, row.owner_role


def test_the_ladder_climbs_as_after_a_failure_at_sending(server: MailServer) -> None:
    server.letters.answers["RCPT"] = "550 5.1.1 no such user"
    refused = follow_up_of(due_now(patients.email("other@example.org"), site=site_at(10)))
    tasks.deliver_due_reminders("email")
    tasks.climb_ladders()
    server.letters.answers.clear()
    bounced = follow_up_of(due_now(patients.email(ADDRESS), site=site_at(10)))
    tasks.deliver_due_reminders("email")
    tasks.climb_ladders()
    first = stands_on(bounced)[0]
    taken(bounce_of(message_id(server)))
    tasks.climb_ladders()
    assert stands_on(bounced) == stands_on(refused)
    assert stands_on(bounced)[0] > first
    assert {each[1] for each in closed()} == {"other@example.org", ADDRESS}


def test_nothing_goes_to_the_address_until_a_person_opens_it_again(server: MailServer, sent: Reminder) -> None:
    taken(bounce_of(message_id(server)))
    with allow_direct_writes():
        Reminder.objects.filter(pk=sent.pk).update(status="planned", status_code="", next_at=clock.now())
    tasks.deliver_due_reminders("email")
    assert (again(sent).status, sent.status_code) == ("suppressed", "reminder.suppressed.address")
    by = make.actor(roles=[Role.SUPERVISOR], sites=[sent.site])
    contacts.lift(patient=sent.patient, suppression=Suppression.objects.get(), by=by, now=clock.now())
    assert closed() == set()


# Replies by e-mail


def test_what_somebody_answers_is_a_reply_to_the_very_message(server: MailServer, sent: Reminder) -> None:
    assert taken(letter("Yes, all is well", In_Reply_To=message_id(server))) is MailTaken.REPLY
    row = Reply.objects.get()
    assert (row.provider, row.provider_id, row.channel, row.address) == ("email", "1@mail.example", "email", ADDRESS)
    assert (row.to_address, row.text, row.patient) == (OFFICE, "Yes, all is well", sent.patient)
    assert row.attempt_reference == Attempt.objects.get(reminder=sent).public_id


def test_a_stop_by_mail_closes_the_address_and_is_acknowledged_once(server: MailServer, sent: Reminder) -> None:
    for _ in range(2):
        taken(letter("STOP"))
    assert closed() == {("email", ADDRESS, None, "stop_reply"), ("email", "", sent.patient_id, "stop_reply")}
    assert "STOP" in Suppression.objects.get(patient=None).evidence
    assert [each.template for each in Reminder.objects.filter(reply__isnull=False)] == ["reply.stopped"]


def test_a_machine_that_answers_is_kept_and_not_answered(server: MailServer, sent: Reminder) -> None:
    taken(letter("I am away. STOP by when I am back.", Auto_Submitted="auto-replied"))
    row = Reply.objects.get()
    assert (row.effect, row.needs_person) == ("automatic", False)
    assert not Reminder.objects.filter(reply__isnull=False).exists()
    assert closed() == set()


def test_a_letter_from_nobody_known_waits_for_a_person(server: MailServer, sent: Reminder) -> None:
    taken(letter("Hello, is this the right address?", sender="stranger@example.net"))
    row = Reply.objects.get()
    assert (row.patient, row.needs_person) == (None, True)


def test_what_is_no_letter_is_left(sent: Reminder) -> None:
    assert taken(b"") is MailTaken.UNREADABLE
    assert not Reply.objects.exists()


# The command


class _Pipe:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


def piped(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> str:
    monkeypatch.setattr(sys, "stdin", _Pipe(raw))
    out = io.StringIO()
    call_command("receive_mail", stdout=out)
    return out.getvalue().strip()


def test_a_mail_server_pipes_a_letter_in(server: MailServer, sent: Reminder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert piped(monkeypatch, bounce_of(message_id(server))) == "bounced"
    assert piped(monkeypatch, letter("Yes")) == "reply"
    assert again(sent).status == "failed"


def test_a_letter_longer_than_is_read_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = letter("Yes") + b"x" * 2_000_000
    assert piped(monkeypatch, raw) == "reply"
    assert sys.stdin.buffer.read() == b""


def test_a_letter_that_could_not_be_taken_in_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**given: Any) -> None:
        raise OperationalError("person@example.org could not be reached")

    monkeypatch.setattr(command, "receive_mail", away)
    with pytest.raises(CommandError) as failed:
        piped(monkeypatch, letter("Yes"))
    assert failed.value.returncode == 75
    assert str(failed.value) == "Not taken in (OperationalError)."
