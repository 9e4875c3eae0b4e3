"""How providers do is told to the machines that watch; one that is down makes nothing unready."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from redis import Redis

from clinic import clock
from clinic.actions.jobs import job
from pathways.actions.reminders.providers import find_well, let_rest
from pathways.couriers.ceilings import ceiling_of

pytestmark = pytest.mark.django_db


def figures(client: Client) -> str:
    return client.get("/metrics").content.decode()


def ready(client: Client) -> Any:
    return client.get("/readyz").json()["providers"]


def rests(provider: str = "sms", seconds: int = 300) -> None:
    let_rest(
        by=job("reminder delivery"), now=clock.now(), provider=provider, code="too_many:429",
        retry_after=timedelta(seconds=seconds),
    )  # fmt: skip


def test_a_provider_that_rests_says_so_and_the_clinic_is_ready(client: Client) -> None:
    rests()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    told = ready(client)
    assert told["email"] == {"troubles": 0, "rests_seconds": 0.0}
    assert told["sms"]["troubles"] == 1
    assert 0 < told["sms"]["rests_seconds"] <= 300
    assert 'stepwell_provider_troubles{provider="sms"} 1.0' in figures(client)
    assert 'stepwell_provider_rests_seconds{provider="email"} 0.0' in figures(client)


def test_a_provider_that_is_well_again_says_so(client: Client) -> None:
    rests()
    find_well(by=job("reminder delivery"), now=clock.now(), provider="sms")
    assert ready(client)["sms"] == {"troubles": 0, "rests_seconds": 0.0}
    assert 'stepwell_provider_troubles{provider="sms"} 0.0' in figures(client)


def test_a_ceiling_says_how_often_it_held_back(
    client: Client, settings: Any, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathways.couriers.ceilings.PERIOD", 3600.0)
    settings.SMS_PER_SECOND = 3
    with Redis.from_url(valkey) as server:
        server.delete("stepwell:ceiling:sms", "stepwell:ceiling-held-back:sms")
        ceiling_of("sms").take(3)
        ceiling_of("sms").take(1)
        told = figures(client)
        server.delete("stepwell:ceiling:sms", "stepwell:ceiling-held-back:sms")
    assert 'stepwell_provider_ceiling{provider="sms"} 3.0' in told
    assert 'stepwell_provider_held_back{provider="sms"} 1.0' in told
    assert 'stepwell_provider_ceiling{provider="email"}' not in told


def test_without_valkey_a_ceiling_is_told_and_not_how_often(client: Client, settings: Any) -> None:
    settings.SMS_PER_SECOND, settings.REDIS_URL = 3, "unix:///nowhere/valkey.sock"
    told = figures(client)
    assert 'stepwell_provider_ceiling{provider="sms"} 3.0' in told
    assert "stepwell_provider_held_back" not in told
