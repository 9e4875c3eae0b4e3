"""A clinician of a site, signed in."""

import pytest
from django.test import Client

from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from tests.factories import clinic


@pytest.fixture
def member(site: Site) -> StaffMember:
    return clinic.staff(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def browser(client: Client, member: StaffMember) -> Client:
    return clinic.sign_in(client, member)
