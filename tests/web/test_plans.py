"""The pages of plans: the tree, forms in place, the page to keep, and the chart's tab."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import plans as verbs
from pathways.models import Enrollment, Plan, PlanElement
from pathways.rules.plans import PlanElementKind, PlanKind
from tests.factories import clinic, pathways
from tests.factories import plans as make
from tests.factories.course import recorded

pytestmark = pytest.mark.django_db
E = PlanElementKind


@pytest.fixture
def member(site: Site) -> StaffMember:
    return clinic.staff(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def enrollment(site: Site, member: StaffMember) -> Enrollment:
    return pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))


@pytest.fixture
def care(enrollment: Enrollment, member: StaffMember) -> Plan:
    return make.care_plan(enrollment, by=member.actor, now=clock.now() - timedelta(days=1))[0]


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def at(name: str, row: Any) -> str:
    return reverse(name, args=[row.public_id])


def test_a_plan_is_begun_from_the_chart(browser: Client, enrollment: Enrollment) -> None:
    tab = f"{at('chart', enrollment.patient)}?tab=plans"
    assert "Begin" in words(browser.get(tab))
    answer = browser.post(reverse("plan_open", args=[enrollment.public_id, "care"]))
    assert answer["Location"] == at("plan", Plan.objects.get())
    assert reverse("plan", args=[Plan.objects.get().public_id]).encode() in browser.get(tab).content
    assert browser.post(reverse("plan_open", args=[enrollment.public_id, "other"])).status_code == 404


def test_the_tree_shows_kind_owner_words_and_where_a_line_came_from(
    browser: Client, care: Plan, enrollment: Enrollment, member: StaffMember
) -> None:
    form = recorded(enrollment.patient, "phq9", by=member.actor, at=clock.now() - timedelta(hours=30))
    make.line(care, E.PROBLEM, "Low mood", by=member.actor, now=clock.now(), own_words="Grey mornings",
              owner_id=member.actor.public_id, diagnosis="F33.1", co_occurring=True,
              assessment_id=form.public_id)  # fmt: skip
    said = words(browser.get(at("plan", care)))
    for each in ("I want my evenings back.", "In bed by eleven", "Low mood", "“Grey mornings”", member.full_name,
                 "From PHQ-9", "Diagnosis F33.1", "co-occurring"):  # fmt: skip
        assert each in said
    assert AuditEntry.objects.filter(action="read.plan", patient_ids=[enrollment.patient.public_id]).exists()


def test_a_goal_is_added_in_its_place_and_what_is_wrong_stays_there(browser: Client, care: Plan) -> None:
    problem = care.elements.get(kind=E.PROBLEM)
    page = browser.get(f"{at('plan', care)}?add=goal&under={problem.public_id}").content.decode()
    action = re.search(r'class="sw-form pform" method="post" action="([^"]+)"', page)
    assert action is not None
    address = action[1].replace("&amp;", "&")
    bad = browser.post(address, {"text": "", "status": "active", "own_words": "Kept"})
    assert bad.status_code == 422 and "Kept" in bad.content.decode()
    assert browser.post(address, {"text": "Eat breakfast", "status": "active"}).status_code == 303
    assert PlanElement.objects.get(text="Eat breakfast").parent == problem


def test_a_line_is_changed_by_the_version_that_was_seen(browser: Client, care: Plan) -> None:
    goal = care.elements.get(kind=E.GOAL)
    assert goal.text in words(browser.get(f"{at('plan', care)}?edit={goal.public_id}"))
    given = {"text": "Sleep six hours", "status": "on_hold", "version": "1", "owner": ""}
    assert browser.post(at("plan_element_change", goal), given).status_code == 303
    stale = browser.post(at("plan_element_change", goal), given | {"text": "Other"})
    assert stale.status_code == 412 and "Other" in stale.content.decode()
    assert PlanElement.objects.get(pk=goal.pk).text == "Sleep six hours"


def test_a_line_is_ended_taken_up_again_and_moved(browser: Client, care: Plan) -> None:
    row = care.elements.get(kind=E.INTERVENTION)
    given = {"status": "complete", "progress": "Done weekly", "version": "1"}
    assert browser.post(at("plan_element_end", row), given).status_code == 303
    assert "Take up again" in words(browser.get(at("plan", care)))
    assert browser.post(at("plan_element_reopen", row)).status_code == 303
    assert browser.post(at("plan_element_move", row), {"step": "down"}).status_code == 303


def test_a_goal_with_open_steps_says_why_it_is_not_complete(browser: Client, care: Plan) -> None:
    goal = care.elements.get(kind=E.GOAL)
    answer = browser.post(at("plan_element_end", goal), {"status": "complete", "version": "1"})
    assert answer.status_code == 409
    assert "2 lines beneath it are still open" in words(answer)


def test_the_patient_signs_and_a_later_change_is_told(browser: Client, care: Plan, member: StaffMember) -> None:
    care.refresh_from_db()
    given = {"signer": "patient", "name": "Ada Example", "method": "on_paper", "version": care.version}
    assert browser.post(at("plan_sign", care), given).status_code == 303
    assert "holds" in words(browser.get(at("plan", care)))
    make.line(care, E.PROBLEM, "Owes rent", by=member.actor, now=clock.now())
    assert "Changed since it was signed" in words(browser.get(at("plan", care)))
    assert browser.post(at("plan_sign", care), given).status_code == 412


def test_a_plan_only_staff_has_signed_is_not_called_signed_on_the_chart(
    browser: Client, care: Plan, enrollment: Enrollment, member: StaffMember
) -> None:
    tab = f"{at('chart', enrollment.patient)}?tab=plans"
    care.refresh_from_db()
    given = {"signer": "staff", "name": "", "method": "on_screen", "version": care.version}
    assert browser.post(at("plan_sign", care), given).status_code == 303
    assert "Not signed by the patient yet" in words(browser.get(tab))
    care.refresh_from_db()
    given = {"signer": "patient", "name": "Ada Example", "method": "on_paper", "version": care.version}
    assert browser.post(at("plan_sign", care), given).status_code == 303
    assert "Signed as it stands" in words(browser.get(tab))


def test_a_review_and_own_words_are_written_in_place(browser: Client, care: Plan) -> None:
    for form in ("words", "review", "sign"):
        assert b'class="sw-form pform"' in browser.get(f"{at('plan', care)}?form={form}").content
    care.refresh_from_db()
    answer = browser.post(at("plan_words", care), {"own_words": "My kids", "version": care.version})
    assert answer.status_code == 303
    answer = browser.post(at("plan_review", care), {"note": "Goals stand", "version": care.version + 1})
    assert answer.status_code == 303
    said = words(browser.get(at("plan", care)))
    assert "My kids" in said and "Goals stand" in said


def test_the_page_to_keep_tells_nothing_of_where_it_comes_from(
    browser: Client, enrollment: Enrollment, member: StaffMember
) -> None:
    row = make.plan(enrollment, PlanKind.RECOVERY, by=member.actor, now=clock.now(), own_words="My kids")
    make.line(row, E.PERSON_TO_CALL, "My sister", by=member.actor, now=clock.now(), contact="(202) 555-0117")
    make.line(row, E.DAILY_LIFE, "Walk", by=member.actor, now=clock.now(), own_words="Walk the dog at seven")
    said = words(browser.get(at("plan_keep", row)))
    for each in ("Whom I call", "My sister", "(202) 555-0117", "Walk the dog at seven", "My kids"):
        assert each in said
    assert not re.search(r"recover|kratom|treat|clinic|Stepwell|patient|counsel|relapse", said, re.IGNORECASE)
    assert enrollment.patient.family_name not in said and enrollment.site.name not in said


def test_a_care_plan_is_no_page_to_keep(browser: Client, care: Plan) -> None:
    assert browser.get(at("plan_keep", care)).status_code == 404


def test_sections_of_a_recovery_plan_each_take_lines(
    browser: Client, enrollment: Enrollment, member: StaffMember
) -> None:
    row = make.plan(enrollment, PlanKind.RECOVERY, by=member.actor, now=clock.now())
    page = browser.get(f"{at('plan', row)}?add=trigger")
    assert "What can set things off" in words(page) and b'class="sw-form pform"' in page.content
    assert browser.get(f"{at('plan', row)}?add=goal").status_code == 404


def test_a_peer_supporter_reads_and_finds_no_form(client: Client, site: Site, care: Plan) -> None:
    peer = clinic.sign_in(client, clinic.staff(roles=[Role.PEER_SUPPORTER], sites=[site]))
    page = peer.get(f"{at('plan', care)}?form=words").content.decode()
    assert "I want my evenings back." in page and "pform" not in page and "Change" not in page
    assert peer.post(at("plan_close", care)).status_code == 403


def test_a_foreign_plan_is_not_found(client: Client, care: Plan) -> None:
    stranger = clinic.sign_in(client, clinic.staff(roles=[Role.COUNSELOR]))
    for name in ("plan", "plan_keep"):
        assert stranger.get(at(name, care)).status_code == 404
    line = care.elements.get(kind=E.PROBLEM)
    assert stranger.post(at("plan_element_reopen", line)).status_code == 404


def test_a_closed_plan_is_read_and_not_written(browser: Client, care: Plan) -> None:
    assert browser.post(at("plan_close", care)).status_code == 303
    page = browser.get(f"{at('plan', care)}?form=sign").content.decode()
    assert "This plan is closed" in page and "pform" not in page


def test_many_lines_ask_the_database_as_much_as_few(browser: Client, care: Plan, member: StaffMember) -> None:
    def asked() -> int:
        browser.get(at("plan", care))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(at("plan", care)).status_code == 200
        return len(queries)

    few = asked()
    problem = care.elements.get(kind=E.PROBLEM)
    for number in range(5):
        make.line(care, E.GOAL, f"Goal {number}", under=problem, by=member.actor, now=clock.now(),
                  owner_id=member.actor.public_id)  # fmt: skip
    verbs.review_plan(by=member.actor, now=clock.now(), plan_id=care.public_id)
    assert asked() == few
