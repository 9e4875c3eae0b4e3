"""A program that books sessions at the site, for whom, and when."""

from datetime import datetime

import pytest

from clinic import clock
from clinic.models import Actor, Site
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.factories import clinic as house
from tests.factories import patients

SCOPES = ["sessions.read", "sessions.write"]


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(house.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def now() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def patient(site: Site, by: Actor, now: datetime) -> Patient:
    return patients.patient(site, by=by, now=now)
