"""Just before a message goes: its contact may have moved on, and another worker may hold one to the same person."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Actor
from pathways.actions import follow_ups, reminders
from pathways.actions.reminders import Claim, Prepared
from pathways.models import FollowUp, Reminder
from tests.factories import clinic, pathways, patients
from tests.faults.load import plant_due

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 17, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def job() -> Actor:
    return clinic.job()


@pytest.fixture
def due() -> list[Reminder]:
    """Two messages to one person: of the morning's contact, and of the welcome half an hour later."""
    site = clinic.site()
    person = patients.patient(site, contact_points=[patients.phone()])
    pathways.enrolled(person, site=site)
    return list(Reminder.objects.filter(due_at__lte=NOON).order_by("pk"))


def taken(job: Actor, limit: int, now: datetime = NOON) -> Claim:
    return reminders.claim_due(by=job, now=now, limit=limit)


def opened(job: Actor, claim: Claim, now: datetime = NOON) -> list[Prepared]:
    ids = claim.by_channel["sms"]
    return reminders.open_window(by=job, now=now, claim_id=claim.claim_id, ids=ids, live=False)


def asked_of(number: int) -> int:
    """Queries of a window of so many messages."""
    plant_due(number, now=NOON, first=1000 * number)
    job = clinic.job()
    claim = taken(job, 100)
    with CaptureQueriesContext(connection) as queries:
        assert len(opened(job, claim)) == number
    return len(queries)


def test_a_window_of_many_messages_asks_no_more_than_one_of_one() -> None:
    assert asked_of(1) == asked_of(20)


def again(row: Reminder) -> tuple[str, str]:
    return Reminder.objects.values_list("status", "status_code").get(pk=row.pk)


@pytest.mark.parametrize("newer_opens_first", [True, False])
def test_of_two_workers_that_hold_a_message_to_one_person_the_newer_waits(
    job: Actor, due: list[Reminder], newer_opens_first: bool
) -> None:
    older, newer = due
    of_newer, of_older = taken(job, 1), taken(job, 1)
    assert (of_older.by_channel, of_newer.by_channel) == ({"sms": [older.pk]}, {"sms": [newer.pk]})
    for claim in (of_newer, of_older) if newer_opens_first else (of_older, of_newer):
        opened(job, claim)
    assert again(older) == ("sending", "")
    assert again(newer) == ("planned", "reminder.postponed.frequency")


def test_a_message_that_waits_in_line_ends_when_its_step_is_left(job: Actor, due: list[Reminder]) -> None:
    row = of_the_morning(due)
    follow_ups.climb_ladders(by=job, now=NOON + HOUR)
    assert row.follow_up.rung < FollowUp.objects.get(pk=row.follow_up_id).rung
    assert again(row) == ("cancelled", "reminder.cancelled.step_left")


def test_a_message_already_claimed_does_not_go_when_its_step_is_left(job: Actor, due: list[Reminder]) -> None:
    row, claim = of_the_morning(due), taken(job, 10)
    follow_ups.climb_ladders(by=job, now=NOON + HOUR)
    assert again(row)[0] == "leased"
    assert row.pk not in [each.reminder_id for each in opened(job, claim, NOON + HOUR)]
    assert again(row) == ("cancelled", "reminder.cancelled.step_left")


def of_the_morning(due: list[Reminder]) -> Reminder:
    """The one that a call follows three hours later."""
    return next(each for each in due if each.follow_up.rule_key == "stabilization-daily-contact")
