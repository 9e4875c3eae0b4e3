"""The intake page and other forms of instruments: with script and without."""

import re

import pytest
from django.urls import reverse

from clinic import clock
from clinic.rules.roles import Role
from patients.actions import intakes
from patients.models import Assessment, AssessmentDraft, Intake, SafetyFlag
from tests.factories import clinic
from tests.factories.patients import assessment, patient, phq9

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return clinic.staff(roles=[Role.CLINICIAN], name="Ada Samplewright")


@pytest.fixture
def person(member):
    return patient(member.actor.sites.get())


@pytest.fixture
def intake(person, member):
    return intakes.open_intake(patient=person, by=member.actor, now=clock.now())


def section(intake, instrument, name="intake_section"):
    return reverse(name, args=[intake.public_id, instrument])


def text(answer):
    return answer.content.decode()


def boxes(page):
    """Which items are hidden, by item."""
    found = re.findall(r'data-box="([^"]+)"(?: data-required)?( hidden)?>', page)
    return {key: bool(hidden) for key, hidden in found}


def test_the_intake_opens_at_its_first_section_and_is_gone_on_with(browser, person):
    answer = browser.post(reverse("intake_open", args=[person.public_id]), follow=True)
    assert "Kratom profile" in text(answer) and "0 of 13 sections done" in text(answer)
    browser.post(reverse("intake_open", args=[person.public_id]))
    assert Intake.objects.count() == 1


def test_without_script_answers_are_kept_and_the_button_leads_on(browser, intake):
    answer = browser.post(section(intake, "phq9"), {"phq9_1": "1", "go": "next"})
    assert answer.status_code == 303
    assert AssessmentDraft.objects.get().answers == {"phq9_1": 1}
    page = text(browser.get(section(intake, "phq9")))
    assert re.search(r'name="phq9_1"[^>]*value="1" checked', page) and "Saved" in page


@pytest.mark.parametrize(("go", "to"), [("back", "sows"), ("next", "gad7"), ("stay", "phq9"), ("to-bam", "bam")])
def test_each_button_leads_where_it_says(browser, intake, go, to):
    answer = browser.post(section(intake, "phq9"), {"phq9_1": "1", "go": go})
    assert answer["Location"] == section(intake, to)


def test_the_safety_prompt_stands_under_the_answer_at_once(browser, intake, member):
    saved = browser.post(section(intake, "phq9", "intake_autosave"), {"phq9_9": "1"}, headers={"HX-Request": "true"})
    page = text(saved)
    assert 'id="prompts-phq9_9" hx-swap-oob="true"' in page and 'role="alert"' in page
    assert "Start the suicide screen" in page and "added now, by an answer" in page
    again = browser.post(section(intake, "phq9", "intake_autosave"), {"phq9_9": "1", "phq9_1": "1", "version": "1"})
    assert "prompts-phq9_9" not in text(again)
    whole = text(browser.get(section(intake, "phq9")))
    assert whole.index('id="item-phq9_9"') < whole.index("This answer asks for a suicide screen now")


def test_a_prompt_goes_when_the_answer_is_taken_back_and_the_flag_stays_open(browser, intake):
    browser.post(section(intake, "phq9", "intake_autosave"), {"phq9_9": "1"})
    saved = text(browser.post(section(intake, "phq9", "intake_autosave"), {"phq9_9": "0", "version": "1"}))
    assert 'id="prompts-phq9_9"' in saved and "asks for a suicide screen" not in saved
    flag = SafetyFlag.objects.get()
    assert flag.corrected_at and flag.closed_at is None


def test_a_clinician_who_is_already_there_takes_the_flag(browser, intake, member):
    browser.post(section(intake, "phq9", "intake_autosave"), {"phq9_9": "1"})
    flag = SafetyFlag.objects.get()
    body = {"phq9_9": "1", "version": "1", "flag": str(flag.public_id)}
    assert browser.post(section(intake, "phq9", "intake_attended"), body).status_code == 303
    flag.refresh_from_db()
    assert flag.taken_by == member.actor
    assert "Ada Samplewright sees to it" in text(browser.get(section(intake, "phq9")))


