"""Who books sessions, for whom, and where."""

import pytest

from clinic.models import Actor, Room, Site
from clinic.rules.roles import Role
from patients.models import Patient
from tests.factories import clinic, patients
from tests.factories import sessions as make


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def patient(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by)


@pytest.fixture
def room(site: Site) -> Room:
    return make.room(site)
