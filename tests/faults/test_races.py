"""F7: somebody calls off, moves, revokes or opts out while the message is being taken: none is taken after that.

Each round plays one message and one change of mind, statement by statement in an order of its own (`turns`).
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from clinic.actions.jobs import job
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups, reminders, sessions
from pathways.actions.reminders.window import WHILE_BUSY
from pathways.models import DeliveryPause, Reminder
from pathways.rules.follow_ups import CallResult, Outcome
from pathways.rules.reminders.pauses import Missed, PauseScope
from pathways.rules.sessions import CancelledBy
from patients.actions import consents, contacts
from patients.models import ContactPoint, Patient
from tests.concurrency.test_moves import deadlocks
from tests.factories import clinic, pathways
from tests.factories.replies import wrote
from tests.faults.load import DAY, NOON, link_others, plant_due, plant_places
from tests.faults.turns import Told, Turns

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, INTERLEAVINGS = 20, 10_000
"""Of each change of mind in CI; of all together at full size."""
LATER = NOON + timedelta(hours=2)
Change = Callable[[Reminder, Actor], object]


def called_off(row: Reminder, by: Actor) -> object:
    found = row.follow_up.public_id
    return follow_ups.close(by=by, now=NOON, follow_up_id=found, outcome=Outcome.CANCELLED, note="Asked for.")


def reached_by_a_call(row: Reminder, by: Actor) -> object:
    return follow_ups.record_call(by=by, now=NOON, follow_up_id=row.follow_up.public_id, result=CallResult.REACHED)


def another_day(row: Reminder, by: Actor) -> object:
    found = row.follow_up
    return follow_ups.reschedule(by=by, now=NOON, follow_up_id=found.public_id, on=found.due_on + 3 * DAY)


def consent_revoked(row: Reminder, by: Actor) -> object:
    return consents.record(contact_point=row.contact_point, given=False, method="phone", by=by, now=NOON)


def opted_out(row: Reminder, by: Actor) -> object:
    return contacts.suppress(patient=row.patient, reason="person_asked", by=by, now=NOON)


def opted_out_by_another_record(row: Reminder, by: Actor) -> object:
    """Said of the record that was found to be of the same person."""
    other = Patient.objects.get(merged_into=row.patient)
    return contacts.suppress(patient=other, reason="person_asked", by=by, now=NOON)


def address_closed(row: Reminder, by: Actor) -> object:
    point = row.contact_point
    return contacts.suppress(patient=row.patient, reason="wrong_person", contact_point=point, by=by, now=NOON)


def closed_for_somebody_else_who_has_it(row: Reminder, by: Actor) -> object:
    """The number is wrong, as another person who gave it tells."""
    others = ContactPoint.objects.filter(address=row.contact_point.address)
    theirs = others.select_related("patient").get(patient__site_stays__site__lt=row.site_id)
    return contacts.suppress(patient=theirs.patient, reason="wrong_person", contact_point=theirs, by=by, now=NOON)


def wants_no_reminders(row: Reminder, by: Actor) -> object:
    return contacts.prefer(
        patient=row.patient, expected_version=None, preferred_channel="", reminders_wanted=False, by=by, now=NOON
    )


def address_retired(row: Reminder, by: Actor) -> object:
    return contacts.retire(contact_point=row.contact_point, expected_version=1, by=by, now=NOON)


def wrote_stop(row: Reminder, by: Actor) -> object:
    return wrote("STOP", address=row.contact_point.address, now=NOON)


def wrote_wrong_person(row: Reminder, by: Actor) -> object:
    return wrote("wrong number", address=row.contact_point.address, now=NOON)


def messages_paused(row: Reminder, by: Actor) -> DeliveryPause:
    return reminders.pause(by=by, now=NOON, scope=PauseScope.SITE, reason="Asked for.", site_id=row.site.public_id)


def taken_off(row: Reminder, by: Actor) -> object:
    return sessions.take_off(by=by, now=NOON, attendance_id=row.attendance.public_id, wish=CancelledBy.PATIENT)


def session_cancelled(row: Reminder, by: Actor) -> object:
    found = row.attendance.session.public_id
    return sessions.cancel(by=by, now=NOON, session_id=found, wish=CancelledBy.CLINIC)


def session_moved(row: Reminder, by: Actor) -> object:
    session = row.attendance.session
    to = sessions.Move(starts_at=session.starts_at + 3 * DAY)
    return sessions.move(by=by, now=NOON, session_id=session.public_id, to=to)


OF_A_CONTACT: tuple[Change, ...] = (
    called_off, reached_by_a_call, another_day, consent_revoked, opted_out, opted_out_by_another_record, address_closed,
    closed_for_somebody_else_who_has_it, wants_no_reminders, address_retired, wrote_stop, wrote_wrong_person,
    messages_paused,
)  # fmt: skip
OF_A_PLACE: tuple[Change, ...] = (taken_off, session_cancelled, session_moved)


def taken(row: Reminder, by: Actor, now: datetime = NOON) -> bool:
    """A worker's way with the message of one person, up to the moment it is given to the provider: whether it is."""
    claim = reminders.claim_due(by=by, now=now, channel="sms", patients=[row.patient_id])
    ids = claim.by_channel.get("sms", [])
    window = reminders.open_window(by=by, now=now, claim_id=claim.claim_id, ids=ids, live=False)
    return row.pk in [each.reminder_id for each in window]  # what thanks for a STOP goes


