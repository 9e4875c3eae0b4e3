"""A program manager's day, in Chromium: copy the shipped program, change a gate, see the problem, rehearse, compare,
publish, and put one patient on the new version."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from clinic.models import StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment, ProgramVersion
from tests.factories import clinic, pathways
from tests.journeys.desk import Desk, desk
from tests.journeys.house import MORNING, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
KEY = "our-kratom-program"


@dataclass
class Story:
    """What the steps hand on."""

    house: House
    desk: Desk
    member: StaffMember

    @property
    def version(self) -> ProgramVersion:
        """The newest version of the clinic's own program."""
        return ProgramVersion.objects.filter(program__key=KEY).latest("number")

    @property
    def enrollment(self) -> Enrollment:
        return Enrollment.objects.get()


def test_a_program_is_copied_changed_rehearsed_published_and_adopted(house: House) -> None:
    member = clinic.staff(roles=[Role.SUPERVISOR], sites=[house.site], name="Ada Samplewright")
    with desk(house.url) as at:
        story = Story(house, at, member)
        given_a_supervisor_who_copied_and_published_the_shipped_program(story)
        given_a_patient_under_way_on_it(story)
        when_a_draft_is_begun_and_a_gate_made_too_strict(story)
        then_the_problem_is_told_as_it_is_typed_and_publishing_waits(story)
        when_the_number_is_put_right(story)
        when_the_draft_is_rehearsed(story)
        when_the_versions_are_compared(story)
        when_the_draft_is_published(story)
        then_the_patient_stays_on_the_version_they_began_with(story)
        when_the_patient_is_put_on_the_new_version(story)


def given_a_supervisor_who_copied_and_published_the_shipped_program(story: Story) -> None:
    at = story.desk
    at.sign_in(story.member.user.email)
    at.visit("/programs/kratom-outpatient/versions/1/copy/")
    at.page.get_by_label("Title", exact=True).fill("Our kratom program")
    at.press("Copy")
    at.heading("Our kratom program")
    at.confirm("Publish")
    assert story.version.is_current


def given_a_patient_under_way_on_it(story: Story) -> None:
    since = MORNING - timedelta(hours=1)
    pathways.enrolled(by=story.member.actor, site=story.house.site, now=since, program_key=KEY, effective_at=since)


def when_a_draft_is_begun_and_a_gate_made_too_strict(story: Story) -> None:
    at = story.desk
    at.visit(f"/programs/{KEY}/studio/")
    at.press("Begin a draft")
    at.sees("Nothing stands against publishing.")
    open_requirement(story)
    window(story).fill("10")


def then_the_problem_is_told_as_it_is_typed_and_publishing_waits(story: Story) -> None:
    page = story.desk.page
    expect(page.locator("#problems li").first).to_contain_text("PHQ-9")
    save_requirement(story)
    expect(page.get_by_role("link", name="Publish: 1 problem left")).to_be_visible()


def when_the_number_is_put_right(story: Story) -> None:
    open_requirement(story)
    window(story).fill("45")
    save_requirement(story)
    story.desk.sees("Nothing stands against publishing.")


def when_the_draft_is_rehearsed(story: Story) -> None:
    at = story.desk
    at.follow("Rehearse")
    at.page.get_by_label("Days", exact=False).first.fill("60")
    at.press("Rehearse")
    at.sees("Nothing is kept, nothing is sent.")
    expect(at.page.locator(".rehearsed")).to_be_visible()


def when_the_versions_are_compared(story: Story) -> None:
    at = story.desk
    at.visit(f"/programs/{KEY}/compare/?from=1&to=2")
    at.sees("What changed")
    expect(at.page.locator(".changes li")).to_have_count(1)
    expect(at.page.locator(".changes li").first).to_contain_text("45")


def when_the_draft_is_published(story: Story) -> None:
    story.desk.visit(f"/programs/{KEY}/studio/")
    story.desk.confirm("Publish")
    assert (story.version.number, story.version.is_current) == (2, True)


def then_the_patient_stays_on_the_version_they_began_with(story: Story) -> None:
    assert story.enrollment.program_version.number == 1
    story.desk.visit(f"/patients/{story.enrollment.patient.public_id}/chart/")
    story.desk.sees("A newer version is in force")


def when_the_patient_is_put_on_the_new_version(story: Story) -> None:
    at = story.desk
    at.follow("A newer version is in force")
    at.sees("What would change")
    at.page.get_by_label("Why they go on with it").fill("The longer window suits them")
    at.press("Adopt it")
    assert story.enrollment.program_version == story.version
    at.sees("New program version")


def open_requirement(story: Story) -> None:
    """The requirement of a PHQ-9, to be changed."""
    with story.desk.replacing(studio(story)):
        gates = story.desk.page.locator("#gates")
        gates.get_by_role("link", name=re.compile(r"^Edit\s*:\s*PHQ-9")).first.click()


def save_requirement(story: Story) -> None:
    with story.desk.replacing(studio(story)):
        story.desk.page.locator("#part-form").get_by_role("button", name="Save").last.click()


def studio(story: Story) -> Locator:
    """What every answer of the studio replaces."""
    return story.desk.page.locator("#studio")


def window(story: Story) -> Locator:
    """How old the assessment may be, in days."""
    return story.desk.page.locator("#part-form").get_by_label(re.compile("days", re.IGNORECASE)).first
