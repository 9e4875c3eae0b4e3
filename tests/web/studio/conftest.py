"""Who writes programs, signed in, and a draft nobody has changed yet."""

import pytest
from django.test import Client

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import ProgramVersion
from tests.factories import clinic
from tests.web.studio.pages import begun


@pytest.fixture
def manager(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


@pytest.fixture
def browser(client: Client, manager: Actor) -> Client:
    return clinic.sign_in(client, manager.staff_member)


@pytest.fixture
def draft(manager: Actor) -> ProgramVersion:
    return begun(manager)
