"""F3: five beats at once send nothing twice; a dead beat is told of within a minute, and nothing it missed is lost."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Heartbeat
from tests.factories import clinic
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Process, Sink, beat, forget_wake_ups, worker
from tests.faults.waiting import ARRIVED, count, until

BEATS, WORKERS = 5, 2
DUE, MISSED = 1_000, 200
MINUTE = timedelta(seconds=60)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def workers(valkey: str, sink: Sink) -> Iterator[list[Process]]:
    started = [worker(sink.environment()) for _ in range(WORKERS)]
    yield started
    for each in started:
        each.stop()


@pytest.fixture
def beats(workers: list[Process], sink: Sink) -> Iterator[list[Process]]:
    stand_at(NOON)
    plant_due(DUE)
    started = [beat(sink.environment()) for _ in range(BEATS)]
    yield started
    for each in started:
        each.stop()


def test_five_beats_send_nothing_twice_and_a_dead_beat_is_told_of_and_made_up_for(
    beats: list[Process], sink: Sink, client: Client
) -> None:
    until(lambda: count(*ARRIVED) == DUE and _last_beat() is not None)
    for each in beats:
        each.kill()
    forget_wake_ups()
    until(_nobody_works)
    plant_due(MISSED, first=DUE)
    _a_minute_passes()
    alarms = _alarms(client)
    waiting = DUE + MISSED - count(*ARRIVED)

    beats[0].restart()
    until(lambda: count(*ARRIVED) == DUE + MISSED)
    counts = sink.counts()
    print(
        f"\nF3 beats={BEATS} due={DUE + MISSED} lost={DUE + MISSED - counts['addresses']} "
        f"duplicated={counts['messages'] - counts['addresses']} alarms={sum(alarms.values())}/{len(alarms)}",
        flush=True,
    )
    assert waiting == MISSED
    assert alarms == dict.fromkeys(alarms, True)
    assert (counts["addresses"], counts["messages"]) == (DUE + MISSED, DUE + MISSED)


def _last_beat() -> Any:
    return Heartbeat.objects.filter(part="beat").values_list("beat_at", flat=True).first()


def _nobody_works() -> bool:
    """Nothing has run for longer than two beats."""
    before = set(Heartbeat.objects.values_list("part", "beat_at"))
    time.sleep(5)
    return before == set(Heartbeat.objects.values_list("part", "beat_at"))


def _a_minute_passes() -> None:
    with allow_direct_writes():
        for row in Heartbeat.objects.filter(part="beat"):
            row.beat_at -= MINUTE
            row.save(update_fields=["beat_at"])


def _alarms(client: Client) -> dict[str, bool]:
    """Whoever asks is told: the page, the probe, the figures."""
    ready = client.get("/readyz").json()
    figures = client.get("/metrics").content.decode()
    member = clinic.staff(sites=None)
    page = clinic.sign_in(client, member).get("/").content.decode()
    [age] = [line.split()[-1] for line in figures.splitlines() if 'heartbeat_age_seconds{part="beat"}' in line]
    [due] = [line.split()[-1] for line in figures.splitlines() if line.startswith("stepwell_oldest_due_message")]
    return {
        "page": "stands still" in page,
        "readyz": ready["heartbeats"]["beat"] >= MINUTE.total_seconds() and ready["oldest_due_seconds"] > 0,
        "metrics": float(age) >= MINUTE.total_seconds() and float(due) > 0,
    }
