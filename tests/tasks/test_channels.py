"""Each channel is delivered by itself, and a provider in trouble is left alone until one message finds it well."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection

from clinic.clock import now
from pathways import tasks
from pathways.couriers import runs_at_once
from pathways.couriers.seats import seat
from pathways.models import Attempt, ProviderStanding, Reminder
from pathways.queries.providers import CHANNELS
from pathways.rules.reminders import CLAIM_SIZE, ReminderStatus
from tests.delivery.provider import Provider
from tests.factories.delivery import in_line, running_sms
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    stand_at(NOON)
    with running_sms(settings) as it:
        yield it


def _standing() -> ProviderStanding:
    return ProviderStanding.objects.get(provider="sms")


def test_beat_wakes_every_channel_by_itself() -> None:
    woken = [entry["args"] for entry in configured.CELERY_BEAT_SCHEDULE.values() if entry.get("args")]
    assert woken == [[channel] for channel in sorted(CHANNELS)]


def test_a_run_of_one_channel_leaves_the_others_in_line(provider: Provider) -> None:
    plant_due(5)
    plant_due(5, channel="email")
    tasks.deliver_due_reminders("sms")
    assert (len(provider.taken), in_line("sms"), in_line("email")) == (5, 0, 5)


def test_a_channel_whose_seats_are_taken_is_left_to_those_who_have_them(provider: Provider) -> None:
    plant_due(5)
    other = connection.copy("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
    try:
        _take_seats(other, "sms")
        assert tasks.deliver_due_reminders("sms")["claimed"] == 0
    finally:
        other.close()  # as a killed worker's would be: its seats are free again
    _until_a_seat_is_free("sms")
    assert tasks.deliver_due_reminders("sms")["sent"] == 5


def _take_seats(other: Any, channel: str) -> None:
    from pathways.couriers.seats import NAMESPACE, _key

    with other.cursor() as cursor:
        for number in range(runs_at_once(channel)):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [NAMESPACE, _key(channel, number)])
            assert cursor.fetchone() == (True,)


def _until_a_seat_is_free(channel: str) -> None:
    """The server notices that a line has ended when it comes to it."""
    for _ in range(1_000):
        with seat(channel, 1) as free:
            if free is not None:
                return
        time.sleep(0.02)
    raise AssertionError("the seat was not given back")


def test_seats_are_counted_and_given_back() -> None:
    with seat("sms", 2) as first, seat("email", 1) as elsewhere:
        assert (first, elsewhere) == (0, 0)
    with seat("sms", 2) as again:
        assert again == 0


def test_a_provider_that_asks_to_wait_is_left_alone_for_so_long(provider: Provider) -> None:
    plant_due(30)
    provider.behave("too_many", retry_after="600")
    tasks.deliver_due_reminders("sms")
    tried = provider.ledger.requests
    assert (_standing().detail_code, _standing().troubles) == ("too_many:429", 1)
    assert timedelta(minutes=9) < _standing().rests_until - now() <= timedelta(minutes=10)
    stand_at(NOON + timedelta(minutes=9))
    tasks.deliver_due_reminders("sms")
    assert (provider.ledger.requests, in_line()) == (tried, 30)


def test_one_message_finds_out_how_a_provider_is_before_the_others_go(provider: Provider) -> None:
    plant_due(30)
    provider.behave("error", status=401, code=20003)
    tasks.deliver_due_reminders("sms")
    tried = provider.ledger.requests
    stand_at(NOON + timedelta(minutes=5))
    tasks.deliver_due_reminders("sms")
    assert (provider.ledger.requests, _standing().troubles) == (tried + 1, 2)
    provider.behave_well()
    stand_at(NOON + timedelta(minutes=10))
    assert tasks.deliver_due_reminders("sms")["sent"] == 30
    assert (_standing().troubles, _standing().rests_until) == (0, None)


def test_messages_that_were_not_tried_count_no_try(provider: Provider) -> None:
    plant_due(30)
    provider.behave("too_many", retry_after="60")
    tasks.deliver_due_reminders("sms")
    tried = provider.ledger.requests
    assert Attempt.objects.count() == tried < 30
    assert sum(Reminder.objects.values_list("tries", flat=True)) == tried


def test_a_number_that_hangs_keeps_no_other_from_its_message(provider: Provider, settings: Any) -> None:
    settings.SMS_TIMEOUT = 3
    plant_due(60)
    for each in Reminder.objects.order_by("pk").values_list("contact_point__address", flat=True)[:4]:
        provider.behave("lose", only_to=each)
    counts = tasks.deliver_due_reminders("sms")
    assert (counts["sent"], counts["uncertain"]) == (56, 4)


def test_what_a_run_claimed_and_did_not_come_to_goes_back_in_line(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_due(30)
    provider.behave("too_many", retry_after="60")
    tasks.deliver_due_reminders("sms")
    assert not Reminder.objects.exclude(status=ReminderStatus.PLANNED).exists()
    assert not Reminder.objects.exclude(leased_until=None).exists()


def test_a_run_whose_time_is_up_wakes_the_next_one(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, ...]] = []
    monkeypatch.setattr("pathways.couriers.runs.LONGEST_RUN", -1.0)
    monkeypatch.setattr(tasks.deliver_due_reminders, "apply_async", lambda args, **options: woken.append(args))
    plant_due(5)
    tasks.deliver_due_reminders("sms")
    assert (woken, in_line()) == ([("sms",)], 5)


@pytest.mark.parametrize(("due", "helpers"), [(CLAIM_SIZE - 1, 0), (CLAIM_SIZE, 3)])
def test_a_run_that_finds_more_than_it_takes_at_once_wakes_one_for_every_other_seat(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch, due: int, helpers: int
) -> None:
    woken: list[tuple[str, ...]] = []
    settings.DELIVERY_RUNS = 4
    monkeypatch.setattr(tasks.deliver_due_reminders, "apply_async", lambda args, **options: woken.append(args))
    plant_due(due)
    tasks.deliver_due_reminders("sms")
    assert (woken, in_line()) == ([("sms",)] * helpers, 0)


def test_a_run_beside_another_wakes_nobody(provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, ...]] = []
    settings.DELIVERY_RUNS = 4
    monkeypatch.setattr(tasks.deliver_due_reminders, "apply_async", lambda args, **options: woken.append(args))
    plant_due(CLAIM_SIZE)
    with ThreadPoolExecutor(1) as somebody:
        over, seated = Event(), Event()
        sitting = somebody.submit(_sit, seated, over)
        seated.wait(30)
        tasks.deliver_due_reminders("sms")
        over.set()
        sitting.result(30)
    assert (woken, in_line()) == ([], 0)


def _sit(seated: Event, over: Event) -> None:
    """Another run of the channel is at work, on another connection."""
    with seat("sms", 4):
        seated.set()
        over.wait(30)
    connection.close()
