"""What somebody holds back stays in line, however it is claimed, until it is lifted; then it goes as they say."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions import reminders
from pathways.models import DeliveryPause, Reminder
from pathways.queries.deliveries import lines
from pathways.rules.reminders.pauses import Missed, PauseScope
from tests.delivery.provider import Provider
from tests.factories import clinic
from tests.factories.delivery import running_sms
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    stand_at(NOON)
    with running_sms(settings) as it:
        yield it


@pytest.fixture
def site() -> Site:
    return plant_due(3)


@pytest.fixture
def manager(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


def _scope(scope: PauseScope, site: Site) -> dict[str, Any]:
    return {
        PauseScope.ALL: {},
        PauseScope.SITE: {"site_id": site.public_id},
        PauseScope.CHANNEL: {"channel": "sms"},
        PauseScope.TEMPLATE: {"template": "follow_up.check_in"},
    }[scope]


def _paused(by: Actor, scope: PauseScope = PauseScope.ALL, **parts: Any) -> DeliveryPause:
    return reminders.pause(by=by, now=NOON, scope=scope, reason="The number is being changed.", **parts)


def _stand() -> list[tuple[str, str]]:
    return sorted(set(Reminder.objects.values_list("status", "status_code")))


@pytest.mark.parametrize("scope", list(PauseScope))
def test_what_is_paused_is_not_claimed(scope: PauseScope, provider: Provider, site: Site, manager: Actor) -> None:
    _paused(manager, scope, **_scope(scope, site))
    assert tasks.deliver_due_reminders("sms")["claimed"] == 0
    assert (provider.taken, _stand()) == ([], [("planned", "")])


@pytest.mark.parametrize("scope", list(PauseScope))
def test_what_is_claimed_already_stays_in_line(
    scope: PauseScope, provider: Provider, site: Site, manager: Actor
) -> None:
    claim = reminders.claim_due(by=clinic.job(), now=NOON, channel="sms")
    _paused(manager, scope, **_scope(scope, site))
    window = reminders.open_window(
        by=clinic.job(), now=NOON, claim_id=claim.claim_id, ids=claim.by_channel["sms"], live=False
    )
    assert (window, _stand()) == ([], [("planned", "reminder.postponed.paused")])
    assert set(Reminder.objects.values_list("next_at", flat=True)) == set(
        Reminder.objects.values_list("due_at", flat=True)
    )


@pytest.mark.parametrize("scope", [PauseScope.SITE, PauseScope.CHANNEL, PauseScope.TEMPLATE])
def test_a_pause_of_something_else_holds_nothing(scope: PauseScope, provider: Provider, site: Site) -> None:
    elsewhere = clinic.site(code="elsewhere")
    by = clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[elsewhere])
    others = {
        PauseScope.SITE: {"site_id": elsewhere.public_id},
        PauseScope.CHANNEL: {"channel": "email"},
        PauseScope.TEMPLATE: {"template": "follow_up.visit"},
    }
    _paused(by, scope, **others[scope])
    assert tasks.deliver_due_reminders("sms")["sent"] == 3


def test_lifted_those_missed_go(provider: Provider, manager: Actor) -> None:
    row = _paused(manager)
    lifted, number = reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.SEND)
    assert (number, lifted.lifted_by, lifted.missed) == (3, manager, "send")
    assert tasks.deliver_due_reminders("sms")["sent"] == 3


def test_lifted_those_missed_are_left_out_and_their_ladders_climb(provider: Provider, manager: Actor) -> None:
    row = _paused(manager)
    _, number = reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.SKIP)
    assert (number, _stand()) == (3, [("suppressed", "reminder.suppressed.pause")])
    assert tasks.deliver_due_reminders("sms")["claimed"] == 0


def test_lifted_a_person_decides_on_each_of_those_missed(provider: Provider, site: Site, manager: Actor) -> None:
    row = _paused(manager)
    _, number = reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.ASK)
    assert (number, _stand()) == (3, [("planned", "reminder.postponed.missed")])
    assert tasks.deliver_due_reminders("sms")["claimed"] == 0
    nurse, (one, other, _) = clinic.actor(roles=[Role.NURSE], sites=[site]), Reminder.objects.order_by("pk")
    reminders.decide_missed(by=nurse, now=LATER, reminder_id=one.public_id, send=True)
    reminders.decide_missed(by=nurse, now=LATER, reminder_id=other.public_id, send=False)
    with pytest.raises(Refused, match="reminder_not_missed"):
        reminders.decide_missed(by=nurse, now=LATER, reminder_id=other.public_id, send=True)
    stand_at(LATER)
    assert tasks.deliver_due_reminders("sms")["sent"] == 1
    assert _stand() == [
        ("planned", "reminder.postponed.missed"), ("sent", ""), ("suppressed", "reminder.suppressed.decided"),
    ]  # fmt: skip


def test_what_another_pause_holds_is_not_missed_yet(provider: Provider, manager: Actor) -> None:
    whole, channel = _paused(manager), _paused(manager, PauseScope.CHANNEL, channel="sms")
    _, number = reminders.resume(by=manager, now=LATER, pause_id=whole.public_id, missed_ones=Missed.SKIP)
    assert (number, _stand()) == (0, [("planned", "")])
    _, number = reminders.resume(by=manager, now=LATER, pause_id=channel.public_id, missed_ones=Missed.SKIP)
    assert number == 3


def test_the_same_is_paused_once_and_lifted_once(manager: Actor) -> None:
    row = _paused(manager)
    with pytest.raises(Refused) as again:
        _paused(manager)
    assert again.value.sentence.code == "constraint.delivery_paused_once"
    reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.SEND)
    with pytest.raises(Refused, match="pause_lifted"):
        reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.SKIP)
    assert _paused(manager).pk != row.pk


def test_a_site_is_paused_by_who_works_there_or_looks_after_the_sites(site: Site) -> None:
    stranger = clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[clinic.site(code="elsewhere")])
    with pytest.raises(Refused, match="not_found"):
        _paused(stranger, PauseScope.SITE, site_id=site.public_id)
    row = _paused(clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[]), PauseScope.SITE, site_id=site.public_id)
    with pytest.raises(Refused, match="not_found"):
        reminders.resume(by=stranger, now=LATER, pause_id=row.public_id, missed_ones=Missed.SEND)


@pytest.mark.parametrize(
    ("scope", "parts", "field"),
    [
        (PauseScope.ALL, {"reason": " "}, "reason"),
        (PauseScope.CHANNEL, {"channel": "pigeon"}, "channel"),
        (PauseScope.TEMPLATE, {"template": "none.such"}, "template"),
    ],
)
def test_what_cannot_be_paused_is_refused(scope: PauseScope, parts: dict[str, str], field: str, manager: Actor) -> None:
    with pytest.raises(Refused) as refused:
        reminders.pause(by=manager, now=NOON, scope=scope, **{"reason": "Why not", **parts})
    assert set(refused.value.fields) == {field}


def test_who_works_with_people_alone_pauses_nothing(site: Site) -> None:
    with pytest.raises(Refused, match="forbidden"):
        _paused(clinic.actor(roles=[Role.NURSE], sites=[site]))


def test_a_pause_and_its_end_are_in_the_audit(manager: Actor) -> None:
    row = _paused(manager)
    reminders.resume(by=manager, now=LATER, pause_id=row.public_id, missed_ones=Missed.SKIP)
    entries = AuditEntry.objects.filter(subject_id=row.public_id).order_by("pk")
    assert [(each.action, each.actor) for each in entries] == [
        ("delivery.pause", manager),
        ("delivery.resume", manager),
    ]
    assert entries[1].details["messages"] == 3


def test_given_back_and_tried_again_what_stands_still_moves(provider: Provider, manager: Actor) -> None:
    with allow_direct_writes():
        Reminder.objects.update(status="failed", status_code="reminder.failed.attempts", status_at=NOON, tries=12)
    assert [each.given_up for each in lines(NOON) if each.channel == "sms"] == [3]
    assert reminders.requeue(by=manager, now=LATER) == {"back_in_line": 0, "uncertain": 0}
    assert reminders.requeue(by=manager, now=LATER, given_up=True)["tried_again"] == 3
    stand_at(LATER)
    assert tasks.deliver_due_reminders("sms")["sent"] == 3


@pytest.mark.parametrize("scope", list(PauseScope))
def test_what_a_pause_holds_back_is_counted_and_not_called_nothing(
    scope: PauseScope, provider: Provider, site: Site, manager: Actor
) -> None:
    def line() -> tuple[int, int]:
        [found] = [each for each in lines(NOON) if each.channel == "sms"]
        return found.due, found.held

    assert line() == (3, 0)
    row = _paused(manager, scope, **_scope(scope, site))
    assert line() == (0, 3)
    reminders.resume(by=manager, now=NOON, pause_id=row.public_id, missed_ones=Missed.SEND)
    assert line() == (3, 0)


class TestFromTheCommandLine:
    def _said(self, *arguments: str) -> str:
        out = StringIO()
        call_command("reminders", *arguments, stdout=out)
        return out.getvalue()

    @pytest.fixture
    def email(self, site: Site) -> str:
        return str(clinic.staff(roles=[Role.PROGRAM_MANAGER], sites=[site]).user.email)

    @pytest.mark.parametrize(
        ("wrong", "offered"),
        [
            (["resume", "1a2b", "--missed", "x"], ["send", "skip", "ask"]),
            (["pause", "--reason", "Why", "--channel", "x"], ["email", "sms"]),
        ],
    )
    def test_a_wrong_choice_is_told_the_words_one_can_choose(
        self, wrong: list[str], offered: list[str], email: str
    ) -> None:
        with pytest.raises(CommandError) as said:
            self._said(*wrong, "--by", email)
        assert all(each in str(said.value) for each in offered)
        assert "<" not in str(said.value)

    def test_it_pauses_says_so_and_lifts(self, provider: Provider, site: Site, email: str) -> None:
        self._said("pause", "--site", site.code, "--reason", "Number changes", "--by", email)
        told = self._said("status")
        row = DeliveryPause.objects.get()
        assert f"paused {str(row.public_id)[:8]}: site {site.code}" in told
        assert "3 waiting: Number changes" in told
        said = self._said("resume", str(row.public_id)[:8], "--missed", "skip", "--by", email)
        assert "3 had fallen due meanwhile: skip" in said
        assert _stand() == [("suppressed", "reminder.suppressed.pause")]

    def test_it_says_what_stands_still(self, provider: Provider, site: Site, email: str) -> None:
        stand_at(LATER)
        assert "3 messages are due and not taken up" in self._said("status")
        assert "back_in_line 0" in self._said("requeue", "--given-up", "--by", email)

    def test_nobody_is_taken_for_somebody(self, site: Site) -> None:
        with pytest.raises(CommandError, match="Nobody here"):
            self._said("pause", "--reason", "x", "--by", "nobody@clinic.example")
        with pytest.raises(CommandError, match="No one pause"):
            self._said("resume", "0", "--missed", "send", "--by", "nobody@clinic.example")
