"""Links have an address, the clock stands, and somebody has a link of each purpose."""

from typing import Any

import pytest

from clinic.models import Actor, Site
from pathways.models import Attendance, PatientLink
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.patients import NOW


@pytest.fixture(autouse=True)
def public(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PATIENT_LINK_URL = given.BASE
    monkeypatch.setattr("clinic.clock.now", lambda: NOW)


@pytest.fixture
def site() -> Site:
    return make.site(discreet_name="the red door", phone="+12025550143")


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    points = [patients.phone(), patients.email()]
    return patients.patient(site, by=by, given_name="Juniper", family_name="Quillfeather", contact_points=points)


@pytest.fixture
def place(person: Patient, by: Actor) -> Attendance:
    row = make_session.individual(person, by=by, at=NOW.replace(hour=14, minute=0) + 2 * make_session.HOUR * 24)
    return make_session.place_of(row, person)


@pytest.fixture
def every(person: Patient, place: Attendance, by: Actor) -> list[PatientLink]:
    """A link of each purpose."""
    return [
        given.to_appointment(place, by=by),
        given.to_form(person, "phq9", by=by),
        given.to_preferences(person, by=by),
    ]
