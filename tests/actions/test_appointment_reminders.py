"""Messages before a session: planned in the recipient's own wall time, in line with whatever becomes of the place."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Role
from pathways.actions import contacts, enrollments, reminders, sessions
from pathways.actions.sessions import Move, Person, What
from pathways.models import Attendance, Enrollment, Reminder, ReminderSchedule, Session
from pathways.rules.moves import DischargeReason, HoldReason, TransferReason
from pathways.rules.sessions import CancelledBy, Recurrence, SessionKind
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW, email, phone

pytestmark = pytest.mark.django_db
ZONE = "America/New_York"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OTHER = "+14155550199"


def here(text: str, zone: str = ZONE) -> datetime:
    return to_utc(datetime.fromisoformat(text), zone)


AT = here("2026-06-30T10:00")
"""A Tuesday, two weeks after `NOW`."""


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by, contact_points=[phone()])


@pytest.fixture
def session(person: Patient, by: Actor) -> Session:
    """Fifty minutes of counseling at ten in two weeks."""
    return make.individual(person, by=by, at=AT)


def lines(*, status: str = "planned", **where: Any) -> list[str]:
    """When messages go, in the wall time they are kept in, and how long before the session that is."""
    rows = Reminder.objects.filter(attendance__isnull=False, status=status, **where).order_by("due_at", "pk")
    return [f"{row.due_on:%m-%d} {row.due_time:%H:%M} ({row.offset_minutes})" for row in rows]


def planned_for(row: Session) -> list[str]:
    return lines(attendance__session=row)


def why(row: Session) -> set[str]:
    """Why messages of a session were withdrawn."""
    found = Reminder.objects.filter(attendance__session=row, status="cancelled")
    return set(found.values_list("status_code", flat=True))


USUAL = ["06-23 10:00 (10080)", "06-28 10:00 (2880)", "06-29 10:00 (1440)", "06-30 09:00 (120)"]


# -- booked ------------------------------------------------------------------------------------------------------------


def test_an_appointment_is_reminded_of_a_week_two_days_a_day_and_two_hours_before(session: Session) -> None:
    """Eight is before the office's nine; at nine there is still an hour, so the last one goes then."""
    assert planned_for(session) == USUAL


def test_where_opening_is_too_late_it_comes_the_evening_before(person: Patient, by: Actor) -> None:
    early = make.individual(person, by=by, at=here("2026-06-30T09:30"))
    assert "06-29 18:30 (120)" in planned_for(early)


def test_who_lives_elsewhere_is_reminded_by_their_own_clock(site: Site, by: Actor) -> None:
    west = patients.patient(site, by=by, contact_points=[phone()], time_zone="America/Los_Angeles")
    row = make.individual(west, by=by, at=AT)
    assert Reminder.objects.filter(attendance__session=row).values_list("time_zone", flat=True)[0] == west.time_zone
    assert planned_for(row) == [
        "06-23 09:00 (10080)", "06-28 09:00 (2880)", "06-29 09:00 (1440)", "06-29 18:30 (120)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-01T15:00", ["10-25 15:00", "10-30 15:00", "10-31 15:00", "11-01 13:00"]),
        ("2027-03-14T15:00", ["03-07 15:00", "03-12 15:00", "03-13 15:00", "03-14 13:00"]),
    ],
)
def test_the_wall_time_stays_when_the_clock_is_put_back_or_forward(
    at: str, due: list[str], person: Patient, by: Actor
) -> None:
    row = make.individual(person, by=by, at=here(at))
    assert [each[:11] for each in planned_for(row)] == due
    before, day = Reminder.objects.filter(attendance__session=row).order_by("due_at")[1:3]
    assert (here(at) - day.due_at, day.due_at - before.due_at) in {(25 * HOUR, DAY), (23 * HOUR, DAY)}


def test_what_would_have_gone_already_is_not_planned(person: Patient, by: Actor) -> None:
    row = make.individual(person, by=by, at=NOW + 30 * HOUR)
    assert [each[-6:] for each in planned_for(row)] == ["(1440)", " (120)"]


