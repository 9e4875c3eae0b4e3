"""What the SMS provider says of a number counts from then on: said at sending, in a report, or when it is asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from pathways import tasks
from pathways.actions.reminders import heed_refusal
from pathways.actions.reminders.addresses import lock_address
from pathways.delivery.messages import Detail
from pathways.models import Attempt, Reminder
from pathways.rules.reminders import OfAddress, says_of_address
from pathways.rules.reminders.attempts import SETTLE_GRACE
from patients.models import ContactConsent, Suppression
from tests.delivery.provider import Provider
from tests.factories import patients
from tests.factories.delivery import again, due_now, report, running_sms, site_at

pytestmark = pytest.mark.django_db
PHONE = "+14155550132"
BUSY = "+14155550133"
STOPPED = {("sms", PHONE, "stop_reply")}
NO_SUCH = {("sms", PHONE, "not_deliverable")}


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_sms(settings) as it:
        yield it


def closed() -> set[tuple[str, str, str]]:
    rows = Suppression.objects.filter(lifted_at__isnull=True, patient=None)
    return set(rows.values_list("channel", "address", "reason"))


def test_an_opt_out_with_the_provider_counts_like_a_stop_with_its_evidence(provider: Provider) -> None:
    row = due_now(patients.phone(PHONE))
    provider.behave("error", status=400, code=21610, times=1)
    tasks.deliver_due_reminders("sms")
    assert again(row).status == "failed"
    assert closed() == STOPPED
    assert Suppression.objects.get(patient=row.patient).reason == "stop_reply"
    newest = ContactConsent.objects.order_by("-effective_at", "-pk")[0]
    assert (newest.given, newest.method, newest.contact_point) == (False, "provider", row.contact_point)
    for evidence in (newest.evidence, Suppression.objects.get(patient=None).evidence):
        for part in ("21610", "UTC", str(Attempt.objects.get().public_id)):
            assert part in evidence


def test_an_opt_out_of_a_number_that_several_have_counts_for_all_of_them(provider: Provider) -> None:
    site = site_at()
    row = due_now(patients.phone(PHONE), site=site)
    other = patients.patient(site, contact_points=[patients.phone(PHONE)])
    provider.behave("error", status=400, code=21610, times=1)
    tasks.deliver_due_reminders("sms")
    people = Suppression.objects.filter(patient__isnull=False).values_list("patient", flat=True)
    assert set(people) == {row.patient_id, other.pk}
    withdrawn = ContactConsent.objects.filter(given=False).values_list("patient", flat=True)
    assert set(withdrawn) == {row.patient_id, other.pk}


@pytest.mark.parametrize("code", [21211, 21614])
def test_a_number_that_is_none_is_closed_and_nobodys_consent_is_touched(provider: Provider, code: int) -> None:
    due_now(patients.phone(PHONE))
    provider.behave("error", status=400, code=code, times=1)
    tasks.deliver_due_reminders("sms")
    assert closed() == NO_SUCH
    assert not ContactConsent.objects.filter(given=False).exists()


@pytest.mark.parametrize(("status", "code"), [(400, 21612), (400, 21617), (400, 99999), (429, 20429), (401, 20003)])
def test_what_is_about_the_message_or_the_moment_closes_nothing(provider: Provider, status: int, code: int) -> None:
    due_now(patients.phone(PHONE))
    provider.behave("error", status=status, code=code, times=1)
    tasks.deliver_due_reminders("sms")
    assert closed() == set()


@pytest.mark.parametrize(("code", "expected"), [("21610", STOPPED), ("30005", NO_SUCH), ("30003", set())])
def test_a_later_report_says_the_same_as_a_refusal_at_sending(
    client: Client, provider: Provider, code: str, expected: set[tuple[str, str, str]]
) -> None:
    row = due_now(patients.phone(PHONE))
    tasks.deliver_due_reminders("sms")
    attempt = Attempt.objects.get(reminder=row)
    told = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": code}
    for _ in range(2):
        assert report(client, str(attempt.public_id), provider.token, **told).status_code == 204
    assert again(row).status == "failed"
    assert closed() == expected
    assert Attempt.objects.get().detail_code.endswith(f":{code}")


def test_a_late_no_on_a_message_that_arrived_closes_nothing(client: Client, provider: Provider) -> None:
    row = due_now(patients.phone(PHONE))
    tasks.deliver_due_reminders("sms")
    reference = str(Attempt.objects.get(reminder=row).public_id)
    report(client, reference, provider.token, MessageSid="SM1", MessageStatus="delivered")
    report(client, reference, provider.token, MessageSid="SM1", MessageStatus="undelivered", ErrorCode="21610")
    assert (again(row).status, closed()) == ("delivered", set())


def test_a_provider_that_is_asked_says_it_as_well(provider: Provider) -> None:
    row = due_now(patients.phone(PHONE))
    provider.behave("take_and_drop", times=1)
    tasks.deliver_due_reminders("sms")
    provider.taken[0].status, provider.taken[0].error_code = "undelivered", 30005
    assert tasks.settle_uncertain() == {"record": 1}
    assert (again(row).status, closed()) == ("failed", NO_SUCH)


def test_a_refusal_taken_in_twice_is_taken_in_once(provider: Provider) -> None:
    due_now(patients.phone(PHONE))
    tasks.deliver_due_reminders("sms")
    given = {"reference": Attempt.objects.get().public_id, "detail_code": "opted_out:21610"}
    for _ in range(2):
        assert heed_refusal(by=tasks.job("test"), now=clock.now(), **given) is OfAddress.OPTED_OUT
    assert Suppression.objects.count() == 2
    assert ContactConsent.objects.filter(given=False).count() == 1


@contextmanager
def held_by_somebody_else(address: str) -> Iterator[None]:
    """Another connection has the address, and does not let it go."""
    held, over = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock_address("sms", address)
            held.set()
            over.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as somebody:
        holding = somebody.submit(hold)
        assert held.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
        try:
            yield
        finally:
            over.set()
            holding.result(30)


def test_an_address_that_cannot_be_had_keeps_no_outcome_from_being_written_down_and_is_taken_in_later(
    provider: Provider, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    site = site_at()
    refused, busy, other = (due_now(patients.phone(each), site=site) for each in (PHONE, BUSY, "+14155550134"))
    provider.behave("error", status=400, code=21610, only_to=BUSY)
    provider.behave("error", status=400, code=21610, only_to=PHONE)
    with held_by_somebody_else(BUSY):
        tasks.deliver_due_reminders("sms")
    assert [again(each).status for each in (refused, busy, other)] == ["failed", "sending", "sent"]
    assert closed() == STOPPED
    told = capsys.readouterr().out + caplog.text
    assert "refusal_not_heeded" in told
    assert BUSY[1:] not in told
    assert str(busy.patient.public_id) not in told

    with allow_direct_writes():
        Reminder.objects.filter(pk=busy.pk).update(leased_until=clock.real_now())
    tasks.requeue_expired_leases()
    assert again(busy).status == "uncertain"
    with allow_direct_writes():
        Attempt.objects.filter(reminder=busy).update(started_at=clock.now() - SETTLE_GRACE)
        Reminder.objects.filter(pk=busy.pk).update(next_at=clock.now())
    tasks.settle_uncertain()
    tasks.deliver_due_reminders("sms")
    assert closed() == STOPPED | {("sms", BUSY, "stop_reply")}


def test_the_codes_that_are_about_an_address_are_codes_of_the_channels() -> None:
    about = {code for code in Detail if says_of_address(f"{code.value}:1") is not OfAddress.NOTHING}
    assert about == {Detail.OPTED_OUT, Detail.BAD_ADDRESS}
