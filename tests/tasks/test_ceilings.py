"""No provider is given more messages than its ceiling allows, over all workers; what is left stays due.

The period is an hour here, so that nothing depends on how fast the test is.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from pathways import tasks
from pathways.couriers import ceilings, runs
from pathways.couriers.ceilings import Ceiling, Room
from pathways.models import Attempt, ProviderStanding, Reminder
from pathways.rules.reminders import ReminderStatus
from tests.delivery.provider import Provider
from tests.factories.delivery import in_line, running_mail, running_sms
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db
HOUR = 3600.0
NOWHERE = "unix:///nowhere/valkey.sock"


@pytest.fixture(autouse=True)
def an_hour(valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ceilings, "PERIOD", HOUR)
    _forget(valkey)
    yield
    _forget(valkey)


def _forget(valkey: str) -> None:
    with Redis.from_url(valkey) as server:
        for key in server.scan_iter("stepwell:ceiling*"):
            server.delete(key)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    stand_at(NOON)
    with running_sms(settings) as it:
        yield it


def test_what_is_taken_never_passes_the_ceiling() -> None:
    ceiling = Ceiling("sms", 10)
    assert [ceiling.take(4).messages for _ in range(4)] == [4, 4, 2, 0]
    assert Ceiling("sms", 12).take(5).messages == 2


def test_many_who_take_at_once_share_one_count() -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: Ceiling("sms", 50).take(3).messages, range(64)))
    assert sum(given) == 50


def test_each_provider_has_a_count_of_its_own() -> None:
    assert (Ceiling("sms", 5).take(9).messages, Ceiling("email", 5).take(9).messages) == (5, 5)


def test_who_is_held_back_hears_when_there_is_room_again() -> None:
    ceiling = Ceiling("sms", 5)
    ceiling.take(5)
    full = ceiling.take(1)
    assert full.messages == 0
    assert full.again_in is not None
    assert HOUR * 0.9 < full.again_in <= HOUR * 1.05


def test_what_went_longer_ago_than_the_period_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "PERIOD", 0.02)
    ceiling = Ceiling("sms", 5)
    ceiling.take(5)
    assert any(ceiling.take(1).messages for _ in range(100_000))


def test_room_that_was_not_needed_after_all_is_free_again() -> None:
    ceiling = Ceiling("sms", 10)
    ceiling.go(ceiling.take(8), 3)
    assert ceiling.take(10).messages == 7
    ceiling = Ceiling("email", 10)
    ceiling.go(ceiling.take(10), 0)
    assert ceiling.take(10).messages == 10


def test_what_was_taken_counts_from_when_it_goes(valkey: str) -> None:
    ceiling = Ceiling("sms", 5)
    room = ceiling.take(5)
    with Redis.from_url(valkey) as server:
        server.delete("stepwell:ceiling:sms")
        ceiling.go(replace(room, part=room.part - 1), 5)
        [(part, gone)] = server.hgetall("stepwell:ceiling:sms").items()
    assert (int(gone), int(part) >= room.part) == (5, True)


def test_without_a_ceiling_nothing_is_counted(valkey: str) -> None:
    assert Ceiling("sms", 0).take(1000) == Room(1000)
    assert list(Redis.from_url(valkey).scan_iter("stepwell:ceiling*")) == []


def test_it_is_counted_how_often_somebody_was_held_back() -> None:
    ceiling = Ceiling("sms", 1)
    ceiling.take(1)
    assert ceiling.held_back() == 0
    ceiling.take(1)
    ceiling.take(2)
    assert ceiling.held_back() == 2


def test_where_nobody_knows_how_many_went_there_is_no_room(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE
    assert Ceiling("sms", 10).take(3) == Room(0, None)
    Ceiling("sms", 10).go(Room(3), 3)
    assert Ceiling("sms", 10).held_back() is None
    assert Ceiling("sms", 0).take(3) == Room(3)


# Runs


def test_runs_together_send_as_many_as_the_ceiling_allows_and_leave_the_rest_due(
    provider: Provider, settings: Any
) -> None:
    settings.SMS_PER_SECOND = 5
    plant_due(12)
    counts = [tasks.deliver_due_reminders("sms") for _ in range(3)]
    assert [each.get("sent", 0) for each in counts] == [5, 0, 0]
    assert (len(provider.taken), in_line()) == (5, 7)


def test_what_is_held_back_has_burned_no_try_and_says_nothing_of_its_provider(
    provider: Provider, settings: Any
) -> None:
    settings.SMS_PER_SECOND = 5
    plant_due(12)
    tasks.deliver_due_reminders("sms")
    left = Reminder.objects.filter(status=ReminderStatus.PLANNED)
    assert set(left.values_list("tries", "claim_id", "leased_until", "status_code")) == {(0, None, None, "")}
    assert Attempt.objects.count() == 5
    assert not ProviderStanding.objects.filter(troubles__gt=0).exists()


def test_another_provider_is_not_held_up(provider: Provider, settings: Any) -> None:
    settings.SMS_PER_SECOND = 2
    plant_due(6)
    plant_due(6, channel="email")
    with running_mail(settings) as server:
        counts = tasks.deliver_due_reminders()
        assert len(server.letters.taken) == 6
    assert (counts["sent"], in_line("sms"), in_line("email")) == (8, 4, 0)


def test_a_run_that_may_wait_a_moment_goes_on_until_nothing_is_due(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ceilings, "PERIOD", 0.05)
    monkeypatch.setattr(runs, "LONGEST_PACING", 60.0)
    settings.SMS_PER_SECOND = 5
    plant_due(12)
    counts = tasks.deliver_due_reminders("sms")
    assert (counts["sent"], in_line()) == (12, 0)


def test_only_one_run_of_a_channel_waits_the_others_leave_at_once(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "sleep", _never)
    monkeypatch.setattr(runs, "LONGEST_PAUSE", HOUR * 2)
    settings.SMS_PER_SECOND = 5
    plant_due(12)
    run = runs.Run("sms", tasks.job("reminder delivery"), paces=False)
    assert run.go()["sent"] == 5
    assert (run.over_early, in_line()) == (False, 7)


def _never(seconds: float) -> None:
    raise AssertionError("this run was not to wait")


def test_a_run_that_has_waited_long_enough_wakes_the_next(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, ...]] = []
    monkeypatch.setattr(runs, "LONGEST_PAUSE", HOUR * 2)
    monkeypatch.setattr(runs, "LONGEST_PACING", 0.0)
    monkeypatch.setattr(tasks.deliver_due_reminders, "apply_async", lambda args, **options: woken.append(args))
    settings.SMS_PER_SECOND = 5
    plant_due(12)
    assert tasks.deliver_due_reminders("sms")["sent"] == 5
    assert (woken, in_line()) == ([("sms",)], 7)


def test_without_valkey_nothing_of_a_provider_with_a_ceiling_is_sent_or_lost(
    provider: Provider, settings: Any, valkey: str
) -> None:
    settings.SMS_PER_SECOND, settings.REDIS_URL = 5, NOWHERE
    plant_due(3)
    tasks.deliver_due_reminders("sms")
    assert (len(provider.taken), in_line(), Attempt.objects.count()) == (0, 3, 0)
    settings.REDIS_URL = valkey
    tasks.deliver_due_reminders("sms")
    assert (len(provider.taken), in_line()) == (3, 0)


def test_without_valkey_a_provider_without_a_ceiling_is_given_everything(provider: Provider, settings: Any) -> None:
    settings.REDIS_URL = NOWHERE
    plant_due(3)
    tasks.deliver_due_reminders("sms")
    assert (len(provider.taken), in_line()) == (3, 0)