def test_nobody_is_reminded_of_what_took_place(person: Patient, by: Actor) -> None:
    assert planned_for(make.individual(person, by=by, at=NOW - DAY)) == []


def test_who_has_no_address_gets_none_until_there_is_one(site: Site, by: Actor) -> None:
    silent = patients.patient(site, by=by)
    row = make.individual(silent, by=by, at=AT)
    assert planned_for(row) == []
    contacts.add(patient=silent, point=phone(), by=by, now=NOW)
    assert planned_for(row) == USUAL


def test_a_group_is_reminded_of_once_and_each_who_is_in_it(site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by, contact_points=[phone(f"+1415555010{n}")]) for n in range(3)]
    row = make.group(site, *people, by=by, at=AT)
    assert planned_for(row) == ["06-29 10:00 (1440)"] * 3
    late = patients.patient(site, by=by, contact_points=[phone()])
    sessions.add_person(by=by, now=NOW, session_id=row.public_id, patient_id=late.public_id)
    assert planned_for(row) == ["06-29 10:00 (1440)"] * 4


def test_it_is_for_the_preferred_channel_and_in_the_language_of_the_person(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, contact_points=[phone(), email()], language="es")
    contacts.prefer(
        patient=person, expected_version=None, preferred_channel="email", reminders_wanted=True, by=by, now=NOW
    )
    row = make.individual(person, by=by, at=AT)
    found = Reminder.objects.filter(attendance__session=row)
    assert set(found.values_list("channel", "language", "template")) == {("email", "es", "appointment.reminder")}


# -- set for a site ----------------------------------------------------------------------------------------------------


def set_here(site: Site, by: Actor, modality: str, *minutes: int) -> None:
    with allow_direct_writes():
        ReminderSchedule.objects.create(
            site=site, modality=modality, offsets_minutes=list(minutes), set_at=NOW, set_by=by
        )


def test_what_a_site_set_for_the_modality_counts_before_what_it_set_for_all(
    site: Site, person: Patient, by: Actor
) -> None:
    set_here(site, by, "", 2880)
    assert planned_for(make.individual(person, by=by, at=AT)) == ["06-28 10:00 (2880)"]
    set_here(site, by, "individual-counseling", 1440)
    assert planned_for(make.individual(person, by=by, at=AT + DAY)) == ["06-30 10:00 (1440)"]


def test_a_site_can_say_that_nobody_is_reminded(site: Site, person: Patient, by: Actor) -> None:
    set_here(site, by, "")
    assert planned_for(make.individual(person, by=by, at=AT)) == []


def test_another_schedule_withdraws_what_is_not_in_it_and_brings_it_back_when_it_is_again(
    site: Site, person: Patient, by: Actor, session: Session
) -> None:
    set_here(site, by, "", 1440)
    again(session, by)
    assert planned_for(session) == [USUAL[2]]
    assert why(session) == {"reminder.cancelled.schedule"}
    with_all_again(site)
    again(session, by)
    assert planned_for(session) == USUAL


def with_all_again(site: Site) -> None:
    with allow_direct_writes():
        ReminderSchedule.objects.filter(site=site).delete()


def again(row: Session, by: Actor, now: datetime = NOW) -> int:
    places = list(Attendance.objects.filter(session=row).values_list("pk", flat=True))
    return reminders.plan_places(by=by, now=now, places=places)


def test_planning_again_changes_nothing(session: Session, by: Actor) -> None:
    before = list(Reminder.objects.order_by("pk").values())
    assert again(session, by) == 0
    assert list(Reminder.objects.order_by("pk").values()) == before


# -- moved, cancelled, brought back ------------------------------------------------------------------------------------


