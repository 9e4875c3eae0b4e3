"""F1: workers killed in the middle of it: nothing lost, nothing sent twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pathways import tasks
from pathways.rules.reminders.attempts import SETTLE_GRACE
from tests.bench.ground import analyze
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Pool, Sink, beat
from tests.faults.waiting import ARRIVED, UNDER_WAY, count, through, until

PROCESSES = 2

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running_pool(sink: Sink) -> Iterator[Pool]:
    """A worker of two processes, which a beat wakes, sending to the sink."""
    started = Pool(sink.environment(), processes=PROCESSES)
    waking = beat(sink.environment())
    try:
        yield started
    finally:
        for each in (started, waking):
            each.stop()


@dataclass
class Pace:
    """How fast messages arrive while somebody sends: in each stretch from its first one to the kill that ends it."""

    messages: int = 0
    seconds: float = 0.0
    kills: int = 0
    _began: tuple[float, int] | None = field(default=None)
    _newest: tuple[float, int] | None = field(default=None)

    def look(self, arrived: int, before: int) -> None:
        """`before`: how many had arrived when the last of those killed was gone."""
        now = time.monotonic()
        if self._began is None and arrived > before:
            self._began = (now, arrived)
        elif self._began is not None:
            self._newest = (now, arrived)

    def end(self) -> None:
        if self._began is not None and self._newest is not None:
            (began, first), (ended, last) = self._began, self._newest
            self.seconds += ended - began
            self.messages += last - first
        self._began = self._newest = None

    @property
    def rate(self) -> float:
        return self.messages / self.seconds if self.seconds else 0.0


def test_thousands_of_reminders_survive_workers_killed_in_the_middle(valkey: str, sink: Sink, settings: Any) -> None:
    survives(sink, settings, due=2_000, rounds=2, whole_every=2)


@pytest.mark.long
def test_a_hundred_thousand_reminders_survive_fifty_kills(valkey: str, sink: Sink, settings: Any) -> None:
    survives(sink, settings, due=100_000, rounds=25, whole_every=5)


def survives(sink: Sink, settings: Any, *, due: int, rounds: int, whole_every: int) -> None:
    """Whoever sends is killed so many times while messages go; in the end each message is there once.

    `whole_every`: every so many rounds the worker itself dies with its processes, and is started again.
    """
    through(sink, settings)
    stand_at(NOON)
    plant_due(due)
    analyze()
    with running_pool(sink) as pool:
        pace = _killed_in_the_middle(pool, sink, due, rounds, whole_every)
        until(_nothing_under_way)
        stand_at(NOON + SETTLE_GRACE + timedelta(minutes=1))
        until(lambda: _settled(due))

    counts = sink.counts()
    print(
        f"\nF1 due={due} kills={pace.kills} lost={due - counts['addresses']} "
        f"duplicated={counts['messages'] - counts['addresses']} rate={pace.rate:.0f}/s",
        flush=True,
    )
    assert pace.kills == rounds * PROCESSES
    assert (counts["addresses"], counts["messages"], counts["sent_twice"]) == (due, due, [])
    assert count(*ARRIVED) == due


def _killed_in_the_middle(pool: Pool, sink: Sink, due: int, rounds: int, whole_every: int) -> Pace:
    """Kill whoever sends each time another share of the messages has gone: those that follow are at work by then."""
    pace, share = Pace(), due // (rounds + 2)
    for number in range(1, rounds + 1):
        _when_gone(sink, share, pace)
        until(lambda: len(pool.processes) == PROCESSES)
        if number % whole_every:
            pace.kills += pool.kill_processes()
        else:
            pace.kills += PROCESSES
            pool.kill()
            pool.restart()
    return pace


def _when_gone(sink: Sink, share: int, pace: Pace) -> None:
    """Back once so many more have arrived than there were of those who are dead."""
    before = sink.taken()

    def gone() -> bool:
        arrived = sink.taken()
        pace.look(arrived, before)
        return arrived >= before + share

    until(gone)
    pace.end()


def _nothing_under_way() -> bool:
    tasks.requeue_expired_leases()
    return not count(*UNDER_WAY)


def _settled(due: int) -> bool:
    """What the killed workers held is given back, asked about, and sent where it surely did not arrive."""
    tasks.requeue_expired_leases()
    tasks.settle_uncertain()
    return count(*ARRIVED) == due
