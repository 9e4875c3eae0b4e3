"""F2: the broker is flushed, killed and absent for an hour: nothing is lost, and every write goes on meanwhile."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from pathways.models import Attempt
from patients.models import Patient
from tests.factories import clinic
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Broker, Sink, beat, provider, web, worker
from tests.faults.waiting import ARRIVED, count, until
from tests.servers import free_port

EACH, WRITES, TICKS = 300, 40, 2
HOUR = timedelta(hours=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@dataclass
class House:
    """A clinic with a broker of its own."""

    broker: Broker
    sink: Sink
    address: str
    token: str = ""
    written: int = 0

    def registers(self, number: int) -> list[int]:
        """So many people over the API; the answers' statuses."""
        return [self._register() for _ in range(number)]

    def is_ready(self, valkey: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=10) as answer:
                return bool(json.load(answer)["valkey"] == valkey)
        except OSError:
            return False

    def _register(self) -> int:
        self.written += 1
        body = {"given_name": "Tobias", "family_name": f"Quill {self.written}", "birth_date": "1984-06-07",
                "confirm_not_duplicate": True}  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                   "Idempotency-Key": f"fault-2-{self.written}"}  # fmt: skip
        asked = urllib.request.Request(
            f"{self.address}/api/v1/patients/", json.dumps(body).encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code
        except OSError:
            return 0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    stand_at(NOON)
    with ExitStack() as running, provider() as sink:
        broker, port = Broker(tmp_path), free_port()
        running.callback(broker.stop)
        environment = sink.environment() | {"REDIS_URL": broker.url}
        until(broker.answers)
        for each in (web(environment, port), *(start(environment) for start in (worker, beat))):
            running.callback(each.stop)
        yield House(broker, sink, f"http://127.0.0.1:{port}")


def test_a_broker_flushed_killed_and_away_for_an_hour_loses_nothing(house: House) -> None:
    client = clinic.api_client(scopes=["patients.read", "patients.write"])
    house.token = clinic.token(Client(), client)
    until(lambda: house.is_ready("ok"))

    plant_due(EACH)
    house.broker.forget()
    house.broker.forget()
    until(lambda: count(*ARRIVED) == EACH)

    house.broker.kill()
    until(lambda: house.is_ready("away"))
    statuses = house.registers(WRITES)
    plant_due(EACH, first=EACH)
    stand_at(NOON + HOUR)
    statuses += house.registers(WRITES)
    waiting = 2 * EACH - count(*ARRIVED)

    before = set(Attempt.objects.values_list("claim_id", flat=True))
    house.broker.restart()
    until(lambda: count(*ARRIVED) == 2 * EACH)
    runs = len(set(Attempt.objects.values_list("claim_id", flat=True)) - before)

    counts, written = house.sink.counts(), sum(each == 201 for each in statuses)
    print(
        f"\nF2 due={2 * EACH} lost={2 * EACH - counts['addresses']} "
        f"duplicated={counts['messages'] - counts['addresses']} ticks={runs} "
        f"writes={len(statuses)} written={written}",
        flush=True,
    )
    assert waiting == EACH
    assert runs <= TICKS
    assert (counts["addresses"], counts["messages"]) == (2 * EACH, 2 * EACH)
    assert statuses == [201] * 2 * WRITES
    assert Patient.objects.filter(given_name="Tobias").count() == 2 * WRITES
    until(lambda: house.is_ready("ok"))
