"""A clinician of a site, signed in three days after somebody was admitted there."""

import pytest
from django.test import Client

from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment
from tests.factories import clinic as make
from tests.factories import pathways
from tests.factories.course import LATER


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's clock stands; sessions and tokens keep the real time."""
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def clinician(site: Site) -> StaffMember:
    return make.staff(roles=[Role.CLINICIAN], sites=[site], name="Ada Samplewright")


@pytest.fixture
def browser(client: Client, clinician: StaffMember) -> Client:
    return make.sign_in(client, clinician)


@pytest.fixture
def enrollment(site: Site, clinician: StaffMember) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician.actor)
