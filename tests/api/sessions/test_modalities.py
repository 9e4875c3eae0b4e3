"""The modalities a session may have, and whether they count."""

import pytest

from clinic.models import Site
from tests.api.callers import program
from tests.factories import clinic as house

pytestmark = pytest.mark.django_db


def test_the_modalities_say_what_counts(site: Site) -> None:
    reader = program(house.api_client(scopes=["programs.read"], sites=[site]))
    found = {each["key"]: each for each in reader.get("/api/v1/modalities/").json()["results"]}
    assert len(found) == 25
    assert (found["yoga"]["counts_toward_hours"], found["cbt"]["settings"][0]["minutes"]) == (False, 50)
