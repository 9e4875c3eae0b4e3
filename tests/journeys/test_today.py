"""A morning at Today without a mouse, in Chromium: from line to line, a call result in place, a line given away, a
filter; and the list refreshes by itself meanwhile."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect
from pytest_django.live_server_helper import LiveServer

from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.models import CallResult, Enrollment, FollowUp
from tests.factories import clinic, pathways, patients
from tests.faults.load import stand_at
from tests.journeys.desk import ON_ITS_WAY, Desk, desk
from tests.journeys.house import MORNING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
DAYS = timedelta(days=3)
HERE = ".tl > li.here"


@dataclass
class Story:
    """What the steps hand on."""

    site: Site
    desk: Desk
    member: StaffMember
    other: Actor

    def line(self, row: FollowUp) -> Locator:
        return self.desk.page.locator(f"#l{row.public_id.hex}")

    @property
    def here(self) -> Locator:
        """The line the keyboard stands on."""
        return self.desk.page.locator(HERE)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.desk.page.keyboard.press(key)

    def a_minute_later(self) -> None:
        """The page asks for its list anew, by itself."""
        with self.desk.page.expect_response(lambda answer: "seen=" in answer.url):
            self.desk.page.clock.fast_forward(61_000)


def test_a_morning_is_worked_through_by_keyboard(transactional_db: None, live_server: LiveServer) -> None:
    stand_at(MORNING)
    site = clinic.site("Riverbend")
    member = clinic.staff(roles=[Role.NURSE, Role.SUPERVISOR], sites=[site], name="Ada Samplewright")
    other = clinic.staff(roles=[Role.NURSE], sites=[site], name="Morgan Plaice").actor
    with desk(live_server.url) as at:
        at.page.clock.install()
        story = Story(site, at, member, other)
        first, second = given_two_people_are_owed_a_call(story)
        when_today_opens_the_keys_lead_from_line_to_line(story)
        when_the_result_of_a_call_is_typed_it_outlives_a_refresh(story, first)
        then_it_is_saved_in_its_line_without_a_mouse(story, first)
        when_the_other_line_is_given_to_a_colleague(story, second)
        then_a_line_that_came_up_meanwhile_appears_by_itself_and_the_focus_stays(story)
        then_a_filter_is_chosen_by_keyboard(story)


def given_two_people_are_owed_a_call(story: Story) -> tuple[FollowUp, FollowUp]:
    found = _owed(story, "Tobias", "Quillfeather"), _owed(story, "Marisol", "Santillan")
    story.desk.sign_in(story.member.user.email)
    return found


def _owed(story: Story, given: str, family: str) -> FollowUp:
    """Somebody's contact, on its call step and due."""
    began, by = MORNING - DAYS, story.member.actor
    who = patients.patient(
        story.site, by=by, now=began, given_name=given, family_name=family, contact_points=[patients.phone()]
    )
    return _call_of(pathways.enrolled(who, by=by, site=story.site, now=began))


def _call_of(row: Enrollment) -> FollowUp:
    return row.follow_ups.filter(outcome="").order_by("due_at")[0]


def when_today_opens_the_keys_lead_from_line_to_line(story: Story) -> None:
    story.desk.visit("/patients/")
    with story.desk.leaving():
        story.keys("g", "t")
    lines = story.desk.page.locator(".tl > li")
    expect(lines.first).to_be_visible()
    story.keys("j")
    expect(lines.first).to_be_focused()
    story.keys("j", "ArrowDown", "k")
    expect(lines.nth(1)).to_be_focused()
    expect(story.here).to_have_count(1)
    story.desk.look()


def _walk_to(story: Story, line: Locator) -> None:
    """To the first line, and down from there."""
    number = story.desk.page.locator(".tl > li").count()
    story.keys(*["k"] * number)
    for _step in range(number):
        if line.evaluate("each => each.matches('.here')"):
            break
        story.keys("j")
    expect(line).to_be_focused()


def _unfolded(story: Story, line: Locator) -> None:
    """The form is in its line, and whatever is pressed in it stays there."""
    expect(line.locator("form.inplace")).to_be_visible()
    expect(story.desk.page.locator(ON_ITS_WAY)).to_have_count(0)


def when_the_result_of_a_call_is_typed_it_outlives_a_refresh(story: Story, row: FollowUp) -> None:
    line = story.line(row)
    _walk_to(story, line)
    story.keys("Enter")
    _unfolded(story, line)
    story.keys("n")
    note = line.get_by_label("Note")
    note.focus()
    story.desk.page.keyboard.type("Rang twice, no")
    story.a_minute_later()
    expect(note).to_be_focused()
    story.desk.page.keyboard.type(" answer")
    expect(note).to_have_value("Rang twice, no answer")
    expect(line.get_by_label("No answer")).to_be_checked()


def then_it_is_saved_in_its_line_without_a_mouse(story: Story, row: FollowUp) -> None:
    story.keys("Control+Enter")
    expect(story.line(row)).to_contain_text("Saved.")
    call = CallResult.objects.get(follow_up=row)
    assert (call.result, call.note) == ("no_answer", "Rang twice, no answer")
    story.desk.look()


def when_the_other_line_is_given_to_a_colleague(story: Story, row: FollowUp) -> None:
    line = story.line(row)
    _walk_to(story, line)
    line.locator("summary").focus()
    story.keys("Enter")
    line.get_by_role("link", name="Give to somebody").focus()
    story.keys("Enter")
    _unfolded(story, line)
    line.locator("select").focus()
    story.desk.page.keyboard.type("Morgan")
    story.keys("Control+Enter")
    expect(line).to_contain_text("It has its new owner.")
    assert FollowUp.objects.get(pk=row.pk).owner == story.other


def then_a_line_that_came_up_meanwhile_appears_by_itself_and_the_focus_stays(story: Story) -> None:
    expect(story.desk.page.locator(".tl > li.done")).to_have_count(0, timeout=15_000)
    story.keys("k")
    stands = story.here.get_attribute("id")
    third = _owed(story, "Wendell", "Oakhurst")
    story.a_minute_later()
    expect(story.line(third)).to_be_visible()
    assert story.here.get_attribute("id") == stands
    expect(story.here).to_be_focused()
    story.desk.look()


def then_a_filter_is_chosen_by_keyboard(story: Story) -> None:
    story.desk.page.locator("#today-filter").focus()
    story.keys("Enter")
    story.desk.page.get_by_label("Whose", exact=True).focus()
    story.desk.page.keyboard.type("Nobody")
    story.keys("Tab", "Tab", "Tab", "Tab")
    expect(story.desk.page.get_by_role("button", name="Show", exact=True)).to_be_focused()
    with story.desk.leaving():
        story.keys("Enter")
    story.desk.sees("Whose: Nobody")
    story.desk.fits()
