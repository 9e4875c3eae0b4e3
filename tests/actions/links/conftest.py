"""Links have an address, and somebody an appointment."""

from typing import Any

import pytest

from clinic.models import Actor, Site
from pathways.models import Attendance
from patients.models import Patient
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PATIENT_LINK_URL = given.BASE


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by, contact_points=[patients.phone(), patients.email()])


@pytest.fixture
def place(person: Patient, by: Actor) -> Attendance:
    return make_session.place_of(make_session.individual(person, by=by, at=NOW + 48 * HOUR), person)
