"""The pages of sessions: the day, one session and its account, booking, the chart's tab, rooms."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Room, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.absences import record_absence
from pathways.models import Attendance, MutualHelpAttendance, Session, SessionSeries
from pathways.rules.sessions import AttendanceStatus, CancelledBy, SessionStatus
from patients.models import Patient
from tests.factories import clinic as house
from tests.factories import pathways, patients
from tests.factories import sessions as make
from tests.factories.sessions import HOUR, place_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def counselor(site: Site) -> StaffMember:
    return house.staff(roles=[Role.COUNSELOR], sites=[site], name="Basil Fictive")


@pytest.fixture
def by(counselor: StaffMember) -> Actor:
    return counselor.actor


@pytest.fixture
def browser(client: Client, counselor: StaffMember) -> Client:
    return house.sign_in(client, counselor)


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def earlier(site: Site, now: datetime) -> datetime:
    """An hour that has begun, on this day at the site whatever the hour is."""
    midnight = now.astimezone(site.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(midnight, now - 2 * HOUR)


def registered(site: Site, by: Actor, number: int = 1) -> list[Patient]:
    return [patients.patient(site, by=by, now=clock.now()) for _ in range(number)]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def day_list(browser: Client, **query: str) -> str:
    answer = browser.get(reverse("sessions"), query)
    assert answer.status_code == 200
    return text(answer)


# -- the day ----------------------------------------------------------------------------------------------------------


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


# -- at the door ------------------------------------------------------------------------------------------------------


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


# -- the account ------------------------------------------------------------------------------------------------------


def account(row: Session, *here: tuple[Patient, str, str], note: str = "", **more: str) -> dict[str, str]:
    """What the form sends: those who came with minutes and a line, everybody else away."""
    given = {"note": note, "version": str(row.version), **more}
    for place in row.attendances.select_related("patient"):
        found = next((each for each in here if each[0].pk == place.patient_id), None)
        key = place.public_id.hex
        given[f"came_{key}"] = "here" if found else "away"
        given[f"minutes_{key}"], given[f"line_{key}"] = (found[1], found[2]) if found else ("90", "")
    return given


def test_a_group_is_documented_in_one_pass_in_its_line(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    one, two = registered(site, by, 2)
    row = make.group(site, one, two, by=by, at=earlier, now=now)
    address = reverse("session_document", args=[row.public_id])
    unfolded = text(browser.get(address, headers=HTMX))
    assert "Did not come" in unfolded
    assert f'hx-post="{address}"' in unfolded
    done = browser.post(address, account(row, (one, "75", "Listened.")), headers=HTMX)
    assert done.status_code == 200
    assert "1 of 2 came" in text(done)
    row.refresh_from_db()
    assert (row.status, place_of(row, one).minutes, place_of(row, two).status) == ("held", 75, "no_show")


def test_everybody_is_asked_about_and_what_was_typed_stays(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    one, two = registered(site, by, 2)
    row = make.group(site, one, two, by=by, at=earlier, now=now)
    address = reverse("session_document", args=[row.public_id])
    given = account(row, (one, "75", "Listened."), note="Sleep.")
    del given[f"came_{place_of(row, two).public_id.hex}"]
    answer = browser.post(address, given)
    assert answer.status_code == 422
    assert "Say for everybody whether they came." in text(answer)
    assert 'value="Listened."' in text(answer)
    wrong = browser.post(address, account(row, (one, "700", ""), note=f"{two.family_name} left early."))
    assert wrong.status_code == 422
    assert "Somebody was there for 1 to 150 minutes." in text(wrong)
    assert "The shared note names somebody" in text(wrong)
    assert browser.post(address, account(row, (one, "", ""))).status_code == 422


def test_an_account_typed_while_somebody_was_checked_in_is_kept_and_sent_again(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=earlier, now=now)
    typed = account(row, (person, "50", "Slept well."), note="Plan for the weekend.")
    sessions.check_in(by=by, now=now, attendance_id=place_of(row, person).public_id)
    address = reverse("session_document", args=[row.public_id])
    answer = browser.post(address, typed)
    assert answer.status_code == 412
    assert "Plan for the weekend." in text(answer)
    row.refresh_from_db()
    assert f'name="version" value="{row.version}"' in text(answer)
    assert browser.post(address, typed | {"version": str(row.version)}).status_code == 303


def test_an_account_is_corrected_with_its_reason(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=earlier, now=now)
    assert browser.get(reverse("session_amend", args=[row.public_id])).status_code == 303
    browser.post(
        reverse("session_document", args=[row.public_id]), account(row, (person, "50", ""), note="First note.")
    )
    row.refresh_from_db()
    address = reverse("session_amend", args=[row.public_id])
    assert 'value="50"' in text(browser.get(address))
    assert browser.post(address, account(row, (person, "40", ""), note="Second note.")).status_code == 422
    given = account(row, (person, "40", ""), note="Second note.", reason="Left early.")
    assert browser.post(address, given).status_code == 303
    page = text(browser.get(reverse("session", args=[row.public_id])))
    for words in ("Second note.", "First note.", "Left early.", "40 min"):
        assert words in page
    assert browser.get(reverse("session_document", args=[row.public_id])).status_code == 303


def test_a_peer_supporter_does_not_open_the_account_of_anothers_session(
    client: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=earlier, now=now)
    line = sessions.Came(place_of(row, person).public_id, 40, "Night shift.")
    sessions.document(by=by, now=now, session_id=row.public_id, came=[line], note="Cravings.")
    peer = house.sign_in(client, house.staff(roles=[Role.PEER_SUPPORTER], sites=[site]))
    answer = peer.get(reverse("session_amend", args=[row.public_id]))
    assert answer.status_code == 403
    assert "Cravings" not in text(answer)


# -- booking ----------------------------------------------------------------------------------------------------------


def typed(now: datetime, site: Site, **changed: Any) -> dict[str, Any]:
    day = (now.astimezone(site.zone) + 2 * DAY).date()
    return {
        "what": "individual-counseling.individual", "on_day": str(day.day), "on_month": str(day.month),
        "on_year": str(day.year), "at": "10:30", "minutes": "", "leader": "", "room": "", "mode": "in_person",
    } | changed  # fmt: skip


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


# -- changes ----------------------------------------------------------------------------------------------------------


def test_a_session_moves_and_tells_what_stands_in_the_way(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    one, two = registered(site, by, 2)
    start = (now.astimezone(site.zone) + 2 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    row = make.individual(one, by=by, at=start, now=now)
    make.individual(two, by=by, at=start + 3 * HOUR, now=now)
    address = reverse("session_move", args=[row.public_id])
    assert 'value="10:00"' in text(browser.get(address))
    given = typed(now, site, at="13:20", minutes="50", leader=str(by.public_id), counts="yes", version=str(row.version))
    refused = browser.post(address, given)
    assert refused.status_code == 409
    assert "Basil Fictive has another session" in text(refused)
    assert browser.post(address, given | {"at": "11:15"}).status_code == 303
    row.refresh_from_db()
    assert (f"{row.starts_at.astimezone(site.zone):%H:%M}", row.plan_version) == ("11:15", 2)


def test_a_session_is_cancelled_with_a_word(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    person = registered(site, by)[0]
    row = make.individual(person, by=by, at=now + DAY, now=now)
    address = reverse("session_cancel", args=[row.public_id])
    assert person.display_name in text(browser.get(address))
    assert browser.post(address, {"version": row.version}).status_code == 422
    given = {"wish": "patient", "note": "Shift changed.", "version": row.version}
    page = text(browser.post(address, given, follow=True))
    assert "Shift changed." in page
    row.refresh_from_db()
    assert (row.status, row.cancelled_for) == (SessionStatus.CANCELLED, CancelledBy.PATIENT)


def test_somebody_joins_a_group_and_gives_the_place_up(browser: Client, site: Site, by: Actor, now: datetime) -> None:
    person = registered(site, by)[0]
    row = make.group(site, by=by, at=now + DAY, now=now)
    address = reverse("session_add", args=[row.public_id])
    assert browser.post(address, {}).status_code == 422
    assert person.display_name in text(browser.post(address, {"who": person.record_number}, follow=True))
    again = browser.post(address, {"patient": str(person.public_id)})
    assert again.status_code == 409
    assert "booked into this session already" in text(again)
    row.refresh_from_db()
    off = reverse("place_take_off", args=[place_of(row, person).public_id])
    assert person.display_name in text(browser.get(off))
    assert browser.post(off, {"wish": "patient", "note": "", "version": row.version}).status_code == 303
    assert place_of(row, person).status == AttendanceStatus.CANCELLED_BY_PATIENT


# -- the chart --------------------------------------------------------------------------------------------------------


def test_the_tab_of_the_chart_shows_minutes_places_and_meetings(
    browser: Client, site: Site, by: Actor, now: datetime, earlier: datetime
) -> None:
    person = registered(site, by)[0]
    pathways.enrolled(person, by=by, site=site, now=now - 9 * DAY)
    row = make.group(site, person, by=by, at=earlier, now=now)
    browser.post(reverse("session_document", args=[row.public_id]), account(row, (person, "75", "Listened.")))
    tab = reverse("chart", args=[person.public_id])
    page = text(browser.get(tab, {"tab": "sessions"}))
    for words in ("Sessions and attendance", "75 min", "Listened.", "Group therapy", "No meeting put down."):
        assert words in page
    given = {"kind": "smart_recovery", "attended_on": now.astimezone(site.zone).date().isoformat(), "minutes": "60",
             "source": "self_report", "note": ""}  # fmt: skip
    address = reverse("mutual_help", args=[person.public_id])
    assert browser.get(address).status_code == 200
    assert browser.post(address, given | {"kind": ""}).status_code == 422
    future = (now.astimezone(site.zone) + 3 * DAY).date().isoformat()
    assert "still to come" in text(browser.post(address, given | {"attended_on": future}))
    assert browser.post(address, given)["Location"] == f"{tab}?tab=sessions#tab"
    assert "SMART Recovery" in text(browser.get(tab, {"tab": "sessions"}))
    entry = MutualHelpAttendance.objects.get()
    browser.post(reverse("mutual_help_retract", args=[entry.public_id]))
    assert "Taken back" in text(browser.get(tab, {"tab": "sessions"}))


def test_the_tab_costs_the_same_with_fifty_sessions_as_with_five(
    browser: Client, site: Site, by: Actor, now: datetime
) -> None:
    def cost(person: Patient) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse("chart", args=[person.public_id]), {"tab": "sessions"}).status_code == 200
        return len(queries)

    few, many = registered(site, by, 2)
    for person, number, ahead in ((few, 5, 1), (many, 50, 40)):
        for n in range(number):
            make.individual(person, by=by, at=now + (ahead + n) * DAY, now=now)
    cost(few)
    assert cost(few) == cost(many)


def test_meetings_of_a_person_of_another_site_are_not_found(browser: Client) -> None:
    foreign = patients.patient(now=clock.now())
    assert browser.get(reverse("mutual_help", args=[foreign.public_id])).status_code == 404


# -- rooms ------------------------------------------------------------------------------------------------------------


def test_rooms_are_looked_after_on_the_page_of_their_site(client: Client, site: Site, by: Actor, now: datetime) -> None:
    administrator = house.sign_in(client, house.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site]))
    page = reverse("site", args=[site.public_id])
    assert "No room yet." in text(administrator.get(page))
    opened = administrator.post(
        reverse("room_new", args=[site.public_id]), {"name": "Willow", "seats": "9"}, follow=True
    )
    assert "Willow can be booked from now on." in text(opened)
    room = Room.objects.get()
    address = reverse("room", args=[room.public_id])
    assert administrator.post(address, {"name": "Willow", "seats": "0", "version": "1"}).status_code == 422
    assert administrator.post(address, {"name": "Oak", "seats": "4", "version": "1"}).status_code == 303
    assert administrator.post(address, {"name": "Elm", "seats": "4", "version": "1"}).status_code == 412
    row = make.group(site, by=by, at=now + DAY, now=now, room_id=room.public_id)
    close = reverse("room_close", args=[room.public_id])
    assert "1 session is still booked in Oak." in text(administrator.post(close, follow=True))
    sessions.cancel(by=by, now=now, session_id=row.public_id, wish=CancelledBy.CLINIC)
    assert "Oak is closed." in text(administrator.post(close, follow=True))
    assert administrator.get(reverse("room_new", args=[site.public_id])).status_code == 200
