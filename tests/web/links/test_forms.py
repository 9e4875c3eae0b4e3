"""The form behind a link: answers are taken whole or in part, and serious ones name help."""

import pytest

from clinic.models import Actor
from pathways.actions import findings
from pathways.actions import links as verbs
from pathways.models import PatientLink
from patients.models import Assessment, AssessmentDraft, Patient, SafetyFlag
from tests.factories import links as given
from tests.factories.course import quiet
from tests.factories.links import known, press, shown
from tests.factories.patients import NOW
from tests.web.links.looking import nothing_written

pytestmark = pytest.mark.django_db


def test_a_form_is_filled_in_and_a_serious_answer_names_help(every: list[PatientLink], person: Patient) -> None:
    link = every[1]
    answers = {key: str(value) for key, value in quiet("phq9").items()} | {"phq9_9": "1"}
    passing = {"pass": known(link), "seen": list(answers)}
    with nothing_written():
        assert "You are not alone with this" in shown(press(link, "mind", **passing, **answers))
    more = shown(press(link, "send", **passing, **answers))
    assert "A little more about that" in more and 'name="phq9_10"' in more
    seen = [*answers, "phq9_10"]
    done = shown(press(link, "send", **passing | {"seen": seen}, **answers, phq9_10="0"))
    assert "Your answers are with us." in done and "You are not alone with this" in done
    for number in ("tel:911", "tel:988", "sms:988"):
        assert number in done
    made = Assessment.objects.get(patient=person)
    assert (made.instrument, made.total) == ("phq9", 1)
    assert SafetyFlag.objects.get().alert_key == "phq9_suicide"
    assert "PHQ" not in more + done and "score" not in more + done


def test_a_serious_answer_is_kept_at_the_first_press_whatever_is_asked_after_it(
    every: list[PatientLink], person: Patient
) -> None:
    link, sent = every[1], {"phq9_1": "2", "phq9_9": "2"}
    passing = {"pass": known(link), "seen": list(quiet("phq9"))}
    assert "A little more about that" in shown(press(link, "send", **passing, **sent))
    flag = SafetyFlag.objects.get(patient=person)
    assert (flag.alert_key, flag.assessment, flag.raised_by) == ("phq9_suicide", None, verbs.bearer(link, NOW))
    assert set(AssessmentDraft.objects.get(patient=person).answers) == set(sent)
    passing["seen"] = [*passing["seen"], "phq9_10"]
    assert "questions left open" in shown(press(link, "send", **passing, **sent))
    assert "Your answers are with us." in shown(press(link, "anyway", **passing, **sent))
    made = Assessment.objects.get(patient=person)
    assert (made.scoring_status, made.alerts) == ("incomplete", ["phq9_suicide"])
    flag.refresh_from_db()
    assert (SafetyFlag.objects.count(), flag.assessment, flag.corrected_at) == (1, made, None)
    assert not AssessmentDraft.objects.exists()


def test_a_serious_answer_waits_for_no_form_that_staff_have_under_way(
    every: list[PatientLink], person: Patient, by: Actor
) -> None:
    link = every[1]
    findings.save_draft(
        patient=person, instrument="phq9", answers={"phq9_1": 0}, expected_version=None, by=by, now=NOW
    )  # fmt: skip
    done = shown(press(link, "send", **{"pass": known(link), "seen": list(quiet("phq9"))}, phq9_9="2"))
    assert "Your answers are with us." in done and "You are not alone with this" in done
    assert SafetyFlag.objects.get(patient=person).assessment == Assessment.objects.get(patient=person)
    assert AssessmentDraft.objects.get().answers == {"phq9_1": 0}


def test_an_answer_that_is_not_serious_is_only_thanked_for(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    answers = {key: str(value) for key, value in quiet("gad7").items()}
    done = shown(press(link, "send", **{"pass": known(link), "seen": list(answers)}, **answers))
    assert "Your answers are with us." in done and "You are not alone" not in done


def test_questions_may_be_left_open_once_it_is_said(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    passing = {"pass": known(link), "seen": list(quiet("gad7"))}
    nothing = press(link, "send", **passing)
    assert nothing.status_code == 422 and "answer at least one" in shown(nothing)
    asked = shown(press(link, "send", **passing, gad7_1="2"))
    assert "6 questions left open" in asked and "Send without these" in asked
    assert not Assessment.objects.exists()
    assert "Your answers are with us." in shown(press(link, "anyway", **passing, gad7_1="2"))
    assert Assessment.objects.get().scoring_status == "incomplete"


def test_answers_that_cannot_be_are_named(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    answer = press(link, "send", **{"pass": known(link), "seen": list(quiet("gad7"))}, gad7_1="17")
    assert answer.status_code == 422
    assert 'class="bad"' in shown(answer)
