"""Pages that book one session or a series, and keep what was typed."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions.absences import record_absence
from pathways.models import Attendance, Session, SessionSeries
from tests.factories import clinic as house
from tests.factories import patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY, place_of
from tests.web.sessions.pages import day_list, registered, text, typed

pytestmark = pytest.mark.django_db


def test_somebody_is_booked_from_their_chart(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    person = registered(site, by)[0]
    address = reverse("session_new")
    page = text(browser.get(address, {"patient": str(person.public_id)}))
    assert person.display_name in page
    assert f'value="{by.public_id}" selected' in page
    given = typed(now, site, patient=str(person.public_id), leader=str(by.public_id))
    done = browser.post(address, given)
    row = Session.objects.get()
    assert done["Location"] == reverse("session", args=[row.public_id])
    assert f"{row.starts_at.astimezone(site.zone):%H:%M}" == "10:30"
    assert place_of(row, person).status == "booked"


@pytest.mark.parametrize("time", ["9:05", "0905", "9.05", "9:05 am"])
def test_times_are_taken_as_people_type_them(browser: Client, site: Site, by: Actor, now: datetime, time: str) -> None:
    person = registered(site, by)[0]
    given = typed(now, site, patient=str(person.public_id), leader=str(by.public_id), at=time)
    assert browser.post(reverse("session_new"), given).status_code == 303
    assert f"{Session.objects.get().starts_at.astimezone(site.zone):%H:%M}" == "09:05"


def test_a_person_is_found_by_what_is_typed_and_chosen_where_several_fit(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    one, two = (patients.patient(site, by=by, now=now, family_name="Quillfeather") for _ in range(2))
    given = typed(now, site, who="Quillfeather", leader=str(by.public_id))
    several = browser.post(reverse("session_new"), given)
    assert several.status_code == 422
    assert "Several people fit this." in text(several)
    assert f'value="{two.public_id}"' in text(several)
    assert browser.post(reverse("session_new"), given | {"patient": str(two.public_id)}).status_code == 303
    assert Attendance.objects.get().patient == two
    alone = typed(now, site, who=one.record_number, leader=str(by.public_id), at="14:00")
    assert browser.post(reverse("session_new"), alone).status_code == 303
    nobody = browser.post(reverse("session_new"), given | {"who": "Nemo Nobody"})
    assert "Nobody seen at this site fits this." in text(nobody)


def test_a_time_that_is_taken_is_said_at_the_field(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    one, two = registered(site, by, 2)
    given = typed(now, site, patient=str(one.public_id), leader=str(by.public_id))
    browser.post(reverse("session_new"), given)
    answer = browser.post(reverse("session_new"), given | {"patient": str(two.public_id), "title": "Second talk"})
    assert answer.status_code == 409
    assert "Basil Fictive has another session from" in text(answer)
    assert 'value="Second talk"' in text(answer)
    assert "booked already" in text(answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"what": "horoscopes.group"},
        {"at": "half past"},
        {"on_year": "9999"},
        {"on_day": "31", "on_month": "2"},
        {"minutes": "-5"},
        {"minutes": "9999"},
        {"leader": "00000000-0000-0000-0000-000000000007"},
        {"mode": "telepathy"},
        {"title": "a\x00b"},
        {"capacity": "99"},
    ],
)
def test_what_cannot_be_booked_keeps_what_was_typed(
    browser: Client, site: Site, by: Actor, now: datetime, changed: dict[str, str]
) -> None:
    person = registered(site, by)[0]
    given = typed(now, site, patient=str(person.public_id), leader=str(by.public_id), topic="Kept topic") | changed
    answer = browser.post(reverse("session_new"), given)
    assert answer.status_code == 422
    assert 'value="Kept topic"' in text(answer)
    assert not Session.objects.exists()


def test_who_leads_is_optional_only_where_nobody_has_to(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    person, address = registered(site, by)[0], reverse("session_new")
    needed, optional = 'for="id_leader">Led by</label>', 'for="id_leader">Led by <span class="opt">'
    assert needed in text(browser.get(address))
    given = typed(now, site, patient=str(person.public_id))
    nobody = browser.post(address, given)
    assert nobody.status_code == 422
    assert needed in text(nobody)
    assert "Somebody has to lead it." in text(nobody)
    elsewhere = given | {"what": "mutual-help.external", "at": "half past"}
    assert optional in text(browser.post(address, elsewhere))


def test_for_whom_it_is_can_be_left_open_only_in_a_group(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    given = typed(now, site, leader=str(by.public_id))
    nobody = text(browser.post(reverse("session_new"), given))
    assert "An individual session is for exactly one person." in nobody
    assert 'for="id_who">Who</label>' in nobody
    group = given | {"what": "group-therapy.group", "at": "half past"}
    assert 'for="id_who">Who <span class="opt">' in text(browser.post(reverse("session_new"), group))


def test_a_series_shows_the_dates_that_are_taken_before_it_books_the_others(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    start = (now.astimezone(site.zone) + 2 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    make.group(site, by=by, at=start + 7 * DAY, now=now)
    until = (start + 21 * DAY).date()
    given = typed(
        now, site, what="group-therapy.group", weekdays=[str(start.weekday())], every_weeks="1", minutes="90",
        until_day=str(until.day), until_month=str(until.month), until_year=str(until.year), leader=str(by.public_id),
    )  # fmt: skip
    refused = browser.post(reverse("session_series_new"), given)
    assert refused.status_code == 409
    assert "These dates are taken" in text(refused)
    assert "Book those that are free" in text(refused)
    assert not SessionSeries.objects.exists()
    done = browser.post(reverse("session_series_new"), given | {"fit": "1"}, follow=True)
    assert "3 sessions booked, 1 date left out." in text(done)
    assert {
        f"{each.starts_at.astimezone(site.zone):%H:%M}" for each in Session.objects.filter(series__isnull=False)
    } == {"10:30"}


def test_a_leader_who_is_recorded_as_away_that_day_is_booked_with_a_warning(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    person, cover = registered(site, by)[0], house.actor(roles=[Role.COUNSELOR], sites=[site])
    given = typed(now, site, patient=str(person.public_id), leader=str(by.public_id))
    day = (now.astimezone(site.zone) + 2 * DAY).date()
    record_absence(by=by, now=now, cover_id=cover.public_id, starts_on=day, ends_on=day)
    told = text(browser.post(reverse("session_new"), given | {"leader": str(cover.public_id)}, follow=True))
    assert "Booked." in told and "is recorded as away" not in told
    told = text(browser.post(reverse("session_new"), given | {"at": "14:30"}, follow=True))
    assert "Booked. Basil Fictive is recorded as away on" in told
    assert Session.objects.count() == 2


def test_a_series_says_on_how_many_of_its_days_the_leader_is_away(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    cover = house.actor(roles=[Role.COUNSELOR], sites=[site])
    start = (now.astimezone(site.zone) + 2 * DAY).date()
    until = start + 21 * DAY
    record_absence(by=by, now=now, cover_id=cover.public_id, starts_on=start + DAY, ends_on=start + 14 * DAY)
    given = typed(
        now, site, what="group-therapy.group", weekdays=[str(start.weekday())], every_weeks="1", minutes="90",
        until_day=str(until.day), until_month=str(until.month), until_year=str(until.year), leader=str(by.public_id),
    )  # fmt: skip
    told = text(browser.post(reverse("session_series_new"), given, follow=True))
    assert "4 sessions booked. Basil Fictive is recorded as away on 2 of these days" in told


def test_the_pages_that_book_are_not_for_those_who_only_read(client: Client, site: Site) -> None:
    manager = house.sign_in(client, house.staff(roles=[Role.PROGRAM_MANAGER], sites=[site]))
    assert day_list(manager)
    assert manager.get(reverse("session_new")).status_code == 403
