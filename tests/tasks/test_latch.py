"""The sandbox latch beside a pause: armed, a copy of what is armed, and either while messages are held back."""

from collections.abc import Iterator
from typing import Any

import pytest

from clinic.actions import deliveries
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, DeliveryArming, Installation, Site
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions import reminders
from pathways.couriers import courier
from pathways.delivery.mailbox import read
from pathways.delivery.messages import Message
from pathways.models import Reminder
from pathways.queries.providers import live, provider_for
from pathways.rules.reminders.pauses import Missed, PauseScope
from tests.delivery.provider import Provider
from tests.factories import clinic
from tests.factories.delivery import running_sms
from tests.faults.load import NOON, plant_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider nothing reaches but by the open latch: loopback counts as any other machine here."""
    monkeypatch.setattr("clinic.clock.now", lambda: NOON)
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    with running_sms(settings) as it:
        settings.DELIVERY_TO_LOOPBACK = False
        yield it


@pytest.fixture
def site() -> Site:
    return plant_due(3)


@pytest.fixture
def admin(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])


@pytest.fixture
def armed(provider: Provider, admin: Actor, settings: Any) -> DeliveryArming:
    """The three keys agree."""
    with allow_direct_writes():
        Installation.objects.update(practice=False)
    settings.LIVE_DELIVERY = str(Installation.objects.get().installation_id)
    return deliveries.arm(by=admin, now=NOON)


def _copied(arming: DeliveryArming) -> None:
    """The database stands in another cluster now, its rows unchanged."""
    with allow_direct_writes():
        DeliveryArming.objects.filter(pk=arming.pk).update(system_identifier="7000000000000000001")


def test_armed_the_real_provider_is_chosen_and_a_pause_holds_it_all_the_same(
    armed: DeliveryArming, provider: Provider, admin: Actor
) -> None:
    assert provider_for("sms", live=live()) == "sms"
    reminders.pause(by=admin, now=NOON, scope=PauseScope.ALL, reason="Trying out")
    assert tasks.deliver_due_reminders("sms")["claimed"] == 0
    assert set(Reminder.objects.values_list("status", "tries")) == {("planned", 0)}


def test_a_copy_of_an_armed_clinic_sends_nothing_real(armed: DeliveryArming, provider: Provider, settings: Any) -> None:
    _copied(armed)
    assert not live()
    assert tasks.deliver_due_reminders("sms")["delivered"] == 3
    assert (provider.ledger.requests, len(read(settings.MAILBOX_DIR))) == (0, 3)


def test_a_pause_that_came_with_a_copy_holds_there_too(
    armed: DeliveryArming, provider: Provider, admin: Actor, settings: Any
) -> None:
    row = reminders.pause(by=admin, now=NOON, scope=PauseScope.ALL, reason="Trying out")
    _copied(armed)
    assert tasks.deliver_due_reminders("sms")["claimed"] == 0
    reminders.resume(by=admin, now=NOON, pause_id=row.public_id, missed_ones=Missed.SEND)
    assert tasks.deliver_due_reminders("sms")["delivered"] == 3
    assert (provider.ledger.requests, len(read(settings.MAILBOX_DIR))) == (0, 3)


def test_a_latch_shut_after_the_claim_stops_the_channel_itself(armed: DeliveryArming, provider: Provider) -> None:
    channel = courier("sms")
    deliveries.disarm(by=clinic.job(), now=NOON)
    told = list(channel.send([Message("0e0b4f3c-9f0b-4e0e-8f57-7a6c1f0a4d11", "sms", "+12025550100", "us", "words")]))
    assert [outcome.detail_code for _, outcome in told] == ["latch_shut"]
    assert provider.ledger.requests == 0
