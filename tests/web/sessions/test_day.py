"""The day of a site: who is booked with whom, and who comes in at the door."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.rules.sessions import AttendanceStatus
from tests.factories import clinic as house
from tests.factories import sessions as make
from tests.factories.sessions import DAY, HOUR, place_of
from tests.web.sessions.pages import HTMX, day_list, registered, text

pytestmark = pytest.mark.django_db


# the day


def test_a_day_shows_who_is_booked_with_whom_and_where(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    room = make.room(site, "Willow room")
    one, two = registered(site, by, 2)
    make.group(site, one, two, by=by, at=earlier, now=now, room_id=room.public_id)
    page = day_list(browser)
    for words in (one.display_name, two.display_name, "Willow room", "Basil Fictive", "Group therapy", "2 of 10"):
        assert words in page
    seen = AuditEntry.objects.get(action="read.sessions")
    assert {one.public_id, two.public_id} <= set(seen.patient_ids)


def test_a_day_without_sessions_says_what_will_appear(browser: Client) -> None:
    assert "Nothing is booked on this day." in day_list(browser, day="2031-02-03")
    assert day_list(browser, day="yesterday")


def test_only_who_leads_a_session_is_offered_as_a_leader(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    house.staff(roles=[Role.FRONT_DESK], sites=[site], name="Noor Deskwell")
    leads = house.staff(roles=[Role.COUNSELOR], sites=[site], name="Lea Groupwright").actor
    make.group(site, by=by, leader=leads, at=now + timedelta(days=3), now=now)
    page = day_list(browser)
    assert "Lea Groupwright" in page and "Noor Deskwell" not in page


def test_a_day_is_narrowed_to_a_leader_or_a_room(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    room, other = make.room(site), house.actor(roles=[Role.NURSE], sites=[site])
    make.group(site, by=by, at=earlier, now=now, what={"modality": "psychoeducation"})
    make.group(site, by=by, leader=other, at=earlier, now=now, room_id=room.public_id, what={"modality": "yoga"})
    yoga, teaching = "Yoga and breath work", "Psychoeducation"
    mine = day_list(browser, leader="me")
    assert teaching in mine
    assert yoga not in mine
    theirs = day_list(browser, leader=str(other.public_id))
    assert yoga in theirs
    assert teaching not in theirs
    there = day_list(browser, room=str(room.public_id))
    assert yoga in there
    assert teaching not in there


def test_a_session_late_in_the_evening_belongs_to_the_day_of_the_site(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    local = (now.astimezone(site.zone) + DAY).replace(hour=23, minute=30, second=0, microsecond=0)
    make.group(site, by=by, at=local, now=now, what={"modality": "recreation"})
    assert "Recreation" in day_list(browser, day=local.date().isoformat())
    assert "Recreation" not in day_list(browser, day=(local.date() + DAY).isoformat())


def test_a_day_costs_the_same_with_fifty_sessions_as_with_five(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    def cost(day: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            day_list(browser, day=day.date().isoformat())
        return len(queries)

    def booked(day: datetime, number: int) -> None:
        for n in range(number):
            leader = house.actor(roles=[Role.COUNSELOR], sites=[site])
            make.group(site, *registered(site, by, 2), by=by, leader=leader, at=day + timedelta(minutes=n), now=now)

    noon = now.astimezone(site.zone).replace(hour=12, minute=0)
    day_list(browser)
    booked(noon + DAY, 5)
    booked(noon + 2 * DAY, 50)
    assert cost(noon + DAY) == cost(noon + 2 * DAY)


def test_a_session_of_another_site_is_not_found(browser: Client, now: datetime) -> None:
    other = house.site()
    stranger = house.actor(roles=[Role.SUPERVISOR], sites=[other])
    person = registered(other, stranger)[0]
    row = make.individual(person, by=stranger, at=now + HOUR, now=now)
    place = place_of(row, person).public_id
    for name in ("session", "session_move", "session_cancel", "session_add", "session_document", "session_amend"):
        assert browser.get(reverse(name, args=[row.public_id])).status_code == 404, name
    for name in ("place_check_in", "place_undo", "place_no_show", "place_take_off"):
        assert browser.post(reverse(name, args=[place])).status_code == 404, name


def test_somebody_who_is_seen_elsewhere_now_is_counted_and_not_named(
    client: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    make.group(site, person, by=by, at=earlier, now=now)
    with allow_direct_writes():
        person.site_stays.update(until=now)
    page = day_list(house.sign_in(client, house.staff(roles=[Role.NURSE], sites=[site])))
    assert person.display_name not in page
    assert "1 more, seen at another site" in page


# at the door


def test_somebody_is_checked_in_in_the_line_and_it_can_be_undone(
    client: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=earlier, now=now)
    place = place_of(row, person)
    desk = house.sign_in(client, house.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert "Check in" in day_list(desk)
    line = text(desk.post(reverse("place_check_in", args=[place.public_id]), headers=HTMX))
    assert f'id="s{row.public_id.hex}"' in line
    assert "Undo" in line
    assert "<html" not in line
    assert "Check in" in text(desk.post(reverse("place_undo", args=[place.public_id]), headers=HTMX))
    gone = desk.post(reverse("place_no_show", args=[place.public_id]), {"next": reverse("sessions")})
    assert (gone.status_code, gone["Location"]) == (303, reverse("sessions"))
    assert "Came after all" in day_list(desk)
    assert place_of(row, person).status == AttendanceStatus.NO_SHOW


def test_what_cannot_be_is_said_and_nothing_changes(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=now + 3 * DAY, now=now)
    place = place_of(row, person)
    answer = browser.post(reverse("place_check_in", args=[place.public_id]), follow=True)
    assert "People are checked in on the day itself" in text(answer)
    assert browser.post(reverse("place_check_in", args=[place.public_id]), headers=HTMX).status_code == 409
    assert place_of(row, person).status == AttendanceStatus.BOOKED


def test_the_front_desk_sees_who_comes_and_not_what_was_written(
    client: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=earlier, now=now)
    line = sessions.Came(place_of(row, person).public_id, 40, "Spoke about the night shift.")
    sessions.document(by=by, now=now, session_id=row.public_id, came=[line], note="Cravings at night.")
    desk = house.sign_in(client, house.staff(roles=[Role.FRONT_DESK], sites=[site]))
    page = text(desk.get(reverse("session", args=[row.public_id])))
    assert "40 min" in page
    assert "Your role does not read what was written." in page
    chart = text(desk.get(reverse("chart", args=[person.public_id]), {"tab": "sessions"}))
    for secret in ("night shift", "Cravings"):
        assert secret not in page
        assert secret not in chart
    assert desk.get(reverse("session_amend", args=[row.public_id])).status_code == 403
