"""A gate over REST tells what was found to who reads assessments, as the chart does; to others, what is asked."""

from typing import Any

import pytest
from django.test import Client

from clinic.models import Site
from clinic.rules.roles import TABLE, Permission, Role
from pathways.models import Enrollment, Transition
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import pathways
from tests.factories.course import LATER, ready_for_therapy

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/enrollments/"
FINDINGS = ("state", "found", "evidence", "lapses_on", "earliest", "next_step")
READ, WRITE, FOUND = "enrollments.read", "enrollments.write", "assessments.read"


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def enrollment(site: Site) -> Enrollment:
    """Somebody with all the first gate asks for but one form."""
    row = pathways.enrolled(site=site)
    ready_for_therapy(row, make.actor(roles=[Role.CLINICIAN], sites=[site]), but="cows")
    return row


def person(site: Site, role: Role) -> Caller:
    return Caller(make.sign_in(Client(), make.staff(roles=[role], sites=[site])))


def client(site: Site, *scopes: str) -> Caller:
    return program(make.api_client(scopes=list(scopes), sites=[site]))


def of(row: Enrollment, verb: str = "") -> str:
    return f"{ROOT}{row.public_id}/{verb + '/' if verb else ''}"


def walked(criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These and all within them."""
    return [each for one in criteria for each in (one, *walked(one["children"]))]


def told(criteria: list[dict[str, Any]], *names: str) -> set[bool]:
    """Whether anything is said of these parts, at any depth."""
    return {each[name] is not None for each in walked(criteria) for name in names or FINDINGS}


def gates(caller: Caller, row: Enrollment) -> list[dict[str, Any]]:
    """The gate ahead as both doors tell it."""
    return [caller.get(of(row, verb)).json()["next_gate"] for verb in ("", "gate")]


@pytest.mark.parametrize("role", sorted(role for role in Role if Permission.ENROLLMENT_READ in TABLE[role]))
def test_each_role_reads_of_the_gate_ahead_what_it_may_read_of_findings(
    role: Role, site: Site, enrollment: Enrollment
) -> None:
    may = Permission.ASSESSMENT_READ in TABLE[role]
    for gate in gates(person(site, role), enrollment):
        criteria = gate["criteria"]
        assert told(criteria, "found", "state", "evidence", "set_aside") == {may}
        assert may or told(criteria) == {False}
        assert may or (gate["earliest"], gate["lapses_next"]) == (None, None)
        assert all(each["sentence"] for each in walked(criteria)), "what is asked stands in the program"
        assert (gate["met"], gate["met_count"], gate["of_count"]) == (False, 4, 5), "as on the board"


def test_which_roles_read_them_is_seen() -> None:
    """The roles above are of both kinds: nobody at the front desk, and no peer supporter, reads findings."""
    reading = {role for role in Role if Permission.ENROLLMENT_READ in TABLE[role]}
    assert {role for role in reading if Permission.ASSESSMENT_READ not in TABLE[role]} == {
        Role.FRONT_DESK, Role.PEER_SUPPORTER,
    }  # fmt: skip


def test_a_program_reads_findings_in_a_gate_by_its_scope_for_assessments(site: Site, enrollment: Enrollment) -> None:
    for gate in gates(client(site, READ), enrollment):
        assert told(gate["criteria"], *FINDINGS, "set_aside") == {False}
    for gate in gates(client(site, READ, FOUND), enrollment):
        assert told(gate["criteria"], "found", "state", "evidence", "set_aside") == {True}


def test_a_refused_move_tells_a_program_no_more_than_the_gate_does(site: Site, enrollment: Enrollment) -> None:
    for caller in (client(site, READ, WRITE), client(site, READ, WRITE, FOUND)):
        answer = caller.post(of(enrollment, "advance"), {}, If_Match='"1"')
        body, (gate, _) = answer.json(), gates(caller, enrollment)
        assert (answer.status_code, body["code"]) == (409, "gate_not_met")
        assert {name: body[name] for name in gate} == gate


def test_a_move_made_tells_what_was_found_then_to_who_reads_assessments_now(site: Site, enrollment: Enrollment) -> None:
    ready_for_therapy(enrollment, make.actor(roles=[Role.CLINICIAN], sites=[site]))
    mover = client(site, READ, WRITE)
    made = mover.post(of(enrollment, "advance"), {}, If_Match='"1"').json()
    assert told(made["criteria"]) == {False}, "not even to who made it"
    assert told(made["criteria"], "set_aside") == {True}, "but what it set aside itself"
    kept = Transition.objects.get(kind="advance").decision_text["criteria"]
    assert told(kept, "found") == {True}, "the record holds all"
    for caller, may in ((person(site, Role.FRONT_DESK), False), (person(site, Role.NURSE), True)):
        seen = caller.get(of(enrollment, "transitions")).json()["results"][0]
        assert told(seen["criteria"], "found", "state", "evidence") == {may}
        assert [each["sentence"] for each in seen["criteria"]] == [each["sentence"] for each in kept]


def test_who_may_move_or_admit_people_reads_what_a_gate_found() -> None:
    """The page that says "not yet" shows every finding: no role sees it that may not."""
    moving = {Permission.ENROLLMENT_MOVE, Permission.ENROLLMENT_WRITE, Permission.COSIGN, Permission.OVERRIDE}
    assert all(Permission.ASSESSMENT_READ in held for held in TABLE.values() if moving & held)


def test_the_schema_says_which_parts_of_a_gate_are_null_for_whom() -> None:
    shapes = Client().get("/api/v1/schema/").json()["components"]["schemas"]
    parts = shapes["CriterionRow"]["properties"]
    for name in (*FINDINGS, "set_aside"):
        assert parts[name]["description"] == "Null for those who do not read assessments.", name
        assert "null" in str(parts[name]), name
    assert "description" not in parts["sentence"]
    assert "do not read assessments" in shapes["ProblemDocument"]["properties"]["criteria"]["description"]
