"""The chart and the pages of a move: what they show, to whom, and what they do."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlparse

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditEntry, Site, StaffMember
from clinic.rules.roles import Role
from pathways.actions import enrollments, follow_ups
from pathways.models import Enrollment, FollowUp, OverrideRequest, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import DischargeReason, HoldReason
from patients.models import SafetyFlag
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories.course import DAY, LATER, ready_for_therapy, recorded, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
TABS = ("timeline", "assessments", "contacts", "level", "consents")


@pytest.fixture(autouse=True)
def the_clock(time_machine_at: Any) -> None:
    time_machine_at(LATER)


@pytest.fixture
def time_machine_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clinic's clock stands at a moment; sessions and tokens keep the real time."""

    def at(moment: Any) -> None:
        monkeypatch.setattr("clinic.clock.now", lambda: moment)

    return at


@pytest.fixture
def clinician(site: Site) -> StaffMember:
    return make.staff(roles=[Role.CLINICIAN], sites=[site], name="Ada Samplewright")


@pytest.fixture
def browser(client: Client, clinician: StaffMember) -> Client:
    return make.sign_in(client, clinician)


@pytest.fixture
def enrollment(site: Site, clinician: StaffMember) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician.actor)


def at(name: str, row: Any, **query: str) -> str:
    return f"{reverse(name, args=[row.public_id])}?" + "&".join(f"{key}={value}" for key, value in query.items())


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def reader(client: Client, site: Site, role: Role) -> Client:
    return make.sign_in(client, make.staff(roles=[role], sites=[site]))


# -- the chart --------------------------------------------------------------------------------------------------------


def test_somebody_without_an_enrollment_is_shown_the_way_in(browser: Client, site: Site) -> None:
    person = patients.patient(site)
    answer = browser.get(at("chart", person))
    assert answer.status_code == 200
    assert "Not enrolled in a program" in words(answer)
    assert reverse("enroll", args=[person.public_id]).encode() in answer.content
    assert reverse("intake_open", args=[person.public_id]).encode() in answer.content


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_with_and_without_a_history(browser: Client, enrollment: Enrollment, tab: str) -> None:
    assert browser.get(at("chart", enrollment.patient, tab=tab)).status_code == 200
    person = patients.patient(enrollment.site)
    assert browser.get(at("chart", person, tab=tab)).status_code == 200


