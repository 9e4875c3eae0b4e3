"""The shipped programs at work: what an admission plans, and who is written to."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment, Reminder
from pathways.rules.moves import DischargeReason
from pathways.rules.programs import parse
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
STABILIZATION, THERAPY = "assessment-and-stabilization", "behavioral-therapy"
INPATIENT, RESIDENTIAL = "kratom-medically-managed-inpatient", "kratom-residential"
SEVERE = {"kratom-early-intervention": (0,), "kratom-outpatient": (1,), "kratom-intensive-outpatient": (1, 0, 0, 0, 2),
          RESIDENTIAL: (3,), INPATIENT: (4,)}  # fmt: skip


@pytest.fixture
def site() -> Site:
    call_command("load_programs", publish=True)
    return clinic.site()


@pytest.fixture
def person(site: Site, clinician: Actor) -> Patient:
    return patients.patient(site, by=clinician, contact_points=[patients.phone()])


def admitted(name: str, person: Patient, by: Actor) -> Enrollment:
    pathways.rated(person, *SEVERE[name], by=by, now=NOW, sud=name != "kratom-early-intervention")
    return enrollments.enroll(by=by, now=NOW, patient_id=person.public_id, program_key=name)


@pytest.mark.parametrize("name", SEVERE)
def test_the_needs_a_program_is_for_open_its_door_and_plan_its_first_contacts(
    name: str, person: Patient, clinician: Actor
) -> None:
    row = admitted(name, person, clinician)
    assert row.current_phase is not None and row.current_phase.key == STABILIZATION
    planned = {each.rule_key for each in row.follow_ups.all()}
    document = parse(row.program_version.document)
    owed = {each.rule_key for each in document.follow_ups if each.anchor == "admission"}
    owed |= {each.rule_key for each in document.follow_ups if STABILIZATION in each.phases}
    assert planned == owed


@pytest.mark.parametrize(("name", "written_to"), [("kratom-intensive-outpatient", True), (RESIDENTIAL, False),
                                                  (INPATIENT, False)])  # fmt: skip
def test_only_who_lives_at_home_is_written_to(name: str, written_to: bool, person: Patient, clinician: Actor) -> None:
    row = admitted(name, person, clinician)
    assert Reminder.objects.filter(follow_up__enrollment=row).exists() is written_to


@pytest.mark.parametrize("name", [RESIDENTIAL, INPATIENT])
def test_the_withdrawal_watch_is_owed_on_each_of_the_first_six_days(
    name: str, person: Patient, clinician: Actor
) -> None:
    row = admitted(name, person, clinician)
    watch = row.follow_ups.filter(rule_key__startswith="withdrawal-watch").order_by("due_on")
    first = watch[0].due_on
    assert [each.due_on - first for each in watch] == [number * DAY for number in range(6)]
    assert [each.rule_key for each in watch].count("withdrawal-watch-4-hourly") == 2


@pytest.mark.parametrize("name", [RESIDENTIAL, INPATIENT])
def test_a_planned_step_down_elsewhere_waits_for_the_hand_over_and_a_clinician_need_not(
    name: str, person: Patient, clinician: Actor, site: Site
) -> None:
    row = admitted(name, person, clinician)
    enrollments.discharge(
        by=clinician, now=NOW + DAY, enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    back = enrollments.readmit(
        by=clinician, now=NOW + 2 * DAY, enrollment_id=row.public_id, to_phase=THERAPY, note="Came back by themselves"
    )
    counselor = clinic.actor(roles=[Role.COUNSELOR], sites=[site])
    asked = {"now": NOW + 3 * DAY, "enrollment_id": back.public_id, "reason": DischargeReason.MOVED_TO_OTHER_CARE}
    with pytest.raises(Refused) as refused:
        enrollments.discharge(by=counselor, **asked)
    assert refused.value.code == "gate_not_met"
    assert {"next-contact-booked", "hand-over-consented"} <= {each["key"] for each in refused.value.details["criteria"]}
    assert enrollments.discharge(by=clinician, note="To the hospital at once", **asked).to_status == "left"
