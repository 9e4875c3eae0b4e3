"""So many calls a minute and not one more; without Valkey the limit holds in each process."""

import threading

import pytest
import redis
from django.core.cache import cache
from django.db import connection

from clinic import clock
from tests.api.callers import program
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_a_minute(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_RATE_PER_MINUTE = 3
    _stand_still(monkeypatch)


def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.real_now().replace(second=20)
    monkeypatch.setattr("clinic.api.throttles.clock.real_now", lambda: moment)


def test_the_headers_count_down_and_the_fourth_call_waits(three_a_minute: None) -> None:
    caller = program()
    left = [caller.get("/api/v1/me/")["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = caller.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert answer["Retry-After"] == answer["RateLimit-Reset"] == "40"
    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("3", "0")


def test_each_caller_has_a_minute_of_its_own(three_a_minute: None) -> None:
    first, second = program(), program()
    for _ in range(4):
        answer = first.get("/api/v1/me/")
    assert answer.status_code == 429
    assert second.get("/api/v1/me/").status_code == 200


def test_no_limit_is_set_where_the_setting_is_nought() -> None:
    answer = program().get("/api/v1/me/")
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer


@pytest.mark.django_db(transaction=True)
def test_the_count_is_exact_and_shared_through_valkey(
    valkey: str, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_RATE_PER_MINUTE = 20
    _stand_still(monkeypatch)
    client = make.api_client(scopes=["patients.read"])
    callers, statuses = [program(client) for _ in range(8)], []

    def ask(number: int) -> None:
        try:
            statuses.extend(callers[number].get("/api/v1/me/").status_code for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 20 + [429] * 20
    keys = redis.Redis.from_url(valkey).keys("*api-rate*")
    assert len(keys) == 1, "the count did not reach Valkey"
    cache.clear()
