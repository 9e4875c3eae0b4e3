"""Pages that move or cancel a session, and take people in or off."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, Site
from pathways.rules.sessions import AttendanceStatus, CancelledBy, SessionStatus
from tests.factories import sessions as make
from tests.factories.sessions import DAY, HOUR, place_of
from tests.web.sessions.pages import registered, text, typed

pytestmark = pytest.mark.django_db


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
