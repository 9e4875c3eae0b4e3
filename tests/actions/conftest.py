"""Who works at a site, and somebody in their care."""

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import Enrollment
from tests.factories import clinic, pathways


@pytest.fixture
def clinician(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site, clinician: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician)
