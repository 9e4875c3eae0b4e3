"""Somebody who moves to another time zone: what is still to come follows the clock there."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_local
from pathways.actions import people
from pathways.actions.follow_ups import record_call, reschedule
from pathways.actions.reminders import claim_due, open_window
from pathways.models import FollowUp, Reminder
from pathways.rules.follow_ups import CallResult
from patients.actions.details import Details
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make_session
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
HERE, WEST, EAST = "America/New_York", "America/Los_Angeles", "Asia/Tokyo"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return clinic.site(time_zone=HERE)


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    row = patients.patient(site, by=by, contact_points=[patients.phone()])
    pathways.enrolled(row, by=by)
    return row


def corrected(person: Patient, by: Actor, *, now: datetime = NOW, **changes: str) -> Patient:
    fresh = Patient.objects.get(pk=person.pk)
    kept = {name: getattr(fresh, name) for name in Details.__dataclass_fields__}
    return people.correct(
        patient=fresh, expected_version=fresh.version, details=Details(**{**kept, **changes}), by=by, now=now
    )


def to_come(person: Patient, now: datetime = NOW) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(patient=person, due_at__gt=now + DAY).order_by("pk"))


def sent(message: Reminder, now: datetime) -> str:
    """Whether a message goes now: its status afterwards."""
    job = clinic.job()
    claim = claim_due(by=job, now=now)
    open_window(by=job, now=now, claim_id=claim.claim_id, ids=[message.pk], live=False)
    return Reminder.objects.get(pk=message.pk).status


def planned(person: Patient, *contacts: int) -> list[Reminder]:
    """What waits to go: of these contacts, and of appointments."""
    rows = Reminder.objects.filter(patient=person, status="planned").order_by("pk").select_related("site")
    return [row for row in rows if row.follow_up_id is None or row.follow_up_id in contacts]


@pytest.mark.parametrize("zone", [WEST, EAST])
def test_contacts_keep_their_wall_time_in_the_zone_of_now(person: Patient, by: Actor, zone: str) -> None:
    before = {row.pk: (row.due_on, row.due_time) for row in to_come(person)}
    messages = {row.pk for row in planned(person, *before)}
    assert before
    assert messages
    corrected(person, by, time_zone=zone)
    for row in FollowUp.objects.filter(pk__in=before):
        assert (row.time_zone, (row.due_on, row.due_time)) == (zone, before[row.pk])
        assert to_local(row.due_at, zone) == datetime.combine(row.due_on, row.due_time)
        assert row.rung_since == row.due_at
        assert row.act_at >= row.due_at
    assert {row.pk for row in planned(person, *before)} == messages


@pytest.mark.parametrize("zone", [WEST, EAST])
def test_a_contact_somebody_was_called_about_is_written_to_at_its_wall_time_too(
    person: Patient, by: Actor, zone: str
) -> None:
    contact = to_come(person)[0]
    record_call(by=by, now=NOW, follow_up_id=contact.public_id, result=CallResult.LEFT_MESSAGE)
    corrected(person, by, time_zone=zone)
    (message,) = planned(person, contact.pk)
    assert to_local(message.due_at, zone) == datetime.combine(contact.due_on, contact.due_time)


@pytest.mark.parametrize("zone", [WEST, EAST, "Pacific/Kiritimati", "Australia/Lord_Howe"])
def test_no_message_to_come_is_outside_the_hours_where_they_live(person: Patient, by: Actor, zone: str) -> None:
    at = NOW + 10 * DAY
    make_session.individual(person, by=by, at=at.replace(hour=13, minute=0))
    contacts = [row.pk for row in to_come(person)]
    corrected(person, by, time_zone=zone)
    rows = planned(person, *contacts)
    assert any(row.attendance_id for row in rows)
    assert any(row.follow_up_id for row in rows)
    for row in rows:
        local = row.due_at.astimezone(ZoneInfo(zone))
        assert row.time_zone == zone
        assert (local.date(), local.time()) == (row.due_on, row.due_time)
        assert row.site.contact_opens <= local.time() <= row.site.contact_closes


def test_the_message_a_day_before_keeps_the_wall_time_of_the_appointment(person: Patient, by: Actor) -> None:
    row = make_session.individual(person, by=by, at=(NOW + 10 * DAY).replace(hour=18, minute=0))
    place = make_session.place_of(row, person)
    corrected(person, by, time_zone=WEST)
    message = place.reminders.get(offset_minutes=1440)
    assert (message.due_time, message.time_zone) == (time(11), WEST)
    assert message.due_at == row.starts_at - DAY
    assert place.reminders.filter(status="planned").count() == place.reminders.count()


def test_what_went_and_what_is_due_already_stays(person: Patient, by: Actor) -> None:
    contact = min(to_come(person), key=lambda row: row.due_at)
    message = contact.reminders.get()
    late = contact.due_at + timedelta(minutes=5)
    assert sent(message, late) == "sending"
    corrected(person, by, now=late, time_zone=WEST)
    before = (contact.due_at, contact.time_zone, message.due_at, message.time_zone)
    contact.refresh_from_db()
    message.refresh_from_db()
    assert (contact.due_at, contact.time_zone, message.due_at, message.time_zone) == before


def test_what_would_be_over_by_the_clock_there_stays_and_goes_in_the_morning_there(person: Patient, by: Actor) -> None:
    """An hour before it is due at ten, it is late in the evening in Tokyo."""
    contact = min(to_come(person), key=lambda row: row.due_at)
    message, due_at = contact.reminders.get(), contact.due_at
    corrected(person, by, now=due_at - timedelta(hours=1), time_zone=EAST)
    contact.refresh_from_db()
    assert (contact.due_at, contact.outcome) == (due_at, "")
    opens = message.site.contact_opens
    assert sent(message, due_at) == "planned"
    message.refresh_from_db()
    assert message.next_at.astimezone(ZoneInfo(EAST)).time() == opens
    assert sent(message, message.next_at) == "sending"


def test_what_is_to_come_is_written_in_the_language_they_speak_now(person: Patient, by: Actor) -> None:
    make_session.individual(person, by=by, at=NOW + 10 * DAY)
    rows = Reminder.objects.filter(patient=person, status="planned")
    before = {row.pk: row.due_at for row in rows}
    corrected(person, by, language="es")
    assert {row.pk: row.due_at for row in rows.all()} == before
    assert set(rows.filter(due_at__gt=NOW).values_list("language", flat=True)) == {"es"}


def test_a_name_put_right_moves_nothing(person: Patient, by: Actor) -> None:
    before = list(Reminder.objects.order_by("pk").values()), list(FollowUp.objects.order_by("pk").values())
    corrected(person, by, family_name="Quillfeather")
    assert (list(Reminder.objects.order_by("pk").values()), list(FollowUp.objects.order_by("pk").values())) == before


def test_moving_away_and_back_leaves_everything_as_it_was(person: Patient, by: Actor) -> None:
    names = ("pk", "due_at", "time_zone", "rung", "act_at", "climbs_at", "owner_id")
    contacts, messages = FollowUp.objects.order_by("pk"), Reminder.objects.order_by("pk")
    before = list(contacts.values(*names)), list(messages.values("due_at"))
    for zone in (WEST, HERE):
        corrected(person, by, time_zone=zone)
    assert (list(contacts.values(*names)), list(messages.values("due_at"))) == before


@pytest.mark.parametrize("moves_first", [True, False])
def test_a_date_agreed_by_hand_is_due_by_their_clock_too(person: Patient, by: Actor, moves_first: bool) -> None:
    contact = min(FollowUp.objects.open().filter(patient=person), key=lambda row: row.due_at)
    if moves_first:
        corrected(person, by, now=contact.due_at + HOUR, time_zone=WEST)
    at = contact.due_at + HOUR
    reschedule(by=by, now=at, follow_up_id=contact.public_id, on=(NOW + 5 * DAY).date(), at=time(15, 30))
    if not moves_first:
        corrected(person, by, now=at, time_zone=WEST)
    contact.refresh_from_db()
    assert to_local(contact.due_at, WEST) == datetime.combine((NOW + 5 * DAY).date(), time(15, 30))