def raced(change: Change, rounds: int, first: int = 0) -> Counter[str]:
    """The change of mind and the sending of as many messages, each round in an order of its own; what came of them.

    `first`: the number that makes the first one's address, which what was closed before must not reach.
    """
    rows, by = _planted(change, rounds, first), job("reminder delivery")
    person = clinic.actor(roles=[Role.SUPERVISOR], sites=Site.objects.all())
    wrote("earlier", address="+14155550177", now=NOON)  # the job has its actor
    counted: Counter[str] = Counter()
    with Turns() as turns:
        for seed, row in enumerate(rows):
            told = turns.play(lambda: taken(row, by), lambda: change(row, person), seed)  # noqa: B023
            counted[_came_of(told)] += 1
            counted["taken_later"] += taken(row, by, LATER)
            if change is messages_paused:
                reminders.resume(by=person, now=LATER, pause_id=told.second.public_id, missed_ones=Missed.SEND)
    return counted


def _planted(change: Change, rounds: int, first: int) -> list[Reminder]:
    if change is closed_for_somebody_else_who_has_it:
        plant_due(rounds, first=first)  # other people with the same numbers
    if change in OF_A_PLACE:
        site = plant_places(rounds, first=first)
    else:
        site = plant_due(rounds, version=pathways.program(now=NOON - DAY), ladder="contact", first=first)
    if change is opted_out_by_another_record:
        link_others(site)
    rows = Reminder.objects.filter(site=site).order_by("pk")
    return list(rows.select_related("patient", "contact_point", "site", "follow_up", "attendance__session"))


def _came_of(told: Told) -> str:
    if not told.first:
        return "held_back"
    return "taken_after" if told.second_ended_first else "taken_before"


@pytest.mark.parametrize("change", [*OF_A_CONTACT, *OF_A_PLACE], ids=lambda change: change.__name__)
def test_no_message_is_taken_once_a_change_of_mind_is_committed(change: Change) -> None:
    before = deadlocks()
    counted = raced(change, ROUNDS)
    assert (counted["taken_after"], counted["taken_later"]) == (0, 0)
    assert counted["taken_before"] > 0
    assert counted["held_back"] > 0
    assert deadlocks() == before


@pytest.mark.parametrize("by_another_record", [False, True])
def test_a_message_of_somebody_who_is_being_changed_waits_a_moment_and_keeps_no_other(by_another_record: bool) -> None:
    link_others(plant_due(3))
    busy, *others = Reminder.objects.filter(patient__merged_into=None).order_by("pk")
    changed = Patient.objects.get(merged_into=busy.patient_id).pk if by_another_record else busy.patient_id
    by, held, over = job("reminder delivery"), Event(), Event()

    def change() -> None:
        with transaction.atomic():
            Patient.objects.select_for_update(no_key=True).get(pk=changed)
            held.set()
            over.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as somebody:
        changing = somebody.submit(change)
        held.wait(30)
        claim = reminders.claim_due(by=by, now=NOON, patients=[each.patient_id for each in (busy, *others)])
        ids = claim.by_channel["sms"]
        window = reminders.open_window(by=by, now=NOON, claim_id=claim.claim_id, ids=ids, live=False)
        over.set()
        changing.result(30)
    busy.refresh_from_db()
    assert sorted(each.reminder_id for each in window) == [each.pk for each in others]
    assert (busy.status, busy.status_code, busy.claim_id) == ("planned", "reminder.postponed.busy", None)
    assert busy.next_at == NOON + WHILE_BUSY
    assert taken(busy, by, busy.next_at)


@pytest.mark.long
def test_ten_thousand_interleavings_take_no_message_after_the_commit() -> None:
    """F7 at full size (quality.md)."""
    changes, before = (*OF_A_CONTACT, *OF_A_PLACE), deadlocks()
    rounds = -(-INTERLEAVINGS // len(changes))
    counted = [raced(change, rounds, number * rounds) for number, change in enumerate(changes)]
    whole, ended = sum(counted, Counter()), deadlocks() - before
    told = " ".join(f"{name}={whole[name]}" for name in ("taken_after", "taken_later", "taken_before", "held_back"))
    print(f"\nF7 interleavings={rounds * len(changes)} {told} deadlocks={ended}", flush=True)
    assert (whole["taken_after"], whole["taken_later"]) == (0, 0)
    assert all(each["taken_before"] and each["held_back"] for each in counted)
    assert ended == 0
