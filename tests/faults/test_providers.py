"""F8: a provider is slow, asks us to wait, fails, or takes a message and drops the line: it is left alone for as long
as it says and as we say, messages by another provider are not late, and nothing is lost or sent twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from pathways import tasks
from pathways.couriers import courier
from pathways.models import ProviderStanding, Reminder
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import Provider
from tests.factories.delivery import through_mail, through_sms
from tests.faults.load import DAY, MINUTE, NOON, plant_due, stand_at
from tests.faults.waiting import ARRIVED

pytestmark = pytest.mark.django_db(transaction=True)
TICK = timedelta(seconds=15)
TROUBLES: dict[str, tuple[str, dict[str, Any]]] = {
    "slow": ("ok", {"delay": 0.5}),
    "asks_to_wait": ("too_many", {"retry_after": "120"}),
    "unavailable": ("error", {"status": 503}),
    "fails_having_taken": ("take_and_fail", {"status": 500}),
    "takes_and_drops": ("take_and_drop", {}),
    "drops": ("drop", {}),
    "silent": ("silent", {}),
}


@dataclass
class Clinic:
    """Two sites: one writes text messages, one e-mails."""

    provider: Provider
    mail: MailServer

    def tick(self, at: datetime) -> int:
        """What beat wakes at that moment; returns how often the provider was asked to send."""
        stand_at(at)
        asked = self.provider.ledger.requests
        tasks.deliver_due_reminders("sms")
        tasks.deliver_due_reminders("email")
        return int(self.provider.ledger.requests - asked)

    @property
    def rests_until(self) -> datetime | None:
        return ProviderStanding.objects.filter(provider="sms").values_list("rests_until", flat=True).first()

    def to_come(self, channel: str) -> int:
        """Messages that have not arrived."""
        return Reminder.objects.filter(channel=channel).exclude(status__in=ARRIVED).count()


@pytest.fixture
def clinic(settings: Any) -> Iterator[Clinic]:
    with Provider() as provider, MailServer() as mail:
        through_sms(settings, provider)
        through_mail(settings, mail)
        settings.SMS_TIMEOUT = 1
        yield Clinic(provider, mail)
        for each in ("sms", "email"):
            courier(each).close()


def endured(
    clinic: Clinic, trouble: str, due: int, *, minutes: int, began: datetime = NOON, first: int = 0
) -> Counter[str]:
    """So many minutes of trouble, then as long as it takes to make up for it; what was seen."""
    ends = began + minutes * MINUTE
    kind, options = TROUBLES[trouble]
    clinic.provider.forget()
    clinic.mail.letters.taken.clear()
    clinic.provider.behave(kind, **options)
    for channel in ("sms", "email"):
        plant_due(due, channel=channel, now=began, first=first)
    seen = Counter(asked=clinic.tick(began), other_provider_late=clinic.to_come("email"))
    seen += _while_in_trouble(clinic, began, ends)
    clinic.provider.behave_well()
    _made_up_for(clinic, ends)
    addresses = {each.to for each in clinic.provider.taken}
    seen["lost"] = due - len(addresses) + due - len(clinic.mail.letters.taken)
    seen["duplicated"] = len(clinic.provider.taken) - len(addresses)
    return seen


def _while_in_trouble(clinic: Clinic, began: datetime, ends: datetime) -> Counter[str]:
    """Every quarter of a minute somebody looks whether the provider may be asked again."""
    seen: Counter[str] = Counter()
    at = began
    while (at := at + TICK) < ends:
        rests_until = clinic.rests_until
        asked = clinic.tick(at)
        seen["asked"] += asked
        seen["asked_too_soon"] += asked if rests_until is not None and at < rests_until else 0
        seen["pressed_on"] += max(0, asked - 1)
    return seen


def _made_up_for(clinic: Clinic, at: datetime) -> None:
    """Unclear messages are asked about, the others tried again, until all are there."""
    for step in range(1, 36):
        if not clinic.to_come("sms"):
            break
        stand_at(at + step * 5 * MINUTE)
        tasks.settle_uncertain()
        clinic.tick(at + step * 5 * MINUTE)


BAD = ("lost", "duplicated", "other_provider_late", "asked_too_soon", "pressed_on")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_provider_in_trouble_is_left_alone_delays_nobody_else_and_loses_nothing(clinic: Clinic, trouble: str) -> None:
    seen = endured(clinic, trouble, 12, minutes=4)
    assert seen["asked"] > 0
    assert {name: seen[name] for name in BAD} == dict.fromkeys(BAD, 0)


@pytest.mark.long
def test_every_trouble_one_day_after_the_other_with_hundreds_waiting(clinic: Clinic) -> None:
    """F8 at full size (quality.md)."""
    seen: Counter[str] = Counter()
    for day, trouble in enumerate(TROUBLES):
        seen += endured(clinic, trouble, 400, minutes=12, began=NOON + day * DAY, first=400 * day)
    print(f"\nF8 troubles={len(TROUBLES)} asked={seen['asked']} "
          + " ".join(f"{name}={seen[name]}" for name in BAD), flush=True)  # fmt: skip
    assert {name: seen[name] for name in BAD} == dict.fromkeys(BAD, 0)
