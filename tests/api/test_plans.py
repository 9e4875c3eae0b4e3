"""Plans over REST: written, signed, reviewed, and who may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import Enrollment, Plan
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways
from tests.factories import plans as make

pytestmark = pytest.mark.django_db
SCOPES = ["plans.read", "plans.write"]
ROOT = "/api/v1"


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


def person(site: Site, role: Role = Role.COUNSELOR) -> Caller:
    return Caller(clinic.sign_in(Client(), clinic.staff(roles=[role], sites=[site])))


def opened(caller: Caller, enrollment: Enrollment, kind: str = "care") -> Any:
    answer = caller.post(f"{ROOT}/enrollments/{enrollment.public_id}/plans/", {"kind": kind})
    assert answer.status_code == 201, answer.json()
    return answer


def element(caller: Caller, plan: str, **given: Any) -> Any:
    return caller.post(f"{plan}elements/", {"kind": "problem", "text": "Sleeps badly"} | given)


def test_a_plan_is_opened_written_and_read_as_a_whole(caller: Caller, enrollment: Enrollment) -> None:
    plan = opened(caller, enrollment)["Location"]
    problem = element(caller, plan)
    assert problem.status_code == 201, problem.json()
    goal = element(caller, plan, kind="goal", parent=problem.json()["id"], text="Sleep", own_words="I want to sleep")
    found = caller.get(plan).json()
    assert [(each["kind"], each["parent"]) for each in found["elements"]] == [
        ("problem", None),
        ("goal", problem.json()["id"]),
    ]
    assert caller.get(goal["Location"]).json() == goal.json()
    listed = caller.get(f"{ROOT}/enrollments/{enrollment.public_id}/plans/").json()["plans"]
    assert listed == [found]


def test_a_change_needs_the_version_that_was_seen(caller: Caller, enrollment: Enrollment) -> None:
    made = element(caller, opened(caller, enrollment)["Location"])
    address, tag = made["Location"], made["ETag"]
    assert caller.put(address, {"text": "Other"}).status_code == 428
    assert caller.put(address, {"text": "Other"}, If_Match=tag).json()["text"] == "Other"
    assert caller.put(address, {"text": "Third"}, If_Match=tag).status_code == 412


def test_what_is_wrong_is_told_with_its_place(caller: Caller, enrollment: Enrollment) -> None:
    plan = opened(caller, enrollment)["Location"]
    for given, pointer in (
        ({"kind": "goal"}, "/parent"),
        ({"kind": "trigger"}, "/kind"),
        ({"text": ""}, "/text"),
        ({"modality": "levitation"}, "/modality"),
        ({"colour": "red"}, "/colour"),
    ):
        answer = element(caller, plan, **given)
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_a_signature_holds_for_the_version_it_was_given_on(caller: Caller, enrollment: Enrollment, site: Site) -> None:
    plan = opened(caller, enrollment)["Location"]
    element(caller, plan)
    tag = caller.get(plan)["ETag"]
    signed = caller.post(f"{plan}sign/", {"signer": "patient", "name": "Ada Example"}, If_Match=tag)
    assert [each["holds"] for each in signed.json()["signatures"]] == [True]
    assert signed.json()["signatures"][0]["digest"] == signed.json()["digest"]
    assert caller.post(f"{plan}sign/", {"signer": "staff"}, If_Match=tag).status_code == 403
    assert person(site).post(f"{plan}sign/", {"signer": "staff"}, If_Match=tag).status_code == 200
    changed = caller.put(plan, {"own_words": "My kids"}, If_Match=tag)
    assert [each["holds"] for each in changed.json()["signatures"]] == [False, False]


def test_lines_are_moved_ended_and_taken_up_again(caller: Caller, enrollment: Enrollment) -> None:
    plan = opened(caller, enrollment, "recovery")["Location"]
    first = element(caller, plan, kind="trigger", text="Payday")
    second = element(caller, plan, kind="trigger", text="Sunday evenings")
    moved = caller.post(f"{second['Location']}move/", {"position": 0}, If_Match=second["ETag"])
    assert moved.json()["position"] == 0
    address = first["Location"]
    ended = caller.post(f"{address}end/", {"status": "stopped"}, If_Match=caller.get(address)["ETag"])
    assert ended.json()["status"] == "stopped"
    again = caller.post(f"{address}reopen/", If_Match=ended["ETag"])
    assert (again.status_code, again.json()["ended_at"]) == (200, None)


def test_a_review_and_the_end_of_a_plan(caller: Caller, enrollment: Enrollment) -> None:
    answer = opened(caller, enrollment)
    plan = answer["Location"]
    reviewed = caller.post(f"{plan}review/", {"note": "Stands"}, If_Match=answer["ETag"])
    assert [each["note"] for each in reviewed.json()["reviews"]] == ["Stands"]
    closed = caller.post(f"{plan}close/", If_Match=reviewed["ETag"])
    assert closed.json()["closed_at"] is not None
    assert caller.post(f"{plan}close/", If_Match=closed["ETag"]).json()["code"] == "plan_closed"


def test_the_same_key_writes_once(caller: Caller, enrollment: Enrollment) -> None:
    plan = opened(caller, enrollment)["Location"]
    body = {"kind": "problem", "text": "Sleeps badly"}
    first = caller.post(f"{plan}elements/", body, Idempotency_Key="one")
    assert caller.post(f"{plan}elements/", body, Idempotency_Key="one").content == first.content
    assert Plan.objects.get().elements.count() == 1


def test_strangers_and_readers_do_not_write(caller: Caller, enrollment: Enrollment, site: Site) -> None:
    plan = opened(caller, enrollment)["Location"]
    stranger = program(clinic.api_client(scopes=SCOPES))
    assert stranger.get(plan).status_code == 404
    assert element(stranger, plan).status_code == 404
    reader = program(clinic.api_client(scopes=["plans.read"], sites=[site]))
    assert reader.get(plan).status_code == 200
    assert element(reader, plan).status_code == 403


def test_the_list_asks_as_much_for_two_plans_as_for_one(caller: Caller, enrollment: Enrollment, site: Site) -> None:
    by = clinic.actor(sites=[site])
    make.care_plan(enrollment, by=by, now=clock.now())
    address = f"{ROOT}/enrollments/{enrollment.public_id}/plans/"

    def asked() -> int:
        caller.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(address).status_code == 200
        return len(queries)

    one = asked()
    opened(caller, enrollment, "recovery")
    assert asked() == one