def test_a_moved_session_retires_what_speaks_of_the_old_time(session: Session, by: Actor) -> None:
    sessions.move(by=by, now=NOW, session_id=session.public_id, to=Move(starts_at=AT + DAY))
    assert planned_for(session) == [
        "06-24 10:00 (10080)", "06-29 10:00 (2880)", "06-30 10:00 (1440)", "07-01 09:00 (120)",
    ]  # fmt: skip
    assert why(session) == {"reminder.cancelled.subject_changed"}
    assert set(Reminder.objects.filter(status="planned").values_list("subject_version", flat=True)) == {2}


def test_other_words_about_a_session_leave_its_messages_alone(session: Session, by: Actor) -> None:
    sessions.move(by=by, now=NOW, session_id=session.public_id, to=Move(title="The first talk"))
    assert planned_for(session) == USUAL
    assert why(session) == set()


def test_who_said_they_would_come_has_not_said_so_for_another_time(
    session: Session, person: Patient, by: Actor
) -> None:
    place = make.place_of(session, person)
    assert sessions.confirm(by=by, now=NOW, attendance_id=place.public_id).confirmed_by == by
    sessions.move(by=by, now=NOW, session_id=session.public_id, to=Move(starts_at=AT + DAY))
    assert make.place_of(session, person).confirmed_at is None


def test_a_cancelled_session_sends_nothing_more(session: Session, by: Actor) -> None:
    sessions.cancel(by=by, now=NOW, session_id=session.public_id, wish=CancelledBy.CLINIC)
    assert planned_for(session) == []
    assert why(session) == {"reminder.cancelled.subject_closed"}


def test_who_gives_up_a_place_in_a_group_gets_no_more_of_it_and_the_others_do(site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by, contact_points=[phone(f"+1415555010{n}")]) for n in range(2)]
    row = make.group(site, *people, by=by, at=AT)
    place = make.place_of(row, people[0])
    sessions.take_off(by=by, now=NOW, attendance_id=place.public_id, wish=CancelledBy.PATIENT)
    assert lines(patient=people[0]) == []
    assert lines(patient=people[1]) == ["06-29 10:00 (1440)"]


def test_who_is_checked_in_is_not_reminded_and_who_was_not_there_after_all_is(
    session: Session, person: Patient, by: Actor
) -> None:
    place, early = make.place_of(session, person), AT - 3 * HOUR
    sessions.check_in(by=by, now=early, attendance_id=place.public_id)
    assert planned_for(session) == []
    sessions.undo_check_in(by=by, now=early, attendance_id=place.public_id)
    assert planned_for(session) == ["06-30 09:00 (120)"]


def under_way(site: Site, by: Actor) -> tuple[Enrollment, Session]:
    person = patients.patient(site, by=by, contact_points=[phone()])
    row = pathways.enrolled(person, site=site, by=by)
    return row, make.individual(person, by=by, at=AT)


LEAVES: dict[str, Callable[..., Any]] = {
    "discharge": lambda **given: enrollments.discharge(reason=DischargeReason.CHOSE_TO_LEAVE, **given),
    "death": lambda **given: enrollments.discharge(reason=DischargeReason.DIED, **given),
    "hold": lambda **given: enrollments.hold(reason=HoldReason.TRAVEL, review_on=(NOW + 20 * DAY).date(), **given),
}


@pytest.mark.parametrize("leaves", list(LEAVES))
def test_what_an_exit_cancels_comes_back_with_its_undo_with_its_messages(leaves: str, site: Site, by: Actor) -> None:
    row, session = under_way(site, by)
    LEAVES[leaves](by=by, now=NOW + HOUR, enrollment_id=row.public_id)
    assert planned_for(session) == []
    enrollments.reverse(by=by, now=NOW + 2 * HOUR, enrollment_id=row.public_id, note="It was a mistake")
    assert planned_for(session) == USUAL


