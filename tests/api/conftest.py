"""A site, and who works there."""

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from tests.factories import clinic


@pytest.fixture
def site() -> Site:
    return clinic.site()


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
