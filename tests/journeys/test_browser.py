"""The main job as people do it, in Chromium: from signing in to the reminder in a real SMTP server."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from clinic.rules.roles import Role
from patients.models import Patient
from tests.factories import clinic, patients
from tests.factories.course import quiet
from tests.journeys.desk import Desk, desk
from tests.journeys.house import MORNING, House
from tests.journeys.mail import first_letter, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MOST_TABS = 80
SECTIONS = ("kratom_use_profile", "dsm5_sud", "cows", "phq9", "cssrs_screen")


@dataclass
class Story:
    """What the steps hand on."""

    house: House
    desk: Desk

    @property
    def patient(self) -> Patient:
        return Patient.objects.get()

    @property
    def chart(self) -> str:
        return f"/patients/{self.patient.public_id}/chart/"


def test_a_patient_comes_in_moves_on_and_is_written_to(house: House) -> None:
    with desk(house.url) as at:
        story = Story(house, at)
        given_a_clinician_who_signed_in(story)
        when_a_patient_is_registered(story)
        when_the_intake_is_begun_and_an_answer_asks_for_safety(story)
        when_the_intake_is_completed_and_signed(story)
        when_the_level_of_care_is_decided(story)
        when_the_flag_is_closed_with_what_was_done(story)
        when_the_patient_is_enrolled(story)
        then_the_gate_is_not_met_and_says_what_is_missing(story)
        when_the_plan_is_confirmed_by_name(story)
        when_a_day_later_withdrawal_is_rated_again(story)
        then_the_patient_moves_to_therapy(story)
        when_the_hour_of_the_welcome_comes(story)
        then_the_letter_is_in_the_mail_server(story)
        when_a_day_goes_by_in_silence(story)
        then_the_call_stands_on_today_and_its_result_is_recorded_in_place(story)


def given_a_clinician_who_signed_in(story: Story) -> None:
    member = clinic.staff(roles=[Role.CLINICIAN], sites=[story.house.site], name="Ada Samplewright")
    clinic.practice()
    story.desk.sign_in(member.user.email)


def when_a_patient_is_registered(story: Story) -> None:
    at, page = story.desk, story.desk.page
    at.visit("/patients/register/")
    page.get_by_label("Given name").fill("Tobias")
    page.get_by_label("Family name").fill("Quillfeather")
    for part, value in (("Day", "7"), ("Month", "June"), ("Year", "1984")):
        page.get_by_label(part, exact=True).fill(value)
    ways = page.get_by_role("group", name="How to reach them")
    ways.get_by_label("E-mail").first.fill("tobias@example.org")
    page.locator("[name=email_confirmed]").check()
    page.locator("[name=email_consent]").check()
    at.press("Register")
    at.heading("Tobias Quillfeather")


def when_the_intake_is_begun_and_an_answer_asks_for_safety(story: Story) -> None:
    at, page = story.desk, story.desk.page
    at.follow("Chart")
    at.press("Start intake")
    at.heading("Intake assessment")
    _open_section(at, "phq9")
    _answer(at, "phq9")
    expect(page.locator("[data-value]").first).to_have_text("0")
    page.get_by_role("group", name=re.compile("^9 ")).get_by_text("Several days").click()
    expect(page.locator("[data-value]").first).to_have_text("1")
    prompt = page.get_by_role("alert")
    expect(prompt).to_be_visible()
    at.look()
    at.go(prompt.get_by_role("button", name="Start the suicide screen"))
    expect(page.locator("#sheet")).to_have_attribute("data-instrument", "cssrs_screen")


def when_the_intake_is_completed_and_signed(story: Story) -> None:
    at, page = story.desk, story.desk.page
    for section in SECTIONS:
        if section != "phq9":
            _open_section(at, section)
            _answer(at, section)
            at.go(page.get_by_role("button", name="Save", exact=True).last)
    at.go(page.get_by_role("link", name="Check answers, sign"))
    at.press("Sign the intake")
    at.sees("The intake is signed.")


def when_the_flag_is_closed_with_what_was_done(story: Story) -> None:
    at, page = story.desk, story.desk.page
    for flag in story.patient.safety_flags.filter(closed_at__isnull=True):
        at.visit(f"/flags/{flag.public_id}/")
        page.get_by_label("What was done").fill("Talked it through, screen is negative, safety plan written.")
        at.press("Close the flag")


def when_the_level_of_care_is_decided(story: Story) -> None:
    at, page = story.desk, story.desk.page
    at.heading("Level of care")
    for need in ("withdrawal", "medical", "psychiatric", "readiness", "use_risk", "environment"):
        page.locator(f"label[for={need}-1]").click()
    page.get_by_label("Yes", exact=True).first.check()
    at.press("Save ratings")
    at.press("Decide the level")
    at.sees("Decided")


def when_the_patient_is_enrolled(story: Story) -> None:
    at = story.desk
    at.visit(story.chart)
    at.follow("Enroll")
    at.press("Enroll")
    at.sees("Gate to Behavioral therapy")


def then_the_gate_is_not_met_and_says_what_is_missing(story: Story) -> None:
    at = story.desk
    _try_to_move(at)
    at.heading("Not ready for")
    at.sees("Treatment plan agreed")


def when_the_plan_is_confirmed_by_name(story: Story) -> None:
    at, enrollment = story.desk, story.patient.enrollments.get()
    at.visit(f"/enrollments/{enrollment.public_id}/attest/treatment-plan-agreed/")
    at.press("I confirm this")


def when_a_day_later_withdrawal_is_rated_again(story: Story) -> None:
    at = story.desk
    for step in ("One day on", "One hour on"):
        _go_on(at, step)
    at.visit(f"/patients/{story.patient.public_id}/assess/cows/")
    _answer(at, "cows")
    at.press("Record")


def then_the_patient_moves_to_therapy(story: Story) -> None:
    at = story.desk
    at.visit(story.chart)
    _try_to_move(at)
    assert story.patient.enrollments.get().current_phase.key == "behavioral-therapy"
    at.sees("moved on to Therapy")


def when_the_hour_of_the_welcome_comes(story: Story) -> None:
    _go_on(story.desk, "One hour on")


def then_the_letter_is_in_the_mail_server(story: Story) -> None:
    letter = first_letter(story.house.mail)
    assert letter["To"] == "tobias@example.org"
    assert "the office" in letter.get_content()
    story.desk.visit("/messages/")
    story.desk.sees("Sent")


def when_a_day_goes_by_in_silence(story: Story) -> None:
    _go_on(story.desk, "One day on")
    story.house.wake("climb_ladders")
    welcome = story.patient.follow_ups.filter(rule_key="welcome", rung__gt=0)
    wait_until(welcome.exists, "nobody was asked to call")


def then_the_call_stands_on_today_and_its_result_is_recorded_in_place(story: Story) -> None:
    at, page = story.desk, story.desk.page
    at.visit("/?scope=site")
    line = page.get_by_role("listitem").filter(has_text="Welcome contact")
    with at.replacing(line):
        line.get_by_role("link", name=re.compile("Call|Record|result", re.IGNORECASE)).first.click()
    form = page.get_by_role("group", name="What happened?")
    form.get_by_text("Reached", exact=False).first.click()
    page.get_by_label("Note (optional)").fill("Doing well, comes on Thursday.")
    save = page.get_by_role("button", name="Save result")
    with at.replacing(save):
        save.click()
    expect(save).to_have_count(0)
    done = story.patient.follow_ups.get(rule_key="welcome")
    assert done.outcome == "reached"


def _try_to_move(at: Desk) -> None:
    """To the gate, and the button under it."""
    at.go(at.page.locator("[data-key-move]"))
    at.go(at.page.locator("form.sw-form button.btn-primary"))


def _open_section(at: Desk, instrument: str) -> None:
    at.go(at.page.locator(f"a[data-section={instrument}]"))
    expect(at.page.locator("#sheet")).to_have_attribute("data-instrument", instrument)


def _answer(at: Desk, instrument: str) -> None:
    """The least there is to choose, item by item, as a person would click it."""
    form = at.page.locator("#sheet")
    for key, code in quiet(instrument).items():
        option = form.locator(f"input[name={key}]")
        if option.first.get_attribute("type") == "text":
            option.fill(str(code))
        else:
            chosen = form.locator(f"input[name={key}][value='{code}']").get_attribute("id")
            form.locator(f"label[for='{chosen}']").click()


def _go_on(at: Desk, step: str) -> None:
    """The control that moves the practice clock, on the page of the practice mailbox."""
    at.visit("/mailbox/")
    at.press(step)


def test_an_intake_form_is_filled_in_by_keyboard_alone_on_a_small_screen(house: House) -> None:
    member = clinic.staff(roles=[Role.CLINICIAN], sites=[house.site], name="Ada Samplewright")
    person = patients.patient(house.site, by=member.actor, now=MORNING)
    with desk(house.url, width=390, height=844) as at:
        at.sign_in(member.user.email)
        at.visit(f"/patients/{person.public_id}/chart/")
        _reach(at, "Start intake")
        with at.leaving():
            at.page.keyboard.press("Enter")
        at.visit(f"/intakes/{person.intakes.get().public_id}/gad7/")
        for number in range(1, 8):
            _reach_answer(at, f"gad7_{number}")
            at.page.keyboard.press("1")
        expect(at.page.locator("[data-value]").first).to_have_text("7")
        at.fits()
        _reach(at, "Continue to", exact=False)
        with at.leaving():
            at.page.keyboard.press("Enter")
        expect(at.page.locator("#sheet")).not_to_have_attribute("data-instrument", "gad7")
        at.fits()
    draft = person.assessment_drafts.get(instrument="gad7")
    assert [draft.answers[f"gad7_{number}"] for number in range(1, 8)] == [1] * 7


def _reach(at: Desk, name: str, *, exact: bool = True) -> None:
    """Tab until the focus stands on the button of this name."""
    target = at.page.locator("#main").get_by_role("button", name=name, exact=exact).first
    _tab_until(at, lambda: bool(target.evaluate("each => each === document.activeElement")), name)


def _reach_answer(at: Desk, item: str) -> None:
    _tab_until(at, lambda: at.page.evaluate("document.activeElement.name") == item, item)


def _tab_until(at: Desk, there: Callable[[], bool], name: str) -> None:
    for _ in range(MOST_TABS):
        if there():
            return
        at.page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by the Tab key")
