"""Who books sessions at a site, signed in, and the hours of this day."""

from datetime import datetime

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from tests.factories import clinic as house
from tests.factories.sessions import HOUR


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
