"""A time on a page is told with its zone where the clock there shows something else than the reader's; and lists that
go back for years tell the year."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.models import Enrollment, Reminder, Reply
from pathways.rules.follow_ups import Outcome
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories import sessions as sessions_of
from tests.factories.course import DAY, LATER, recorded
from tests.factories.patients import NOW
from tests.factories.replies import wrote
from tests.web.pages import words

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 6, 18, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's clock stands; sessions keep the real time."""
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def site() -> Site:
    return make.site(name="Riverbend")


@pytest.fixture
def elsewhere() -> Site:
    """A site of the same clinic an hour behind."""
    return make.site(name="Lakeside", time_zone="America/Chicago")


@pytest.fixture
def by(site: Site, elsewhere: Site) -> Actor:
    return make.actor(roles=[Role.SUPERVISOR], sites=[site, elsewhere])


def enrolled(site: Site, by: Actor, zone: str = "America/New_York") -> Enrollment:
    """Somebody who lives in that zone and began three days ago."""
    one = patients.patient(site, by=by, time_zone=zone, contact_points=[patients.phone()])
    return pathways.enrolled(one, by=by, site=site, now=NOW)


def said(client: Client, *sites: Site, name: str, role: Role = Role.SUPERVISOR, args: tuple[object, ...] = (),
         **query: str) -> str:  # fmt: skip
    """What the page says to somebody who works at the first of these sites now."""
    browser = make.sign_in(client, make.staff(roles=[role], sites=sites))
    browser.post(reverse("switch_site"), {"site": str(sites[0].public_id)})
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return words(answer)


def told(form: str, zone: str, **context: object) -> str:
    page = Template(f'{{% load components %}}{{% when moment "{form}" zone %}}')
    return page.render(Context({"moment": MOMENT, "zone": ZoneInfo(zone)} | context))


def test_a_moment_of_another_zone_names_it_and_one_of_ones_own_does_not(site: Site) -> None:
    assert told("datetime", "America/New_York", site=site) == "Thu 18 Jun 10:00"
    assert told("datetime", "America/Detroit", site=site) == "Thu 18 Jun 10:00", "the clocks agree"
    assert told("datetime", "America/Chicago", site=site) == "Thu 18 Jun 09:00 CDT"
    assert told("dated", "America/Chicago", site=site) == "Thu 18 Jun 2026 09:00 CDT"
    assert told("until", "America/Chicago", site=site) == "09:00 CDT"
    assert told("time", "America/Chicago", site=site) == "09:00"
    assert told("datetime", "America/New_York", site=None) == "Thu 18 Jun 10:00 EDT", "who works nowhere reads in UTC"
    assert told("datetime", "America/Chicago") == "Thu 18 Jun 09:00", "a page of nobody's site names none"


def test_today_names_the_zone_of_people_who_live_in_another(client: Client, site: Site, by: Actor) -> None:
    enrolled(site, by, "America/Denver")
    enrolled(site, by)
    page = said(client, site, name="today", scope="site")
    assert "today, 09:30 MDT" in page
    assert "today, 09:30 " in page.replace("today, 09:30 MDT", "")
    assert "EDT" not in page


def test_messages_of_a_person_at_another_site_name_their_zone_on_the_chart(
    client: Client, site: Site, elsewhere: Site, by: Actor
) -> None:
    row = enrolled(elsewhere, by, "America/Chicago")
    asked = {"name": "chart", "args": (row.patient.public_id,), "tab": "contacts"}
    assert " CDT" in said(client, site, elsewhere, **asked)  # type: ignore[arg-type]
    assert " CDT" not in said(Client(), elsewhere, site, **asked)  # type: ignore[arg-type]


def test_a_session_at_another_site_names_its_zone_once(client: Client, site: Site, elsewhere: Site, by: Actor) -> None:
    one = patients.patient(elsewhere, by=by)
    session = sessions_of.individual(one, by=by, at=MOMENT + 10 * DAY, site=elsewhere)
    assert "09:00–09:50 CDT" in said(client, site, elsewhere, name="session", args=(session.public_id,))
    assert "09:00–09:50 CDT" not in said(Client(), elsewhere, site, name="session", args=(session.public_id,))


def test_delivery_says_in_which_zone_its_times_are_where_sites_do_not_share_one(client: Client, site: Site) -> None:
    manager = {"name": "delivery", "role": Role.PROGRAM_MANAGER}
    assert "times in" not in said(client, site, **manager)  # type: ignore[arg-type]
    make.site(time_zone="America/Chicago")
    assert "times in America/New_York" in said(Client(), site, **manager)  # type: ignore[arg-type]


def test_hours_somebody_may_be_written_to_name_their_zone_where_it_is_another(
    client: Client, site: Site, by: Actor
) -> None:
    point = patients.phone(opens=time(10), closes=time(18))
    near, far = (
        patients.patient(site, by=by, time_zone=zone, contact_points=[point])
        for zone in ("America/New_York", "America/Denver")
    )
    assert "10:00–18:00 America/Denver" in said(client, site, name="patient_contacts", args=(far.public_id,))
    assert "America" not in said(Client(), site, name="patient_contacts", args=(near.public_id,))


def test_contacts_and_sessions_on_the_chart_tell_the_year(client: Client, site: Site, by: Actor) -> None:
    row = enrolled(site, by)
    sessions_of.individual(row.patient, by=by, at=MOMENT + 10 * DAY)
    first = row.follow_ups.open().order_by("due_at")[0]
    follow_ups.close(by=by, now=LATER, follow_up_id=first.public_id, outcome=Outcome.REACHED)
    last = row.follow_ups.open().order_by("-due_on")[0].due_on
    contacts = said(client, site, name="chart", args=(row.patient.public_id,), tab="contacts")
    assert f"{last:%a} {last.day} {last:%b %Y}" in contacts
    ended = LATER.astimezone(site.zone)
    assert f"{ended:%a} {ended.day} {ended:%b %Y %H:%M}" in contacts
    assert "Sun 28 Jun 2026" in said(Client(), site, name="chart", args=(row.patient.public_id,), tab="sessions")


def test_messages_and_replies_tell_the_year(client: Client, site: Site, by: Actor) -> None:
    one = enrolled(site, by).patient
    wrote("Where do I park?", now=LATER)
    at = Reply.objects.get().received_at.astimezone(site.zone)
    assert f"{at:%a} {at.day} {at:%b %Y %H:%M}" in said(client, site, name="replies")
    planned = Reminder.objects.filter(patient=one).order_by("next_at")[0].next_at.astimezone(site.zone)
    chart = said(Client(), site, name="chart", args=(one.public_id,), tab="contacts")
    assert f"{planned:%a} {planned.day} {planned:%b %Y %H:%M}" in chart


def test_forms_in_a_list_tell_the_year(client: Client, site: Site, by: Actor) -> None:
    one = enrolled(site, by).patient
    recorded(one, "phq9", by=by, at=NOW)
    at = NOW.astimezone(site.zone)
    page = said(client, site, name="assessments", args=(one.public_id,))
    assert f"{at:%a} {at.day} {at:%b %Y %H:%M}" in page


def test_what_happened_tells_the_year(client: Client, site: Site, by: Actor) -> None:
    row = enrolled(site, by)
    began = NOW.astimezone(site.zone)
    page = said(client, site, name="chart", args=(row.patient.public_id,), tab="timeline")
    assert f"{began:%a} {began.day} {began:%b %Y}" in page
