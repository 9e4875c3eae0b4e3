"""A provider is one folder: found by its name, given the messages of a channel by one entry, held by the contract."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import pathways.delivery
from pathways import couriers, tasks
from pathways.delivery.provider import registered
from pathways.models import Attempt, Reminder
from tests.delivery.contract import ChannelContract
from tests.faults.load import NOON, plant_due, stand_at

FOLDERS = sorted(each.parent.name for each in Path(pathways.delivery.__file__).parent.glob("*/provider.py"))
PIGEON = """
from pathways.delivery.channel import Channel
from pathways.delivery.messages import Outcome
from pathways.delivery.provider import Provider
from pathways.rules.reminders import OutcomeKind


class Loft(Channel):
    name = "pigeon"
    connections = 1
    flown = []

    def carry(self, message):
        self.flown.append(message.to)
        return Outcome(OutcomeKind.SENT, provider_id=f"feather-{len(self.flown)}")

    def close(self):
        pass


class Pigeon(Provider):
    name, window, can_be_asked = "pigeon", 5, False

    def host(self, settings):
        return "127.0.0.1"

    def config(self, settings, *, connections):
        return "loft"

    def channel(self, config, around):
        return Loft()


PROVIDER = Pigeon()
"""


@pytest.mark.parametrize("name", FOLDERS)
def test_every_provider_of_a_folder_is_found_by_its_name(name: str) -> None:
    assert registered(name).name == name


@pytest.mark.parametrize("name", FOLDERS)
def test_every_provider_is_held_by_the_contract(name: str) -> None:
    tests = vars(import_module(f"tests.delivery.test_{name}")).values()
    contracts = [each for each in tests if isinstance(each, type) and issubclass(each, ChannelContract)]
    [held] = [each for each in contracts if each.provider_name == name]
    assert held.can_be_asked is registered(name).can_be_asked


@pytest.mark.parametrize("name", ["", "recording", "nobody", "..", "email.provider", "provider"])
def test_what_is_no_providers_folder_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="there is no provider"):
        registered(name)


def test_every_channel_of_the_settings_has_a_provider(settings: Any) -> None:
    assert {registered(name).name for name in settings.DELIVERY_PROVIDERS.values()} == {"email", "sms"}


@pytest.fixture
def pigeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One folder more."""
    folder = tmp_path / "pigeon"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "provider.py").write_text(PIGEON)
    monkeypatch.setattr(pathways.delivery, "__path__", [*pathways.delivery.__path__, str(tmp_path)])
    yield
    registered.cache_clear()
    couriers._opened.cache_clear()
    for name in [each for each in sys.modules if each.startswith("pathways.delivery.pigeon")]:
        del sys.modules[name]


@pytest.mark.django_db
def test_one_folder_and_one_entry_are_a_new_provider(pigeon: None, settings: Any) -> None:
    settings.DELIVERY_PROVIDERS = {**settings.DELIVERY_PROVIDERS, "sms": "pigeon"}
    stand_at(NOON)
    plant_due(12)
    assert tasks.deliver_due_reminders("sms")["sent"] == 12
    loft = import_module("pathways.delivery.pigeon.provider").Loft
    assert sorted(loft.flown) == sorted(Reminder.objects.values_list("contact_point__address", flat=True))
    assert set(Attempt.objects.values_list("provider", flat=True)) == {"pigeon"}