def test_each_unmet_requirement_carries_its_next_step(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.get(at("chart", enrollment.patient))
    person = enrollment.patient.public_id
    assert reverse("assessment_new", args=[person, "cows"]).encode() in answer.content
    assert reverse("attest", args=[enrollment.public_id, "treatment-plan-agreed"]).encode() in answer.content
    assert "2 of 5 met" in words(answer)


def test_a_long_checklist_folds_away_what_is_met_and_leaves_in_sight_what_is_to_be_done(
    browser: Client, enrollment: Enrollment
) -> None:
    page = browser.get(at("chart", enrollment.patient)).content.decode()
    open_lines, folded = page.split('<details class="crit-met">')
    assert "At least 1 day in this phase" in folded and "At least 1 day in this phase" not in open_lines
    assert "Treatment plan agreed with the patient" in open_lines


def test_a_flag_stands_beneath_the_name_and_leads_to_itself(browser: Client, enrollment: Enrollment) -> None:
    recorded(enrollment.patient, "cssrs_screen", {"cssrs_1": "yes", "cssrs_2": "yes"},
             by=enrollment.admitted_by, at=NOW + DAY)  # type: ignore[arg-type]  # fmt: skip
    answer = browser.get(at("chart", enrollment.patient))
    flag = SafetyFlag.objects.get(patient=enrollment.patient)
    assert b'class="flags"' in answer.content
    assert reverse("flag", args=[flag.public_id]).encode() in answer.content


def test_the_timeline_tells_moves_forms_and_returns_newest_first(browser: Client, enrollment: Enrollment) -> None:
    to_therapy(enrollment, enrollment.admitted_by)  # type: ignore[arg-type]
    said = words(browser.get(at("chart", enrollment.patient, tab="timeline")))
    assert said.index("Moved to Therapy") < said.index("COWS: 0, none or minimal") < said.rindex("Admitted")


def test_a_trend_card_shows_value_band_limit_and_the_numbers_as_a_table(
    browser: Client, enrollment: Enrollment
) -> None:
    by = enrollment.admitted_by
    recorded(enrollment.patient, "cows", by=by, at=NOW + timedelta(hours=2))  # type: ignore[arg-type]
    recorded(enrollment.patient, "cows", by=by, at=NOW + timedelta(hours=30))  # type: ignore[arg-type]
    answer = browser.get(at("chart", enrollment.patient, tab="assessments"))
    assert b'class="plot"' in answer.content and b'class="cut"' in answer.content
    assert "Same numbers as a table" in words(answer) and "none or minimal" in words(answer)


def test_a_foreign_person_is_not_found(client: Client, enrollment: Enrollment) -> None:
    stranger = make.sign_in(client, make.staff(roles=[Role.CLINICIAN]))
    assert stranger.get(at("chart", enrollment.patient)).status_code == 404
    assert stranger.get(at("move", enrollment)).status_code == 404


def test_the_front_desk_sees_the_way_but_no_findings(client: Client, site: Site, enrollment: Enrollment) -> None:
    desk = reader(client, site, Role.FRONT_DESK)
    answer = desk.get(at("chart", enrollment.patient))
    assert answer.status_code == 200
    assert b"sw-ribbon" in answer.content
    assert "Gate to" not in words(answer) and "Assessments" not in words(answer)
    assert "Move phase" not in words(answer)


def test_who_looked_is_for_those_who_may_read_the_audit(
    client: Client, browser: Client, site: Site, enrollment: Enrollment
) -> None:
    browser.get(at("chart", enrollment.patient))
    assert "Who looked" not in words(browser.get(at("chart", enrollment.patient)))
    officer = reader(Client(), site, Role.PRIVACY_OFFICER)
    said = words(officer.get(at("chart", enrollment.patient, tab="lookers")))
    assert "Ada Samplewright" in said and "read.chart" in said


def test_looking_at_a_chart_is_written_down(browser: Client, enrollment: Enrollment) -> None:
    browser.get(at("chart", enrollment.patient))
    entry = AuditEntry.objects.get(action="read.chart")
    assert entry.patient_ids == [enrollment.patient.public_id]


def count_of(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert browser.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("tab", TABS)
def test_a_chart_asks_the_database_equally_often_however_long_the_history(
    browser: Client, enrollment: Enrollment, tab: str
) -> None:
    lengthen(enrollment, 5)
    browser.get(at("chart", enrollment.patient))
    few = count_of(browser, at("chart", enrollment.patient, tab=tab))
    lengthen(enrollment, 45)
    assert count_of(browser, at("chart", enrollment.patient, tab=tab)) == few <= 40


def lengthen(row: Enrollment, times: int) -> None:
    """So many readings and so many moves more."""
    by = row.admitted_by
    done = row.transitions.count()
    for number in range(done, done + times):
        moment = NOW + timedelta(minutes=2 * number)
        recorded(row.patient, "craving_vas", {"craving_vas_1": number % 10}, by=by, at=moment)  # type: ignore[arg-type]
        given = {"by": by, "now": moment, "enrollment_id": row.public_id}
        if number % 2:
            enrollments.hold(reason=HoldReason.TRAVEL, review_on=(NOW + 30 * DAY).date(), **given)  # type: ignore[arg-type]
        else:
            enrollments.resume(**given)  # type: ignore[arg-type]


# -- enroll and readmit -----------------------------------------------------------------------------------------------


def test_enrolling_leads_to_the_chart(browser: Client, site: Site) -> None:
    person = patients.patient(site)
    pathways.program(now=NOW - DAY)
    assert browser.get(at("enroll", person)).status_code == 200
    answer = browser.post(at("enroll", person), {"program": pathways.KRATOM, "site": site.public_id})
    assert (answer.status_code, urlparse(answer["Location"]).path) == (303, reverse("chart", args=[person.public_id]))
    assert Enrollment.objects.get(patient=person).status == "active"


def test_enrolling_twice_is_refused_on_the_page(browser: Client, enrollment: Enrollment) -> None:
    answer = browser.post(
        at("enroll", enrollment.patient), {"program": pathways.KRATOM, "site": enrollment.site.public_id}
    )
    assert answer.status_code == 409
    assert Enrollment.objects.count() == 1


def test_an_emergency_shows_the_entry_gate(browser: Client, site: Site, clinician: StaffMember) -> None:
    person = patients.patient(site)
    pathways.program(now=NOW - DAY)
    high = {f"cssrs_{number}": "yes" for number in (1, 2, 3, 4, 5, 6, "6b")}
    recorded(person, "cssrs_screen", high, by=clinician.actor, at=NOW)
    answer = browser.post(at("enroll", person), {"program": pathways.KRATOM, "site": site.public_id})
    assert answer.status_code == 409
    assert "Not ready for Stabilization yet" in words(answer) and "is not enrolled" in words(answer)


def test_coming_back_takes_two_steps(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    enrollments.discharge(
        by=clinician.actor, now=LATER - timedelta(hours=5), enrollment_id=enrollment.public_id,
        reason=DischargeReason.CHOSE_TO_LEAVE,
    )  # fmt: skip
    given = {"to_phase": "assessment-and-stabilization", "note": "Called us"}
    looked = browser.post(at("readmit", enrollment), given)
    assert looked.status_code == 200 and "check and confirm" in words(looked)
    assert Enrollment.objects.count() == 1
    answer = browser.post(at("readmit", enrollment), given | {"confirmed": "yes"})
    assert answer.status_code == 303
    back = Enrollment.objects.get(readmission_of=enrollment)
    assert back.transitions.get().note == "Called us"


# -- moving -----------------------------------------------------------------------------------------------------------


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


# -- overrides --------------------------------------------------------------------------------------------------------


def asked(browser: Client, row: Enrollment, **given: str) -> Any:
    told = {"version": "1", "set_aside": "withdrawal-settled", "override_reason": "clinical_judgement",
            "override_note": "Settled, seen today"} | given  # fmt: skip
    return browser.post(at("move", row, way="advance"), told)


def test_what_needs_a_second_signature_becomes_a_request_and_says_who_may_sign(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    make.staff(roles=[Role.SUPERVISOR], sites=[site], name="Morgan Plaice")
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    page = browser.post(at("move", enrollment, way="advance"), {"version": 1})
    assert "Your request goes to Morgan Plaice" in words(page)
    answer = asked(browser, enrollment)
    assert answer.status_code == 303
    request = OverrideRequest.objects.get()
    assert request.reason == "Settled, seen today"
    said = words(browser.get(answer["Location"]))
    assert "Morgan Plaice can give it" in said and "waits for the signature of" in said


def test_an_override_needs_its_words(browser: Client, enrollment: Enrollment, clinician: StaffMember) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    answer = asked(browser, enrollment, override_note="")
    assert answer.status_code == 422
    assert not OverrideRequest.objects.exists()


def test_the_second_person_signs_and_the_move_goes_through(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    asked(browser, enrollment)
    request = OverrideRequest.objects.get()
    own = words(browser.get(at("cosign", request)))
    assert "A second person has to sign this" in own
    second = reader(Client(), site, Role.SUPERVISOR)
    assert "Settled, seen today" in words(second.get(at("cosign", request)))
    assert second.post(at("cosign", request), {"decision": "sign"}).status_code == 303
    assert browser.post(at("move", enrollment, way="advance"), {"version": 1}).status_code == 303
    assert Transition.objects.get(kind="advance").override == {"criteria": ["withdrawal-settled"]}


def test_what_one_may_set_aside_alone_moves_at_once(
    browser: Client, enrollment: Enrollment, clinician: StaffMember
) -> None:
    to_therapy(enrollment, clinician.actor, now=LATER - timedelta(hours=3))
    answer = browser.post(at("move", enrollment, way="advance"), {"version": 2})
    assert "You may set aside, with a reason" in words(answer)
    assert "Set aside and move" in words(answer)


def test_a_declined_request_is_gone_from_the_chart(
    browser: Client, site: Site, enrollment: Enrollment, clinician: StaffMember
) -> None:
    ready_for_therapy(enrollment, clinician.actor, but="cows")
    asked(browser, enrollment)
    second = reader(Client(), site, Role.SUPERVISOR)
    second.post(at("cosign", OverrideRequest.objects.get()), {"decision": "decline"})
    assert "asked to set aside" not in words(browser.get(at("chart", enrollment.patient)))


def test_a_nurse_is_offered_no_override(client: Client, site: Site, enrollment: Enrollment) -> None:
    nurse = reader(client, site, Role.NURSE)
    answer = nurse.post(at("move", enrollment, way="advance"), {"version": 1})
    assert answer.status_code == 409
    assert "If it is right to move anyway" not in words(answer)


def test_the_counselor_is_changed(browser: Client, site: Site, enrollment: Enrollment) -> None:
    counselor = make.staff(roles=[Role.COUNSELOR], sites=[site], name="Robin Delacroix")
    given = {"version": 1, "counselor": str(counselor.actor.public_id)}
    assert browser.post(at("enrollment_counselor", enrollment), given).status_code == 303
    assert "Counselor Robin Delacroix" in words(browser.get(at("chart", enrollment.patient)))
