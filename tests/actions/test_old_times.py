"""Who holds a message with a time that no longer holds is told by a person: a line on Today until somebody did."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import reminders, sessions
from pathways.actions.reminders import Prepared, Reported
from pathways.actions.sessions import Move
from pathways.models import Attempt, Reminder, Session
from pathways.queries import worklist
from pathways.rules.reminders import Finding, OutcomeKind
from pathways.rules.sessions import CancelledBy
from pathways.rules.worklist import LineType
from tests.factories import clinic, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW, phone

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT = NOW + 10 * DAY
LATER = NOW + 8 * DAY


@pytest.fixture
def leader(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.FRONT_DESK], sites=[site])


@pytest.fixture
def session(site: Site, by: Actor, leader: Actor) -> Session:
    person = patients.patient(site, by=by, contact_points=[phone()])
    return make.individual(person, by=by, leader=leader, at=AT)


def gone(row: Session, status: str = "sent") -> Reminder:
    """The first message about it has left."""
    first = Reminder.objects.filter(attendance__session=row).order_by("due_at")[0]
    with allow_direct_writes():
        Reminder.objects.filter(pk=first.pk).update(status=status, status_at=first.due_at)
    return first


def moved(row: Session, by: Actor) -> None:
    sessions.move(by=by, now=LATER, session_id=row.public_id, to=Move(starts_at=AT + DAY))


def called_off(row: Session, by: Actor, wish: CancelledBy = CancelledBy.CLINIC) -> None:
    sessions.cancel(by=by, now=LATER, session_id=row.public_id, wish=wish)


def lines(by: Actor, site: Site) -> list[tuple[object, object, int]]:
    """The message, whose line it is, and how many days late."""
    found = worklist.only(LineType.REMINDER, by, site, now=LATER)
    holders = [(line, found.holder(line)) for line in found.lines]
    return [(line.item.public_id, holder.id if holder else None, line.days_late) for line, holder in holders]


@pytest.mark.parametrize("status", ["sent", "delivered"])
@pytest.mark.parametrize("change", [moved, called_off])
def test_who_leads_has_the_line_until_somebody_says_they_told_them(
    change: Callable[[Session, Actor], None], status: str, session: Session, site: Site, by: Actor, leader: Actor
) -> None:
    message = gone(session, status)
    assert lines(by, site) == []
    change(session, by)
    assert lines(by, site) == [(message.public_id, leader.pk, 0)]
    reminders.record_told(by=by, now=LATER, reminder_id=message.public_id)
    assert lines(by, site) == []
    with pytest.raises(Refused, match="reminder_not_overtaken"):
        reminders.record_told(by=by, now=LATER, reminder_id=message.public_id)


def test_nobody_is_told_who_had_no_message_or_called_it_off_themselves(session: Session, site: Site, by: Actor) -> None:
    moved(session, by)
    gone(session)
    called_off(session, by, CancelledBy.PATIENT)
    assert lines(by, site) == []


def test_other_words_about_a_session_leave_a_message_as_it_is(session: Session, site: Site, by: Actor) -> None:
    gone(session)
    sessions.move(by=by, now=LATER, session_id=session.public_id, to=Move(title="The first talk", minutes=60))
    assert lines(by, site) == []


def tried(message: Reminder, outcome: str = "sent") -> Attempt:
    """What was tried of it."""
    with allow_direct_writes():
        Reminder.objects.filter(pk=message.pk).update(tries=1)
        return Attempt.objects.create(
            reminder=message, number=1, claim_id=uuid4(), channel="sms", provider="twilio", address="+14155550132",
            sender="+12025550100", text="x", template=message.template, template_digest="0" * 16, started_at=NOW,
            outcome=outcome, finished_at=NOW if outcome else None,
        )  # fmt: skip


def test_a_late_receipt_does_not_close_the_line(session: Session, site: Site, by: Actor, leader: Actor) -> None:
    message = gone(session)
    attempt = tried(message)
    moved(session, by)
    reminders.record_report(by=clinic.job(), now=LATER, reference=attempt.public_id, kind=OutcomeKind.DELIVERED)
    message.refresh_from_db()
    assert message.status == "delivered"
    assert lines(by, site) == [(message.public_id, leader.pk, 0)]


def on_its_way(row: Session, change: Callable[[Session, Actor], None], by: Actor) -> tuple[Reminder, list[Prepared]]:
    """A message that a worker is just giving to the provider when the session changes."""
    message = Reminder.objects.filter(attendance__session=row).order_by("due_at")[0]
    claim = reminders.claim_due(by=clinic.job(), now=message.due_at)
    window = reminders.open_window(
        by=clinic.job(), now=message.due_at, claim_id=claim.claim_id, ids=[message.pk], live=False
    )
    change(row, by)
    message.refresh_from_db()
    return message, window


def reported(message: Reminder, window: list[Prepared], kind: OutcomeKind) -> None:
    reminders.record_outcomes(
        by=clinic.job(), now=LATER, claim_id=message.claim_id, reported=[Reported(window[0], kind, "SM1")]
    )


@pytest.mark.parametrize("change", [moved, called_off])
def test_a_message_on_its_way_when_the_time_changed_has_a_line_once_it_arrived(
    change: Callable[[Session, Actor], None], session: Session, site: Site, by: Actor, leader: Actor
) -> None:
    message, window = on_its_way(session, change, by)
    assert (message.status, lines(by, site)) == ("sending", [])
    reported(message, window, OutcomeKind.SENT)
    assert lines(by, site) == [(message.public_id, leader.pk, 0)]


def test_a_message_on_its_way_that_did_not_arrive_is_nobodys(session: Session, site: Site, by: Actor) -> None:
    message, window = on_its_way(session, moved, by)
    reported(message, window, OutcomeKind.PERMANENT)
    message.refresh_from_db()
    assert (message.status, message.needs_person, lines(by, site)) == ("failed", False, [])


def made_longer(row: Session, by: Actor) -> None:
    sessions.move(by=by, now=LATER, session_id=row.public_id, to=Move(minutes=90))


def called_off_by_them(row: Session, by: Actor) -> None:
    called_off(row, by, CancelledBy.PATIENT)


def others_are_on_their_way(message: Reminder) -> None:
    others = Reminder.objects.filter(attendance=message.attendance).exclude(pk=message.pk)
    with allow_direct_writes():
        assert others.update(status="sending", claim_id=uuid4(), leased_until=LATER) > 0


def test_who_has_an_older_message_is_told_though_the_newest_does_not_arrive(
    session: Session, site: Site, by: Actor, leader: Actor
) -> None:
    older = gone(session)
    others_are_on_their_way(older)
    moved(session, by)
    assert [each[0] for each in lines(by, site)] == [older.public_id]


def test_one_word_with_them_closes_the_lines_of_every_message_about_it(session: Session, site: Site, by: Actor) -> None:
    older = gone(session)
    others_are_on_their_way(older)
    moved(session, by)
    with allow_direct_writes():
        Reminder.objects.filter(status="sending").update(status="sent", leased_until=None)
    assert len(lines(by, site)) > 1
    reminders.record_told(by=by, now=LATER, reminder_id=older.public_id)
    assert lines(by, site) == []


@pytest.mark.parametrize(
    ("change", "kind", "found"),
    [
        (moved, OutcomeKind.SENT, 1),
        (called_off, OutcomeKind.SENT, 1),
        (made_longer, OutcomeKind.SENT, 0),
        (called_off_by_them, OutcomeKind.SENT, 0),
        (moved, OutcomeKind.PERMANENT, 0),
    ],
)
def test_an_unclear_message_has_a_line_where_it_turns_out_to_have_arrived_with_an_old_time(
    session: Session, site: Site, by: Actor, change: Callable[[Session, Actor], None], kind: OutcomeKind, found: int
) -> None:
    message = gone(session, "uncertain")
    attempt = tried(message, "")
    change(session, by)
    reminders.record_answer(
        by=clinic.job(), now=LATER, reference=attempt.public_id, finding=Finding.FOUND, kind=kind, provider_id="SM1"
    )
    assert len(lines(by, site)) == found


def test_the_page_says_so_and_takes_the_word_of_whoever_told_them(client: Client, site: Site) -> None:
    staff: StaffMember = clinic.staff(roles=[Role.COUNSELOR], sites=[site])
    person = patients.patient(site, by=staff.actor, contact_points=[phone()])
    row = make.individual(person, by=staff.actor, at=clock.now() + 10 * DAY, now=clock.now())
    message = gone(row)
    browser = clinic.sign_in(client, staff)
    sessions.cancel(by=staff.actor, now=clock.now(), session_id=row.public_id, wish=CancelledBy.CLINIC)
    said = "They hold a message with the old time"
    assert said in browser.get(reverse("today")).content.decode()
    address = reverse("message", args=[message.public_id])
    assert said in browser.get(address).content.decode()
    assert said not in browser.post(reverse("message_told", args=[message.public_id]), follow=True).content.decode()
    assert said not in browser.get(reverse("today")).content.decode()