def test_items_appear_with_their_lead_question_and_go_with_their_answers(browser, intake):
    address = section(intake, "auditc")
    assert boxes(text(browser.get(address))) == {"auditc_1": False, "auditc_2": True, "auditc_3": True}
    browser.post(address, {"auditc_1": "2", "auditc_2": "1"})
    assert boxes(text(browser.get(address)))["auditc_2"] is False
    browser.post(address, {"auditc_1": "0", "auditc_2": "1", "version": "1"})
    assert AssessmentDraft.objects.get().answers == {"auditc_1": 0}


def test_a_number_that_is_none_is_shown_again_with_a_sentence(browser, intake):
    address = section(intake, "kratom_use_profile")
    browser.post(address, {"kup_days_30": "often", "kup_grams_day": "7,5"})
    page = text(browser.get(address))
    assert 'value="often"' in page and 'class="item-error is-bad"' in page
    assert AssessmentDraft.objects.get().answers["kup_grams_day"] == 7.5


@pytest.mark.parametrize("typed", ["nan", "inf", "1e400", "-1", "99999999999999999999", "٣", "\x00", "7" * 500])
def test_odd_numbers_never_break_the_page(browser, intake, typed):
    address = section(intake, "kratom_use_profile")
    assert browser.post(address, {"kup_days_30": typed}).status_code == 303
    assert browser.get(address).status_code == 200


def test_a_band_is_shown_only_when_every_item_is_answered(browser, intake):
    address = section(intake, "gad7")
    browser.post(address, {f"gad7_{n}": "2" for n in range(1, 7)})
    assert "moderate" not in re.sub(r"<title>.*?</title>", "", text(browser.get(address)))
    browser.post(address, {f"gad7_{n}": "2" for n in range(1, 8)} | {"version": "1"})
    page = re.sub(r"<title>.*?</title>", "", text(browser.get(address)))
    assert "moderate" in page and "1 point below severe" in page


