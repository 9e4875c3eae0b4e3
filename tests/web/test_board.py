"""The board: who is in which phase, who is ready, what holds others up; set-wise."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.queries.board import IN_COLUMN
from pathways.rules.moves import HoldReason
from tests.factories import clinic as make
from tests.factories import pathways
from tests.factories.course import DAY, LATER, ready_for_therapy, to_therapy
from tests.web.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: LATER)


@pytest.fixture
def clinician(site: Site) -> StaffMember:
    return make.staff(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def browser(client: Client, clinician: StaffMember) -> Client:
    return make.sign_in(client, clinician)


def enrolled(site: Site, clinician: StaffMember, **given: Any) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician.actor, **given)


def test_an_empty_board_says_what_will_stand_there(browser: Client) -> None:
    assert "No program is published yet" in words(browser.get("/board/"))
    pathways.program()
    assert words(browser.get("/board/")).count("Nobody is in this phase now") == 3


def test_a_card_says_who_is_ready_and_what_holds_others_up(browser: Client, site: Site, clinician: StaffMember) -> None:
    ready, waiting = enrolled(site, clinician), enrolled(site, clinician)
    ready_for_therapy(ready, clinician.actor)
    said = words(browser.get("/board/"))
    assert ready.patient.display_name in said and waiting.patient.display_name in said
    assert said.count("Ready to move") == 1
    assert said.index("Ready to move") < said.index("Intake done: all of these")
    assert "2 · 1 ready" in said


def test_people_stand_in_the_column_of_their_phase(browser: Client, site: Site, clinician: StaffMember) -> None:
    row = enrolled(site, clinician)
    to_therapy(row, clinician.actor)
    said = words(browser.get("/board/"))
    assert said.index("Behavioral therapy and relapse prevention") < said.index(row.patient.display_name)


def test_what_is_overdue_is_counted(browser: Client, site: Site, clinician: StaffMember) -> None:
    enrolled(site, clinician)
    assert "overdue" in words(browser.get("/board/"))


def test_somebody_on_hold_is_not_ready(browser: Client, site: Site, clinician: StaffMember) -> None:
    row = enrolled(site, clinician)
    ready_for_therapy(row, clinician.actor)
    enrollments.hold(
        by=clinician.actor, now=LATER - timedelta(minutes=5), enrollment_id=row.public_id, reason=HoldReason.WORK,
        review_on=(LATER + 9 * DAY).date(),
    )  # fmt: skip
    said = words(browser.get("/board/"))
    assert "On hold" in said and "Ready to move" not in said


def test_the_board_is_filtered_by_counselor(browser: Client, site: Site, clinician: StaffMember) -> None:
    mine = enrolled(site, clinician, counselor_id=clinician.actor.public_id)
    other = enrolled(site, clinician)
    said = words(browser.get("/board/?counselor=me"))
    assert mine.patient.display_name in said and other.patient.display_name not in said
    assert browser.get("/board/?counselor=nobody").status_code == 404


def test_another_sites_people_are_not_on_it(browser: Client, clinician: StaffMember) -> None:
    elsewhere = pathways.enrolled(site=make.site())
    assert elsewhere.patient.display_name not in words(browser.get("/board/"))


def test_a_long_column_is_shown_in_part_and_then_whole(browser: Client, site: Site, clinician: StaffMember) -> None:
    for _ in range(IN_COLUMN + 3):
        enrolled(site, clinician)
    part = browser.get("/board/")
    assert part.content.count(b'class="who" href') == IN_COLUMN
    assert f"Show all {IN_COLUMN + 3}" in words(part)
    whole = browser.get("/board/?whole=assessment-and-stabilization")
    assert whole.content.count(b'class="who" href') == IN_COLUMN + 3


def test_the_front_desk_sees_no_findings(client: Client, site: Site, clinician: StaffMember) -> None:
    enrolled(site, clinician)
    desk = make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    said = words(desk.get("/board/"))
    assert "Intake done" not in said and "Move" not in said.split("Stabilization", 1)[1]


def test_a_board_of_50_asks_the_database_as_often_as_one_of_5(
    browser: Client, site: Site, clinician: StaffMember
) -> None:
    counted = []
    for more in (5, 45):
        for _ in range(more):
            enrolled(site, clinician)
        browser.get("/board/?whole=assessment-and-stabilization")
        with CaptureQueriesContext(connection) as found:
            browser.get("/board/?whole=assessment-and-stabilization")
        counted.append(len(found))
    assert counted[0] == counted[1] <= 35
