"""Places, the waitlist, the census and levels of care over REST."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, WaitlistEntry
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db
SCOPES = ["capacity.read", "capacity.write", "enrollments.read", "enrollments.write"]
CANARY, DESK = "CANARY drank again", Role.FRONT_DESK
CAPACITY, WAITLIST, CENSUS = "/api/v1/capacity/", "/api/v1/waitlist/", "/api/v1/census/"


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture(autouse=True)
def the_program() -> None:
    pathways.program(now=clock.now() - timedelta(days=30))


def capacity(site: Site, number: int = 3, **given: Any) -> dict[str, Any]:
    return {"site": str(site.public_id), "program": pathways.KRATOM, "number": number} | given


def put(caller: Caller, site: Site, **given: Any) -> Any:
    body = {"patient": str(patients.patient(site).public_id), "program": pathways.KRATOM} | given
    answer = caller.post(WAITLIST, body)
    assert answer.status_code == 201, answer.json()
    return answer


def somebody(site: Site, role: Role = Role.CLINICIAN) -> Caller:
    return Caller(clinic.sign_in(Client(), clinic.staff(roles=[role], sites=[site])))


def soon() -> str:
    return (clock.now() + timedelta(days=1)).isoformat()


def offered(caller: Caller, wait: Any) -> Any:
    return caller.post(
        f"{wait['Location']}offers/", {"expires_at": soon()}, If_Match=caller.get(wait["Location"])["ETag"]
    )


def test_places_are_set_and_told_with_what_is_free(caller: Caller, site: Site) -> None:
    made = caller.post(CAPACITY, capacity(site))
    assert made.status_code == 201, made.json()
    pathways.enrolled(site=site, now=clock.now() - timedelta(hours=1))
    offered(caller, put(caller, site))
    (found,) = caller.get(CAPACITY).json()["places"]
    assert (found["number"], found["taken"], found["held"], found["free"]) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [({"number": -1}, "/number"), ({"program": "none"}, "/program"), ({"level": "L9"}, "/level"), ({"x": 1}, "/x")],
)
def test_a_number_that_cannot_be_is_refused_with_its_place(
    caller: Caller, site: Site, given: dict[str, Any], pointer: str
) -> None:
    answer = caller.post(CAPACITY, capacity(site, **given))
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_the_line_is_listed_in_order(caller: Caller, site: Site) -> None:
    first, urgent = put(caller, site).json(), put(caller, site, priority="urgent").json()
    found = caller.get(f"{WAITLIST}?open=true&site={site.public_id}").json()["results"]
    assert [each["id"] for each in found] == [urgent["id"], first["id"]]
    pages = caller.get(f"{WAITLIST}?page_size=1").json()
    assert [each["id"] for each in caller.get(pages["next"]).json()["results"]] == [first["id"]]


def test_a_place_is_offered_and_taken(caller: Caller, site: Site) -> None:
    wait = put(caller, site)
    made = offered(caller, wait)
    assert made.status_code == 201, made.json()
    offer = made.json()["offers"][0]["id"]
    began = caller.post(f"/api/v1/place-offers/{offer}/accept/", {})
    assert (began.status_code, began.json()["status"]) == (200, "active")
    assert caller.get(wait["Location"]).json()["status"] == "admitted"


def test_where_nothing_is_free_no_place_is_offered(caller: Caller, site: Site) -> None:
    caller.post(CAPACITY, capacity(site, 0))
    answer = offered(caller, put(caller, site))
    assert (answer.status_code, answer.json()["code"]) == (409, "place_none_free")


def test_a_place_is_declined_taken_back_and_the_wait_ended(caller: Caller, site: Site) -> None:
    wait = put(caller, site)
    first = offered(caller, wait).json()["offers"][0]["id"]
    told = caller.post(f"/api/v1/place-offers/{first}/decline/", {"reason": "cost"})
    assert (told.json()["status"], told.json()["offers"][0]["decline_reason"]) == ("waiting", "cost")
    second = offered(caller, wait).json()["offers"][1]["id"]
    assert caller.post(f"/api/v1/place-offers/{second}/take-back/", {}).json()["offers"][1]["answer"] == "taken_back"
    tag = caller.get(wait["Location"])["ETag"]
    ended = caller.post(f"{wait['Location']}withdraw/", {"reason": "did_not_start"}, If_Match=tag)
    assert ended.json()["status"] == "withdrawn"


def test_urgency_is_changed_by_the_version_that_was_seen(caller: Caller, site: Site) -> None:
    wait = put(caller, site)
    body = {"priority": "pregnant", "reason": "no_bed"}
    assert caller.put(wait["Location"], body).status_code == 428
    assert caller.put(wait["Location"], body, If_Match=wait["ETag"]).json()["priority"] == "pregnant"
    assert caller.put(wait["Location"], body, If_Match=wait["ETag"]).status_code == 412


def test_the_census_adds_up_day_by_day(caller: Caller, site: Site) -> None:
    pathways.enrolled(site=site, now=clock.now() - timedelta(days=3))
    days = caller.get(f"{CENSUS}?program={pathways.KRATOM}").json()["days"]
    assert len(days) == 31
    assert [each["people"] for each in days[-5:]] == [0, 1, 1, 1, 1]
    assert days[-4]["admissions"] == 1
    for query in ("first=2026-02-02&last=2026-02-01", "first=2020-01-01&last=2026-01-01"):
        assert caller.get(f"{CENSUS}?program={pathways.KRATOM}&{query}").status_code == 422


def test_a_level_is_changed_and_listed(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site, now=clock.now() - timedelta(days=3))
    address = f"/api/v1/enrollments/{row.public_id}/level-transfers/"
    made = caller.post(address, {"to_level": "L2", "reason": "step_up"})
    assert made.status_code == 201, made.json()
    assert [each["id"] for each in caller.get(address).json()["results"]] == [made.json()["id"]]
    again = caller.post(address, {"to_level": "L2", "reason": "step_up"})
    assert [each["pointer"] for each in again.json()["errors"]] == ["/to_level"]


def test_why_a_level_changed_is_read_by_who_wrote_it_and_who_reads_assessments(caller: Caller, site: Site) -> None:
    row = pathways.enrolled(site=site, now=clock.now() - timedelta(days=3))
    address = f"/api/v1/enrollments/{row.public_id}/level-transfers/"
    made = caller.post(address, {"to_level": "L2", "reason": "step_up", "note": CANARY})
    assert made.json()["note"] == CANARY
    told = [each.get(address).json()["results"][0] for each in (caller, somebody(site), somebody(site, DESK))]
    assert [each["note"] for each in told] == [CANARY, CANARY, None]


def test_what_was_written_about_a_wait_is_for_those_who_read_assessments(caller: Caller, site: Site) -> None:
    wait = put(caller, site, note=CANARY)
    written = {"expires_at": soon(), "despite_full": CANARY}
    assert caller.post(f"{wait['Location']}offers/", written, If_Match=wait["ETag"]).status_code == 201
    for address in (WAITLIST, wait["Location"]):
        assert CANARY not in somebody(site, DESK).get(address).content.decode()
        assert somebody(site).get(address).content.decode().count(CANARY) == 2


def test_strangers_and_readers_change_nothing(caller: Caller, site: Site) -> None:
    wait = put(caller, site)
    stranger = program(clinic.api_client(scopes=SCOPES))
    assert stranger.get(wait["Location"]).status_code == 404
    assert stranger.get(f"{CAPACITY}?site={site.public_id}").status_code == 404
    assert stranger.post(CAPACITY, capacity(site)).status_code == 404
    assert stranger.get(WAITLIST).json()["results"] == []
    reader = program(clinic.api_client(scopes=["capacity.read"], sites=[site]))
    assert reader.get(wait["Location"]).status_code == 200
    assert reader.post(CAPACITY, capacity(site)).status_code == 403
    assert Enrollment.objects.get().status == "waitlisted"


def test_the_line_asks_as_much_for_many_as_for_one(caller: Caller, site: Site) -> None:
    def asked() -> int:
        caller.get(WAITLIST)
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(WAITLIST).status_code == 200
        return len(queries)

    offered(caller, put(caller, site))
    one = asked()
    for _ in range(3):
        offered(caller, put(caller, site))
    assert asked() == one
    assert WaitlistEntry.objects.count() == 4