def test_two_pages_do_not_overwrite_each_other(browser, intake):
    address = section(intake, "gad7", "intake_autosave")
    browser.post(address, {"gad7_1": "1"})
    browser.post(address, {"gad7_1": "2", "version": "1"})
    answer = browser.post(address, {"gad7_1": "3", "version": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 412 and "Somebody changed this" in text(answer)
    assert AssessmentDraft.objects.get().answers == {"gad7_1": 2}


def test_the_preface_stands_on_the_page_and_is_stored_as_shown(browser, intake):
    address = section(intake, "dast10")
    assert "Count kratom" in text(browser.get(address))
    browser.post(address, {"dast10_1": "yes"})
    assert AssessmentDraft.objects.get().context["preface_shown"] is True


def test_check_answers_names_what_is_required_and_signing_says_why_not(browser, intake):
    browser.post(section(intake, "cows"), {"cows_1": "0"})
    page = text(browser.get(reverse("intake_check", args=[intake.public_id])))
    assert "Why not complete" in page and "10 questions not answered" in page
    refused = browser.post(reverse("intake_sign", args=[intake.public_id]), {"version": intake.version})
    assert refused.status_code == 409 and "Required sections are not complete" in text(refused)
    assert not Assessment.objects.exists()
    body = {"version": intake.version, "not_asked_reason": "Too unwell to go on"}
    assert browser.post(reverse("intake_sign", args=[intake.public_id]), body).status_code == 303
    assert Assessment.objects.get().scoring_status == "incomplete"
    signed = text(browser.get(reverse("intake_check", args=[intake.public_id])))
    assert "Too unwell to go on" in signed and "Intake, signed" in signed


def test_a_foreign_intake_has_no_page(client, intake):
    stranger = clinic.sign_in(client, clinic.staff(roles=[Role.CLINICIAN]))
    for name in ("intake", "intake_check"):
        assert stranger.get(reverse(name, args=[intake.public_id])).status_code == 404
    assert stranger.get(section(intake, "phq9")).status_code == 404
    assert stranger.post(section(intake, "phq9", "intake_autosave"), {"phq9_1": "1"}).status_code == 404
    assert not AssessmentDraft.objects.exists()


def test_an_unknown_section_is_not_found(browser, intake):
    assert browser.get(section(intake, "rorschach")).status_code == 404


def test_the_section_costs_the_same_for_an_empty_and_a_full_intake(browser, intake, django_assert_max_num_queries):
    browser.get(section(intake, "phq9"))
    with django_assert_max_num_queries(20) as first:
        browser.get(section(intake, "phq9"))
    for key, item in (("gad7", "gad7_1"), ("bam", "bam_1"), ("cows", "cows_1"), ("barc10", "barc10_1")):
        browser.post(section(intake, key), {item: "1"})
    with django_assert_max_num_queries(20) as second:
        browser.get(section(intake, "phq9"))
    assert len(first) == len(second)


def one(person, instrument, name="assessment_new"):
    return reverse(name, args=[person.public_id, instrument])


def test_one_instrument_is_recorded_on_its_own_with_its_day(browser, person):
    answers = {f"cows_{n}": "0" for n in range(1, 12)}
    assert browser.get(one(person, "cows")).status_code == 200
    body = answers | {"go": "record", "on_day": "3", "on_month": "1", "on_year": "2025", "at": "08:30"}
    answer = browser.post(one(person, "cows"), body, follow=True)
    made = Assessment.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("assessment", args=[made.public_id])
    assert made.effective_at.astimezone(made.site.zone).strftime("%Y-%m-%d %H:%M") == "2025-01-03 08:30"
    assert "none or minimal" in text(answer)


def test_a_day_in_the_future_is_marked_and_nothing_is_recorded(browser, person):
    body = {"gad7_1": "1", "go": "record", "on_day": "1", "on_month": "1", "on_year": "2149"}
    answer = browser.post(one(person, "gad7"), body)
    assert answer.status_code == 422 and "future" in text(answer)
    assert not Assessment.objects.exists() and AssessmentDraft.objects.get().answers == {"gad7_1": 1}


def test_a_draft_is_thrown_away_on_purpose(browser, person):
    browser.post(one(person, "gad7"), {"gad7_1": "1"})
    browser.post(one(person, "gad7"), {"go": "discard", "version": "1"})
    assert not AssessmentDraft.objects.exists()


def test_an_assessment_is_amended_and_entered_in_error_from_its_page(browser, person, member):
    old = assessment(person, "phq9", phq9(*[1] * 8, 0, 1), by=member.actor, at=clock.now())
    page = text(browser.get(reverse("assessment", args=[old.public_id])))
    assert "Several days" in page and "mild" in page
    amend = reverse("assessment_amend", args=[old.public_id])
    assert browser.get(amend).status_code == 200
    fixed = {f"phq9_{n}": "0" for n in range(1, 10)}
    assert browser.post(amend, fixed).status_code == 422
    assert browser.post(amend, fixed | {"reason": "misheard"}).status_code == 303
    new = Assessment.objects.get(status="final")
    assert new.total == 0 and "Amended since" in text(browser.get(reverse("assessment", args=[old.public_id])))
    retract = reverse("assessment_retract", args=[new.public_id])
    assert browser.post(retract, {"reason": ""}).status_code == 422
    assert browser.post(retract, {"reason": "another person"}).status_code == 303
    assert browser.post(retract, {"reason": "again"}).status_code == 409
    listed = text(browser.get(reverse("assessments", args=[person.public_id])))
    assert "Entered in error" in listed and "Amended" in listed


def test_the_front_desk_sees_no_assessments(client, person, member):
    desk = clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=member.actor.sites.all()))
    assert desk.get(reverse("assessments", args=[person.public_id])).status_code == 403
    assert "Assessments" not in text(desk.get(reverse("patient", args=[person.public_id])))
