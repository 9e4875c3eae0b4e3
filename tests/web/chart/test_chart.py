"""The chart: what it shows, to whom, and what looking at it costs and leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.rules.moves import HoldReason
from patients.models import SafetyFlag
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories.course import DAY, recorded, to_therapy
from tests.factories.patients import NOW
from tests.web.pages import at, reader, words

pytestmark = pytest.mark.django_db
TABS = ("timeline", "assessments", "contacts", "level", "consents")


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


def test_the_counselor_is_changed(browser: Client, site: Site, enrollment: Enrollment) -> None:
    counselor = make.staff(roles=[Role.COUNSELOR], sites=[site], name="Robin Delacroix")
    given = {"version": 1, "counselor": str(counselor.actor.public_id)}
    assert browser.post(at("enrollment_counselor", enrollment), given).status_code == 303
    assert "Counselor Robin Delacroix" in words(browser.get(at("chart", enrollment.patient)))