def test_another_site_of_the_course_leaves_an_appointment_where_it_is(site: Site) -> None:
    there = clinic.site()
    by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site, there])
    row, session = under_way(site, by)
    enrollments.transfer_site(
        by=by, now=NOW + HOUR, enrollment_id=row.public_id, site_id=there.public_id,
        reason=TransferReason.CLOSER_TO_HOME,
    )  # fmt: skip
    assert planned_for(session) == USUAL
    assert set(Reminder.objects.filter(attendance__session=session).values_list("site", flat=True)) == {site.pk}
    follow_ups = Reminder.objects.filter(follow_up__enrollment=row, status="planned")
    assert set(follow_ups.values_list("site", flat=True)) == {there.pk}
    enrollments.reverse(by=by, now=NOW + 2 * HOUR, enrollment_id=row.public_id, note="It was a mistake")
    assert set(follow_ups.values_list("site", flat=True)) == {site.pk}


def test_a_changed_number_gets_what_is_still_to_come_and_nothing_twice(
    session: Session, person: Patient, by: Actor
) -> None:
    gone = Reminder.objects.get(attendance__session=session, offset_minutes=10080)
    sent(gone)
    old = person.contact_points.get()
    contacts.change(
        contact_point=old, expected_version=old.version, point=phone(OTHER), by=by, now=here("2026-06-24T12:00")
    )
    rows = Reminder.objects.filter(attendance__session=session)
    assert set(rows.filter(status="planned").values_list("contact_point__address", flat=True)) == {OTHER}
    assert planned_for(session) == USUAL[1:]
    assert rows.filter(offset_minutes=10080).get().status == "sent"


def sent(row: Reminder) -> None:
    with allow_direct_writes():
        Reminder.objects.filter(pk=row.pk).update(status="sent", status_at=row.due_at)


def test_who_likes_the_other_channel_is_written_to_there(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, contact_points=[phone(), email()])
    row = make.individual(person, by=by, at=AT)
    contacts.prefer(
        patient=person, expected_version=None, preferred_channel="email", reminders_wanted=True, by=by, now=NOW
    )
    assert planned_for(row) == USUAL
    planned = Reminder.objects.filter(attendance__session=row, status="planned")
    assert set(planned.values_list("channel", flat=True)) == {"email"}
    assert why(row) == {"reminder.cancelled.address_changed"}


# -- how much it costs -------------------------------------------------------------------------------------------------


def counted(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


@pytest.mark.parametrize("number", [5, 50])
def test_a_group_of_five_is_planned_in_as_many_statements_as_one_of_fifty(number: int, site: Site, by: Actor) -> None:
    people = [patients.patient(site, by=by, contact_points=[phone()]) for _ in range(number)]
    set_here(site, by, "alumni", 1440)
    row = sessions.book(
        by=by, now=NOW, site_id=site.public_id, starts_at=AT, leader_id=by.public_id,
        what=What("alumni", kind=SessionKind.EXTERNAL, capacity=number),
        people=[Person(each.public_id) for each in people],
    )  # fmt: skip
    places = list(Attendance.objects.filter(session=row).values_list("pk", flat=True))
    forget()
    assert counted(lambda: reminders.plan_places(by=by, now=NOW, places=places)) == PLANNED_IN
    assert Reminder.objects.count() == number


def forget() -> None:
    with allow_direct_writes():
        Reminder.objects.all().delete()


PLANNED_IN = 7
"""Five reads, one insert, and a savepoint around them."""


def test_a_series_of_a_year_is_planned_in_as_many_statements_as_one_session(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, contact_points=[phone()])
    year = Recurrence(
        every_weeks=1, weekdays=(2,), starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 1) + 51 * 7 * DAY,
        starts_time=time(10), minutes=50,
    )  # fmt: skip
    made = sessions.book_series(
        by=by, now=NOW, site_id=site.public_id, what=What("individual-counseling"), when=year,
        leader_id=by.public_id, people=[Person(person.public_id)],
    )  # fmt: skip
    assert (len(made.sessions), Reminder.objects.filter(status="planned").count()) == (52, 52 * 4)
    places = list(Attendance.objects.filter(patient=person).values_list("pk", flat=True))
    forget()
    assert counted(lambda: reminders.plan_places(by=by, now=NOW, places=places)) == PLANNED_IN
