"""Rehearsing over REST: the same walk as on the page, as JSON."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.models import Site
from pathways.models import ProgramVersion
from patients.models import Patient
from tests.api import callers
from tests.factories import clinic as make
from tests.factories import pathways

pytestmark = pytest.mark.django_db
MONTH = {"start_on": "2026-01-05", "days": 30}


@pytest.fixture
def caller(site: Site) -> callers.Caller:
    return callers.program(make.api_client(scopes=["programs.read"], sites=[site]))


@pytest.fixture
def version() -> ProgramVersion:
    return pathways.program()


def address(version: ProgramVersion) -> str:
    return reverse("api_rehearsals", args=[version.program.key, version.number])


def asked(caller: callers.Caller, version: ProgramVersion, **body: Any) -> Any:
    return caller.post(address(version), MONTH | body)


def test_a_month_is_told_whole(caller: callers.Caller, version: ProgramVersion) -> None:
    answer = asked(caller, version)
    body = answer.json()
    assert answer.status_code == 200
    assert body["title"] == "Steady"
    assert [each["kind"] for each in body["moves"]] == ["admit", "advance"]
    assert body["messages"]["follow_up.welcome"] == 1
    assert body["gates"][1]["in_the_way"]
    assert {"move", "gate", "contact", "message", "finding"} <= {each["kind"] for each in body["timeline"]}
    assert "aftercare-checkup" in body["never_fired"]["follow_ups"]
    assert not Patient.objects.exists()


def test_the_script_that_was_played_gives_the_same_again(caller: callers.Caller, version: ProgramVersion) -> None:
    first = asked(caller, version, preset="random", seed=3).json()
    again = asked(caller, version, script=first["script"], seed=3).json()
    assert again == first


def test_a_mistake_in_a_script_is_pointed_at(caller: callers.Caller, version: ProgramVersion) -> None:
    script = {"title": "Mine", "events": [{"what": "relapse", "on_day": 3}], "colour": "blue"}
    answer = asked(caller, version, script=script)
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {"/script/events/0/what", "/script/colour"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"days": 7}, "/days"),
        ({"seed": -1}, "/seed"),
        ({"preset": "sober"}, "/preset"),
        ({"preset": "steady", "script": {"title": "Mine"}}, "/script"),
        ({"colour": "blue"}, "/colour"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(
    caller: callers.Caller, version: ProgramVersion, body: dict[str, Any], pointer: str
) -> None:
    answer = asked(caller, version, **body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_the_clock_of_a_foreign_site_is_not_found(caller: callers.Caller, version: ProgramVersion) -> None:
    assert asked(caller, version, site=str(make.site().public_id)).status_code == 404


def test_a_program_without_the_scope_is_refused(site: Site, version: ProgramVersion) -> None:
    stranger = callers.program(make.api_client(scopes=["patients.read"], sites=[site]))
    assert asked(stranger, version).status_code == 403
