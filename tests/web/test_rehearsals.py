"""Rehearsing on a page: choose, run, read, filter, run again; nothing is kept."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment, ProgramVersion
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories import pathways

pytestmark = pytest.mark.django_db
MONTH = 30


@pytest.fixture
def manager() -> StaffMember:
    return make.staff(roles=[Role.PROGRAM_MANAGER])


@pytest.fixture
def browser(client: Client, manager: StaffMember) -> Client:
    return make.sign_in(client, manager)


@pytest.fixture
def version() -> ProgramVersion:
    return pathways.program()


def page_of(version: ProgramVersion) -> str:
    return reverse("rehearsal", args=[version.program.key, version.number])


def chosen(member: StaffMember, **changes: Any) -> dict[str, Any]:
    site = member.actor.sites.get()
    given = {
        "preset": "steady", "seed": "7", "start_on": date(2026, 1, 5).isoformat(), "days": str(MONTH),
        "site": str(site.public_id), "script": "",
    }  # fmt: skip
    return given | changes


def test_the_page_offers_the_scripts_and_shows_the_first_one(browser: Client, version: ProgramVersion) -> None:
    body = browser.get(page_of(version)).content.decode()
    for words in ("Steady", "Slow start", "Goes silent", "My own script", "settles_after", "Nothing is kept"):
        assert words in body
    assert "Timeline" not in body


def test_a_chosen_script_runs_under_an_address_that_holds_the_choice(
    browser: Client, manager: StaffMember, version: ProgramVersion
) -> None:
    answer = browser.post(page_of(version), chosen(manager))
    assert answer.status_code == 303
    assert "script" not in parse_qs(urlsplit(answer["Location"]).query)
    body = browser.get(answer["Location"]).content.decode()
    for words in ("Timeline", "Admitted", "Days in each phase", "What never fired", "follow_up.welcome", "seed 7"):
        assert words in body
    assert not Patient.objects.exists()
    assert not Enrollment.objects.exists()


def test_only_the_chosen_kinds_of_the_timeline_are_shown(
    browser: Client, manager: StaffMember, version: ProgramVersion
) -> None:
    all_of_it = browser.get(page_of(version), chosen(manager)).context["days"]
    moves = browser.get(page_of(version), chosen(manager, kind=["move"])).context["days"]
    assert {each["entry"].kind for day in moves for each in day["entries"]} == {"move"}
    assert len(moves) < len(all_of_it)


def test_a_script_of_ones_own_runs_and_stays_on_the_page(
    browser: Client, manager: StaffMember, version: ProgramVersion
) -> None:
    script = "title: Mine\nevents: [{what: discharge, on_day: 10, reason: moved_away}]\n"
    answer = browser.post(page_of(version), chosen(manager, preset="own", script=script))
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Discharged" in body
    assert "events: [{what: discharge, on_day: 10" in body


def test_a_script_with_a_mistake_is_refused_with_its_place_and_kept(
    browser: Client, manager: StaffMember, version: ProgramVersion
) -> None:
    script = "title: Mine\nevents: [{what: relapse, on_day: 10}]\n"
    answer = browser.post(page_of(version), chosen(manager, preset="own", script=script))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "events[0].what" in body
    assert "relapse, on_day: 10" in body


@pytest.mark.parametrize(
    ("field", "value"), [("days", "7"), ("seed", "-1"), ("start_on", "never"), ("site", "elsewhere"), ("preset", "x")]
)
def test_a_choice_that_is_none_is_refused_at_its_field(
    browser: Client, manager: StaffMember, version: ProgramVersion, field: str, value: str
) -> None:
    answer = browser.get(page_of(version), chosen(manager, **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_version_with_problems_says_so_and_cannot_be_rehearsed(browser: Client, manager: StaffMember) -> None:
    version = pathways.program()
    document = pathways.document()
    document["phases"] = document["phases"][:1]
    broken = make_draft(version, document)
    answer = browser.get(page_of(broken), chosen(manager))
    assert answer.status_code == 422
    assert "Not ready to be rehearsed" in answer.content.decode()


def make_draft(version: ProgramVersion, document: dict[str, Any]) -> ProgramVersion:
    """A draft beside a published version, as somebody left it half-finished."""
    from clinic.actions.verbs import allow_direct_writes
    from pathways.rules.programs import digest

    with allow_direct_writes():
        return ProgramVersion.objects.create(
            program=version.program, number=version.number + 1, document=document, digest=digest(document),
            created_at=version.created_at, created_by=version.created_by,
        )  # fmt: skip


def test_somebody_without_a_site_is_told(client: Client, version: ProgramVersion) -> None:
    nowhere = make.sign_in(client, make.staff(roles=[Role.PROGRAM_MANAGER], sites=[]))
    assert nowhere.get(page_of(version)).status_code == 200


def test_an_unknown_version_is_not_found(browser: Client, version: ProgramVersion) -> None:
    assert browser.get(reverse("rehearsal", args=[version.program.key, 99])).status_code == 404
