"""Returns to use and the measures of a program over REST."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Site
from pathways.models import Enrollment
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
SCOPES = ["enrollments.read", "enrollments.write", "follow_ups.read"]
RETURNS = "/api/v1/returns-to-use/"
MEASURES = "/api/v1/programs/kratom-outpatient/measures/"


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def body(enrollment: Enrollment, **more: object) -> dict[str, object]:
    at = (clock.now() - timedelta(hours=2)).isoformat()
    return {"enrollment": str(enrollment.public_id), "effective_at": at} | more


def test_what_happened_is_recorded_with_it(caller: Caller, enrollment: Enrollment) -> None:
    told = {"substance": "kratom", "pattern": "once", "circumstances": ["stress"], "what_helped": "A walk"}
    made = caller.post(RETURNS, body(enrollment, **told))
    assert made.status_code == 201, made.json()
    assert {name: made.json()[name] for name in told} == told
    bare = caller.post(RETURNS, body(enrollment)).json()
    assert (bare["substance"], bare["pattern"], bare["circumstances"]) == (None, "not_said", [])


def test_what_somebody_else_told_is_read_only_by_who_may_read_assessments(
    caller: Caller, enrollment: Enrollment, site: Site
) -> None:
    caller.post(RETURNS, body(enrollment, substance="kratom", note="A bad week"))
    other = program(clinic.api_client(scopes=["enrollments.read"], sites=[site]))
    clinical = program(clinic.api_client(scopes=["enrollments.read", "assessments.read"], sites=[site]))
    seen = other.get(RETURNS).json()["results"][0]
    assert {seen[name] for name in ("pattern", "what_helped", "note", "substance", "circumstances")} == {None}
    assert clinical.get(RETURNS).json()["results"][0]["note"] == "A bad week"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"substance": "tea"}, "/substance"),
        ({"circumstances": ["weather"]}, "/circumstances/0"),
        ({"pattern": 1}, "/pattern"),
    ],
)
def test_words_that_are_none_are_refused_with_their_place(
    caller: Caller, enrollment: Enrollment, given: dict[str, object], pointer: str
) -> None:
    answer = caller.post(RETURNS, body(enrollment, **given))
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_measures_come_with_definition_n_and_filter(caller: Caller, enrollment: Enrollment, site: Site) -> None:
    caller.post(RETURNS, body(enrollment))
    found = caller.get(f"{MEASURES}?site={site.public_id}").json()
    assert [each["key"] for each in found["measures"]] == ["returns", "still_under_way", "to_contact", "to_step_back"]
    assert (found["measures"][0]["n"], found["measures"][0]["of"], found["measures"][0]["value"]) == (1, 1, 1.0)
    assert found["enrollments_by_returns"] == [0, 1, 0, 0]
    assert site.name in found["filter"] and all(each["definition"] for each in found["measures"])


@pytest.mark.parametrize(
    "query", ["first=2026-02-01&last=2026-01-01", "first=1990-01-01&last=2026-01-01", "colour=red"]
)
def test_days_that_cannot_be_counted_are_refused(caller: Caller, enrollment: Enrollment, query: str) -> None:
    assert caller.get(f"{MEASURES}?{query}").status_code == 422


def test_a_foreign_site_or_program_is_not_found(caller: Caller, enrollment: Enrollment) -> None:
    assert caller.get(f"{MEASURES}?site={uuid4()}").status_code == 404
    assert caller.get("/api/v1/programs/none/measures/").status_code == 404


def test_the_worklist_names_the_return_after_which_needs_are_rated(caller: Caller, enrollment: Enrollment) -> None:
    made = caller.post(RETURNS, body(enrollment)).json()
    lines = caller.get("/api/v1/worklist/").json()["lines"]
    assert [each["type"] for each in lines if each["id"] == made["id"]] == ["return_to_use"]


def test_measures_ask_as_much_for_many_as_for_one(caller: Caller, enrollment: Enrollment, site: Site) -> None:
    def asked() -> int:
        caller.get(MEASURES)
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(MEASURES).status_code == 200
        return len(queries)

    caller.post(RETURNS, body(enrollment))
    one = asked()
    for _ in range(3):
        other = pathways.enrolled(site=site, now=clock.now() - timedelta(days=5))
        assert caller.post(RETURNS, body(other)).status_code == 201
    assert asked() == one
