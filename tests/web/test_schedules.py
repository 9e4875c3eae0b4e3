"""How long before a session people are reminded: the page, who may set it, and what a session tells of its messages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import reminders, sessions
from pathways.models import Reminder, ReminderSchedule
from pathways.rules.reminders import OutcomeKind
from pathways.rules.sessions import CancelledBy
from patients.models import Patient
from tests.factories import clinic as house
from tests.factories import patients
from tests.factories import sessions as make
from tests.factories.patients import phone

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(client: Client, site: Site) -> Client:
    return house.sign_in(client, house.staff(roles=[Role.PROGRAM_MANAGER], sites=[site], name="Mara Inventada"))


@pytest.fixture
def counselor(site: Site) -> StaffMember:
    return house.staff(roles=[Role.COUNSELOR], sites=[site], name="Basil Fictive")


@pytest.fixture
def by(counselor: StaffMember) -> Actor:
    return counselor.actor


@pytest.fixture
def browser(counselor: StaffMember) -> Client:
    return house.sign_in(Client(), counselor)


@pytest.fixture
def now() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def page(browser: Client, name: str, *args: Any) -> str:
    answer = browser.get(reverse(name, args=args))
    assert answer.status_code == 200
    return text(answer)


def person(site: Site, by: Actor, now: datetime, *points: Any) -> Patient:
    return patients.patient(site, by=by, now=now, contact_points=list(points or [phone()]))


# -- setting it --------------------------------------------------------------------------------------------------------


def test_what_counts_stands_on_the_page_with_where_it_comes_from(manager: Client, site: Site) -> None:
    shown = page(manager, "schedules")
    assert "7 days, 2 days, 1 day and 2 hours before" in shown
    assert "usual for its kind" in shown
    assert "usual for it" in shown
    set_to(manager, "cbt", "3d, 2h")
    shown = page(manager, "schedules")
    assert "3 days and 2 hours before" in shown
    assert "set here" in shown


def set_to(browser: Client, key: str, offsets: str, version: object = "") -> Any:
    return browser.post(reverse("schedule", args=[key]), {"offsets": offsets, "version": version})


def test_a_manager_sets_changes_and_clears_it(manager: Client, site: Site) -> None:
    assert set_to(manager, "every-other", "2d").status_code == 303
    row = ReminderSchedule.objects.get(site=site)
    assert (row.modality, row.offsets_minutes, row.version) == ("", [2880], 1)
    assert 'value="2d"' in page(manager, "schedule", "every-other")
    assert set_to(manager, "every-other", "1d 2d", row.version).status_code == 303
    row.refresh_from_db()
    assert (row.offsets_minutes, row.version) == ([2880, 1440], 2)
    cleared = manager.post(reverse("schedule_clear", args=["every-other"]), {"version": row.version})
    assert cleared.status_code == 303
    assert not ReminderSchedule.objects.exists()


def test_an_empty_line_reminds_nobody(manager: Client, site: Site) -> None:
    set_to(manager, "yoga", "")
    assert ReminderSchedule.objects.get(site=site).offsets_minutes == []
    assert "nobody is reminded" in page(manager, "schedules")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("tomorrow", "Write each as a number with d, h or m"),
        ("1d, 1d", "One of them stands twice."),
        ("5m", "at least 15 minutes"),
        ("1d 2d 3d 4d 5d 6d 7d", "At most 6 reminders"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(manager: Client, typed: str, said: str) -> None:
    answer = set_to(manager, "cbt", typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert typed in text(answer)
    assert not ReminderSchedule.objects.exists()


def test_two_who_set_it_at_once_do_not_overwrite_each_other(manager: Client) -> None:
    set_to(manager, "cbt", "2d")
    assert set_to(manager, "cbt", "1d").status_code == 412
    assert manager.post(reverse("schedule_clear", args=["cbt"]), {"version": 7}).status_code == 412


def test_a_modality_that_is_none_is_not_found(manager: Client) -> None:
    assert manager.get(reverse("schedule", args=["wine-tasting"])).status_code == 404
    assert set_to(manager, "wine-tasting", "1d").status_code == 404


def test_who_books_sessions_reads_it_and_does_not_set_it(browser: Client) -> None:
    shown = page(browser, "schedules")
    assert reverse("schedule", args=["cbt"]) not in shown
    assert set_to(browser, "cbt", "1d").status_code == 403


# -- on the page of a session ------------------------------------------------------------------------------------------


def test_a_session_tells_what_is_planned_for_each_of_its_people(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    row = make.individual(person(site, by, now), by=by, at=now + 20 * DAY, now=now)
    shown = page(browser, "session", row.public_id)
    for words in ("7 days before", "2 days before", "1 day before", "2 hours before"):
        assert words in shown
    assert shown.count("Planned") == 4


def test_what_is_not_planned_says_why(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    row = make.individual(person(site, by, now), by=by, at=now + 4 * DAY, now=now)
    assert "its time had passed already" in page(browser, "session", row.public_id)
    silent = patients.patient(site, by=by, now=now)
    other = make.individual(silent, by=by, at=now + 5 * DAY, now=now)
    assert page(browser, "session", other.public_id).count("there is no number or address to write to") == 4


def test_what_was_withdrawn_says_why_and_what_a_move_withdrew_is_not_told(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    row = make.individual(person(site, by, now), by=by, at=now + 20 * DAY, now=now)
    sessions.move(by=by, now=now, session_id=row.public_id, to=sessions.Move(starts_at=now + 21 * DAY))
    shown = page(browser, "session", row.public_id)
    assert shown.count("Planned") == 4
    assert "has changed since it was planned" not in shown
    sessions.cancel(by=by, now=now, session_id=row.public_id, wish=CancelledBy.CLINIC)
    assert page(browser, "session", row.public_id).count("is already settled") == 4


def test_what_was_sent_stands_with_when(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    row = make.individual(person(site, by, now), by=by, at=now + 20 * DAY, now=now)
    went(min(Reminder.objects.filter(attendance__session=row), key=lambda each: each.due_at))
    shown = page(browser, "session", row.public_id)
    assert ("Delivered" in shown, shown.count("Planned")) == (True, 3)


def went(reminder: Reminder) -> None:
    """The message is claimed, asked about again and delivered, in the moment it is due."""
    job, at = house.job(), reminder.due_at
    claim = reminders.claim_due(by=job, now=at)
    window = reminders.open_window(by=job, now=at, claim_id=claim.claim_id, ids=[reminder.pk], live=False)
    told = [reminders.Reported(each, OutcomeKind.DELIVERED) for each in window]
    assert len(told) == 1, Reminder.objects.get(pk=reminder.pk).status_code
    reminders.record_outcomes(by=job, now=at, claim_id=claim.claim_id, reported=told)


@pytest.mark.parametrize("number", [5, 50])
def test_the_page_of_a_session_costs_the_same_for_few_as_for_many(
    number: int, browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    people = [person(site, by, now) for _ in range(number)]
    row = sessions.book(
        by=by, now=now, site_id=site.public_id, what=sessions.What("alumni", capacity=number), starts_at=now + 9 * DAY,
        people=[sessions.Person(each.public_id) for each in people],
    )  # fmt: skip
    page(browser, "session", row.public_id)
    with CaptureQueriesContext(connection) as seen:
        page(browser, "session", row.public_id)
    assert len(seen) == SHOWN_IN


SHOWN_IN = 16


# -- who will come -----------------------------------------------------------------------------------------------------


def test_on_the_day_list_one_click_says_that_they_will_come_and_to_whom(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    who = person(site, by, now)
    row = make.individual(who, by=by, at=now + 3 * DAY, now=now)
    place = make.place_of(row, who)
    address = reverse("place_confirm", args=[place.public_id])
    day = row.starts_at.astimezone(site.zone).date().isoformat()
    assert address in text(browser.get(reverse("sessions"), {"day": day}))
    answer = browser.post(address, headers=HTMX)
    assert (answer.status_code, "Will come, said to Basil Fictive" in text(answer)) == (200, True)
    assert reverse("place_unconfirm", args=[place.public_id]) in page(browser, "session", row.public_id)
    browser.post(reverse("place_unconfirm", args=[place.public_id]))
    assert "Will come, said" not in page(browser, "session", row.public_id)


def test_a_reply_that_said_so_is_told_as_one(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    who = person(site, by, now)
    row = make.individual(who, by=by, at=now + 3 * DAY, now=now)
    sessions.confirm(by=house.job(), now=now, attendance_id=make.place_of(row, who).public_id)
    assert "Will come, said by a reply" in page(browser, "session", row.public_id)


def test_who_has_cancelled_cannot_be_said_to_come(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    who = person(site, by, now)
    row = make.individual(who, by=by, at=now + 3 * DAY, now=now)
    place = make.place_of(row, who)
    sessions.cancel(by=by, now=now, session_id=row.public_id, wish=CancelledBy.PATIENT)
    assert browser.post(reverse("place_confirm", args=[place.public_id]), headers=HTMX).status_code == 409
