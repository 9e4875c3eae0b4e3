"""Somebody who can be written to."""

import pytest

from clinic.models import Actor, Site
from patients.models import Patient
from tests.factories.replies import somebody


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return somebody(site, by)
