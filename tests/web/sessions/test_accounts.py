"""The account of a session, typed in its line or on its page, and the chart's tab that shows it."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.models import MutualHelpAttendance, Session
from pathways.rules.sessions import HelpKind
from patients.models import Patient
from tests.factories import clinic as house
from tests.factories import pathways, patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY, place_of
from tests.web.sessions.pages import HTMX, registered, text

pytestmark = pytest.mark.django_db


def account(row: Session, *here: tuple[Patient, str, str], note: str = "", **more: str) -> dict[str, str]:
    """What the form sends: those who came with minutes and a line, everybody else away."""
    given = {"note": note, "version": str(row.version), **more}
    for place in row.attendances.select_related("patient"):
        found = next((each for each in here if each[0].pk == place.patient_id), None)
        key = place.public_id.hex
        given[f"came_{key}"] = "here" if found else "away"
        given[f"minutes_{key}"], given[f"line_{key}"] = (found[1], found[2]) if found else ("90", "")
    return given


# the account


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


# the chart


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


@pytest.mark.parametrize(("role", "reads"), [(Role.FRONT_DESK, False), (Role.NURSE, True)])
def test_the_note_of_a_meeting_is_read_by_those_who_read_assessments(
    client: Client, site: Site, by: Actor, now: datetime, role: Role, reads: bool
) -> None:
    (person,) = registered(site, by, 1)
    told = {"kind": HelpKind.SMART_RECOVERY, "attended_on": now.astimezone(site.zone).date(), "note": "CANARY relapse"}
    sessions.record_mutual_help(by=by, now=now, patient_id=person.public_id, **told)
    other = house.sign_in(client, house.staff(roles=[role], sites=[site]))
    page = text(other.get(reverse("chart", args=[person.public_id]), {"tab": "sessions"}))
    assert "SMART Recovery" in page and ("CANARY" in page) is reads


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
