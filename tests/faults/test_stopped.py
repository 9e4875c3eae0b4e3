"""F5: a worker stopped beyond its lease and resumed: fenced, nothing marked twice, nothing sent twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clinic.models import Heartbeat
from pathways import tasks
from pathways.models import Attempt, Reminder
from pathways.queries.providers import window_of
from pathways.rules.reminders import ReminderStatus
from pathways.rules.reminders.attempts import SETTLE_GRACE
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Process, Sink, provider, wake, worker
from tests.faults.waiting import ARRIVED, count, through, until

DUE, IN_HAND = 600, window_of("sms")
LATER = NOON + SETTLE_GRACE + timedelta(minutes=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
Marks = dict[int, tuple[str, int, str]]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with provider() as running:
        running.behave("ok", delay=3)  # seconds in which the worker only listens
        yield running


@pytest.fixture
def victim(valkey: str, sink: Sink) -> Iterator[Process]:
    """A worker; nothing wakes it but the test."""
    started = worker(sink.environment(lease=4))
    yield started
    started.stop()


def test_a_worker_stopped_beyond_its_lease_marks_nothing_when_it_goes_on(
    victim: Process, sink: Sink, settings: Any
) -> None:
    through(sink, settings)
    stand_at(NOON)
    plant_due(DUE)
    wake()
    until(lambda: count(ReminderStatus.SENDING) == IN_HAND and sink.counts()["messages"] > 0)
    victim.freeze()
    _others_do_its_work(sink)
    marked, beaten = _marks(), Heartbeat.objects.get(part="worker").beat_at
    victim.thaw()
    until(lambda: Heartbeat.objects.get(part="worker").beat_at > beaten)

    fenced = Heartbeat.objects.get(part="worker").counts["fenced"]
    counts = sink.counts()
    again = sum(_marks()[pk] != mark for pk, mark in marked.items())
    print(
        f"\nF5 due={DUE} in_hand={IN_HAND} fenced={fenced} marked_again={again} lost={DUE - counts['addresses']} "
        f"duplicated={counts['messages'] - counts['addresses']}",
        flush=True,
    )
    assert fenced == IN_HAND
    assert again == 0
    assert (counts["addresses"], counts["messages"], counts["sent_twice"]) == (DUE, DUE, [])
    assert max(_sent_attempts().values()) == 1


def _others_do_its_work(sink: Sink) -> None:
    """What it held goes back in line or is asked about, and is sent by somebody else where it surely did not arrive."""
    given_back: Counter[str] = Counter()

    def lapsed() -> bool:
        given_back.update(tasks.requeue_expired_leases())
        return given_back["uncertain"] > 0

    until(lapsed)
    sink.behave("ok")
    stand_at(LATER)

    def done() -> bool:
        tasks.requeue_expired_leases()
        tasks.settle_uncertain()
        tasks.deliver_due_reminders("sms")
        return count(*ARRIVED) == DUE

    until(done)


def _marks() -> Marks:
    rows = Reminder.objects.values_list("pk", "status", "tries", "status_at")
    return {pk: (status, tries, str(at)) for pk, status, tries, at in rows}


def _sent_attempts() -> Counter[int]:
    return Counter(Attempt.objects.filter(outcome__in=["sent", "delivered"]).values_list("reminder", flat=True))
