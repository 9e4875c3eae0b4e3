"""The page of a move: its gate with every criterion, its moment, its reasons, and how it is undone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import StaffMember
from pathways.actions import enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason
from tests.factories import pathways
from tests.factories.course import LATER, ready_for_therapy, to_therapy
from tests.web.pages import at, words

pytestmark = pytest.mark.django_db


def test_a_gate_that_is_not_met_is_a_page_with_every_criterion(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(at("move", enrollment, way="advance"), {"version": 1})
    assert answer.status_code == 409
    said = words(answer)
    assert "Not ready for Therapy yet" in said and "2 of 5 requirements are met" in said
    for asked in ("Treatment plan agreed with the patient", "COWS below 5", "At least 1 day in this phase"):
        assert asked in said
    assert b"data-focus" in answer.content
    assert enrollment.transitions.count() == 1


def test_the_page_and_the_problem_document_say_the_same(browser: Client, enrollment: Enrollment) -> None:
    page = words(browser.post(at("move", enrollment, way="advance"), {"version": 1}))
    answer = browser.post(
        reverse("api_enrollment_advance", args=[enrollment.public_id]), {}, content_type="application/json",
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert answer.status_code == 409
    for each in answer.json()["criteria"]:
        assert each["sentence"] in page
        assert each["found"].rstrip(".") in page


def test_a_gate_that_is_met_lets_through(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    ready_for_therapy(enrollment, clinician.actor)
    page = browser.get(at("move", enrollment))
    assert page.status_code == 200 and "Gate to Behavioral therapy" in words(page)
    answer = browser.post(at("move", enrollment, way="advance"), {"version": 1})
    assert answer.status_code == 303
    enrollment.refresh_from_db()
    assert enrollment.current_phase is not None and enrollment.current_phase.key == "behavioral-therapy"


def test_a_move_may_be_recorded_for_an_earlier_moment(browser: Client, enrollment: Enrollment) -> None:
    given = {"version": 1, "reason": "travel", "review_on": "2026-07-10", "effective_on": "2026-06-17",
             "effective_time": "09:15"}  # fmt: skip
    assert browser.post(at("move", enrollment, way="hold"), given).status_code == 303
    local = Transition.objects.get(kind="hold").effective_at.astimezone(enrollment.site.zone)
    assert f"{local:%d %H:%M}" == "17 09:15"


def test_another_day_needs_its_time(browser: Client, enrollment: Enrollment) -> None:
    given = {"version": 1, "reason": "travel", "review_on": "2026-07-10", "effective_on": "2026-06-17"}
    answer = browser.post(at("move", enrollment, way="hold"), given)
    assert answer.status_code == 422 and "Type the time too" in words(answer)


def test_what_somebody_else_moved_meanwhile_is_told(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(
        at("move", enrollment, way="hold"), {"version": 9, "reason": "travel", "review_on": "2026-07-10"}
    )
    assert answer.status_code == 412
    assert enrollment.transitions.count() == 1


def test_a_discharge_asks_for_reason_and_destination(browser: Client, enrollment: Enrollment) -> None:
    assert browser.post(at("move", enrollment, way="discharge"), {"version": 1}).status_code == 422
    answer = browser.post(
        at("move", enrollment, way="discharge"), {"version": 1, "reason": "moved_away", "destination": "home"}
    )
    assert answer.status_code == 303
    enrollment.refresh_from_db()
    assert enrollment.status == "left"
    assert FollowUp.objects.open().filter(enrollment=enrollment, anchor_kind="discharge").count() >= 4


def test_a_death_is_told_without_a_word_of_contacts_to_come(browser: Client, enrollment: Enrollment) -> None:
    given = {"version": 1, "reason": "died", "destination": "none"}
    answer = browser.post(at("move", enrollment, way="discharge"), given, follow=True)
    assert "The death is recorded. Nothing more is planned or sent." in words(answer)
    assert "contacts after it are planned" not in words(answer)
    assert not FollowUp.objects.open().filter(enrollment=enrollment).exists()


def test_a_way_that_is_not_open_is_not_found(browser: Client, enrollment: Enrollment) -> None:
    assert browser.get(at("move", enrollment, way="step_back")).status_code == 404


def test_the_last_move_is_undone_with_a_note(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    to_therapy(enrollment, clinician.actor, now=LATER - timedelta(hours=3))
    assert "Moved to Therapy" in words(browser.get(at("move_undo", enrollment)))
    assert browser.post(at("move_undo", enrollment), {"version": 2, "note": ""}).status_code == 422
    assert browser.post(at("move_undo", enrollment), {"version": 2, "note": "Too early"}).status_code == 303
    enrollment.refresh_from_db()
    assert enrollment.current_phase is not None and enrollment.current_phase.ordinal == 1


def test_what_stands_in_the_way_of_undoing_is_told_before_a_reason_is_asked_for(
    browser: Client, enrollment: Enrollment, clinician: StaffMember
) -> None:
    to_therapy(enrollment, clinician.actor, now=LATER - timedelta(hours=3))
    move = enrollment.transitions.get(kind="advance")
    owed = FollowUp.objects.filter(anchor_id=move.public_id).first()
    assert owed is not None
    follow_ups.close(by=clinician.actor, now=LATER, follow_up_id=owed.public_id, outcome=Outcome.KEPT)
    shown = words(browser.get(at("move_undo", enrollment)))
    assert "rests on it" in shown and "Why it is undone" not in shown


def test_the_other_ends_a_death_had_made_are_told_before_it_is_taken_back(
    browser: Client, enrollment: Enrollment, clinician: StaffMember
) -> None:
    actor = clinician.actor
    pathways.program(changed={"program": pathways.document()["program"] | {"key": "evenings", "title": "Evenings"}})
    pathways.enrolled(enrollment.patient, by=actor, site=enrollment.site, now=LATER, program_key="evenings")
    died = DischargeReason.DIED
    enrollments.discharge(by=actor, now=LATER, enrollment_id=enrollment.public_id, reason=died)
    assert "The death is taken back with it, and so are the ends it had made of: Evenings" in words(
        browser.get(at("move_undo", enrollment))
    )
