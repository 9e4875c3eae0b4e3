"""A message nobody knows about is asked about by its newest attempt, and each attempt is settled once."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor
from pathways.actions import reminders
from pathways.actions.reminders import Prepared, Reported
from pathways.models import Attempt, Reminder
from pathways.queries.unsettled import to_settle
from pathways.rules.reminders import Finding, OutcomeKind, SettleAction
from pathways.rules.reminders.attempts import SETTLE_GRACE
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 17, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GRACE_OVER = NOON + SETTLE_GRACE + SECOND
SENT_AGAIN = GRACE_OVER + SECOND


@pytest.fixture
def job() -> Actor:
    return clinic.job()


@pytest.fixture
def first(job: Actor) -> Prepared:
    """A message of which nobody knows whether it left."""
    site = clinic.site()
    person = patients.patient(site, contact_points=[patients.phone()])
    pathways.enrolled(person, site=site)
    return lost_sight_of(job, NOON)


def lost_sight_of(job: Actor, now: datetime) -> Prepared:
    """What is due goes, and the line breaks."""
    claim = reminders.claim_due(by=job, now=now)
    [one] = reminders.open_window(by=job, now=now, claim_id=claim.claim_id, ids=claim.by_channel["sms"], live=False)
    told = [Reported(one, OutcomeKind.UNCERTAIN)]
    reminders.record_outcomes(by=job, now=now, claim_id=claim.claim_id, reported=told)
    return one


def answered(job: Actor, one: Prepared, now: datetime, finding: Finding = Finding.NOT_FOUND) -> SettleAction:
    return reminders.record_answer(by=job, now=now, reference=one.reference, finding=finding)


def message(one: Prepared) -> Reminder:
    return Reminder.objects.get(pk=one.reminder_id)


def test_an_attempt_surely_not_there_is_closed_as_such(job: Actor, first: Prepared) -> None:
    assert answered(job, first, GRACE_OVER) is SettleAction.SEND_AGAIN
    attempt = Attempt.objects.get(public_id=first.reference)
    assert (attempt.outcome, attempt.finished_at) == ("not_found", GRACE_OVER)


def test_only_the_newest_attempt_is_asked_about(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    second = lost_sight_of(job, SENT_AGAIN)
    assert second.reminder_id == first.reminder_id
    assert [each.reference for each in to_settle(SENT_AGAIN + SECOND)] == [second.reference]


def test_an_older_attempt_that_was_left_open_is_not_asked_about(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    with allow_direct_writes():
        Attempt.objects.filter(public_id=first.reference).update(outcome="uncertain", finished_at=None)
    second = lost_sight_of(job, SENT_AGAIN)
    assert [each.reference for each in to_settle(SENT_AGAIN + SECOND)] == [second.reference]


def test_a_second_attempt_has_its_own_time_to_turn_up(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    second = lost_sight_of(job, SENT_AGAIN)
    assert answered(job, second, SENT_AGAIN + SECOND) is SettleAction.ASK_AGAIN
    assert message(second).status == "uncertain"


def test_what_is_settled_is_not_settled_again(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    with pytest.raises(Refused, match="reminder_not_uncertain"):
        answered(job, first, GRACE_OVER + SECOND)
    assert message(first).status == "planned"


def test_an_answer_about_an_older_attempt_settles_nothing_of_the_newest(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    second = lost_sight_of(job, SENT_AGAIN)
    with pytest.raises(Refused, match="reminder_not_uncertain"):
        answered(job, first, SENT_AGAIN + SECOND)
    assert (message(second).status, message(second).tries) == ("uncertain", 2)


def test_one_message_at_the_provider_settles_one_of_two_that_are_alike(job: Actor, first: Prepared) -> None:
    site = Reminder.objects.get(pk=first.reminder_id).site
    pathways.enrolled(patients.patient(site, contact_points=[patients.phone()]), site=site)
    second = lost_sight_of(job, NOON)
    found = {"by": job, "now": NOON + SECOND, "finding": Finding.FOUND, "provider_id": "only-1"}
    assert reminders.record_answer(reference=first.reference, **found) is SettleAction.RECORD
    assert reminders.record_answer(reference=second.reference, **found) is SettleAction.ASK_AGAIN
    assert (message(first).status, message(second).status) == ("sent", "uncertain")
    assert [each.known for each in to_settle(GRACE_OVER)] == [{"only-1"}]


def test_a_late_receipt_leaves_a_message_written_when_it_left(job: Actor, first: Prepared) -> None:
    reminders.record_answer(by=job, now=NOON + SECOND, reference=first.reference, finding=Finding.FOUND)
    receipt = {"reference": first.reference, "kind": OutcomeKind.DELIVERED}
    assert reminders.record_report(by=job, now=NOON + timedelta(days=1), **receipt)
    assert (message(first).status, message(first).status_at) == ("delivered", NOON + SECOND)


def test_that_an_older_attempt_failed_says_nothing_of_the_newest(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    second = lost_sight_of(job, SENT_AGAIN)
    reminders.record_answer(by=job, now=SENT_AGAIN + SECOND, reference=second.reference, finding=Finding.FOUND)
    told = {"by": job, "now": SENT_AGAIN + 2 * SECOND, "kind": OutcomeKind.PERMANENT}
    assert not reminders.record_report(reference=first.reference, **told)
    assert message(first).status == "sent"
    assert reminders.record_report(reference=second.reference, **told)
    assert message(first).status == "failed"


def test_a_late_report_stops_the_second_try(job: Actor, first: Prepared) -> None:
    answered(job, first, GRACE_OVER)
    report = {"reference": first.reference, "kind": OutcomeKind.DELIVERED, "provider_id": "late-1"}
    assert reminders.record_report(by=job, now=SENT_AGAIN, **report)
    assert message(first).status == "delivered"
    claim = reminders.claim_due(by=job, now=SENT_AGAIN + SECOND)
    assert first.reminder_id not in claim.by_channel.get("sms", [])


def test_what_a_worker_says_of_an_earlier_attempt_is_not_taken_for_the_one_under_way(
    job: Actor, first: Prepared
) -> None:
    """Stopped for a quarter of an hour, it holds by the same claim what it has lost meanwhile and taken again."""
    answered(job, first, GRACE_OVER)
    claimed = Attempt.objects.get(public_id=first.reference).claim_id
    reminders.claim_due(by=job, now=SENT_AGAIN, claim_id=claimed)
    given = {"by": job, "now": SENT_AGAIN, "claim_id": claimed}
    [second] = reminders.open_window(**given, ids=[first.reminder_id], live=False)
    late = Reported(first, OutcomeKind.TEMPORARY, detail_code="not_tried")
    assert reminders.record_outcomes(**given, reported=[late]) == {"fenced": 1}
    assert (message(second).status, message(second).tries) == ("sending", 2)
