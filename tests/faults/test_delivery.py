"""Workers killed in the middle of it: nothing lost, nothing sent twice."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count

from clinic.clock import real_now
from pathways import tasks
from pathways.models import Reminder
from pathways.rules.reminders import ReminderStatus
from pathways.rules.reminders.attempts import SETTLE_GRACE
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Process, Sink, beat, provider, worker

DUE = 10_000
KILLS = 5
LONGEST = 240

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with provider() as running:
        yield running


@pytest.fixture
def machinery(valkey: str, sink: Sink) -> Iterator[list[Process]]:
    """Two workers and two beats, all sending to the sink."""
    started = [start(sink.environment()) for start in (worker, worker, beat, beat)]
    yield started
    for each in started:
        each.stop()


def test_ten_thousand_reminders_survive_workers_killed_in_the_middle(
    machinery: list[Process], sink: Sink, settings: Any
) -> None:
    for name in ("SMS_URL", "SMS_ACCOUNT", "SMS_TOKEN", "SMS_FROM"):
        setattr(settings, name, sink.environment()[name])
    stand_at(NOON)
    plant_due(DUE)
    began = time.monotonic()
    given = _kill_while_they_work(machinery[0], sink)
    _until(lambda: not _count(ReminderStatus.PLANNED, ReminderStatus.LEASED, ReminderStatus.SENDING))
    took = time.monotonic() - began
    stand_at(NOON + SETTLE_GRACE + timedelta(minutes=1))
    _until(_settled)

    counts = sink.counts()
    print(f"\nF1 due={DUE} kills={given} lost={DUE - counts['addresses']} "
          f"duplicated={counts['messages'] - counts['addresses']} rate={DUE / took:.0f}/s")  # fmt: skip
    assert given == KILLS
    assert counts["addresses"] == DUE
    assert counts["messages"] == DUE
    assert counts["sent_twice"] == []
    assert _count(ReminderStatus.SENT, ReminderStatus.DELIVERED) == DUE


def _kill_while_they_work(victim: Process, sink: Sink) -> int:
    """Kill the worker each time another share of the messages has gone, and start it again."""
    given = 0
    for share in range(1, KILLS + 1):
        _until(partial(_taken, sink, DUE * share // (KILLS + 2)))
        victim.kill()
        victim.restart()
        given += 1
    return given


def _taken(sink: Sink, number: int) -> bool:
    return bool(sink.counts()["messages"] >= number)


def _settled() -> bool:
    """What the killed workers held is given back, asked about, and sent where it surely did not arrive."""
    tasks.requeue_expired_leases()
    tasks.settle_uncertain()
    return _count(ReminderStatus.SENT, ReminderStatus.DELIVERED) == DUE


def _count(*statuses: ReminderStatus) -> int:
    return Reminder.objects.filter(status__in=statuses).count()


def _until(done: Callable[[], bool]) -> None:
    until = real_now() + timedelta(seconds=LONGEST)
    while not done():
        if real_now() > until:
            states = dict(Reminder.objects.values_list("status").annotate(n=Count("pk")))
            raise AssertionError(f"not done after {LONGEST} s: {states}")
        connection.close()
        time.sleep(0.2)
