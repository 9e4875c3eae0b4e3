"""A discharge plans the contacts after it, goes through the last gate, and may be undone."""

from datetime import timedelta

import pytest

from clinic.models import Actor
from pathways.actions import enrollments
from pathways.models import Enrollment, PhaseStay
from pathways.rules.moves import DischargeReason
from tests.actions.enrollments.asking import FIRST, asked, discharged, open_contacts
from tests.factories.course import DAY, LATER
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


def test_a_discharge_plans_the_contacts_of_day_2_7_14_and_30(enrollment: Enrollment, clinician: Actor) -> None:
    move = discharged(enrollment, clinician)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.current_phase, enrollment.ended_at) == ("left", None, LATER)
    left_on = LATER.astimezone(enrollment.site.zone).date()
    days = [(each.due_on - left_on).days for each in open_contacts(enrollment, anchor_id=move.public_id)]
    assert days[:4] == [2, 7, 14, 30]


def test_after_a_death_no_contact_is_owed(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician, reason=DischargeReason.DIED)
    assert not open_contacts(enrollment)


def test_completion_goes_through_the_last_gate(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.discharge, **asked(enrollment, clinician, reason=DischargeReason.COMPLETED))
    assert refused.status in (409, 422)
    enrollment.refresh_from_db()
    assert enrollment.status == "active"


def test_an_end_by_the_clinic_needs_a_note(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.discharge, **asked(enrollment, clinician, reason=DischargeReason.ENDED_BY_CLINIC))
    assert list(refused.fields) == ["note"]


def test_undoing_a_discharge_opens_the_enrollment_again(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment)}
    discharged(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Stays after all"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.ended_at) == ("active", None)
    assert enrollment.current_phase is not None and enrollment.current_phase.key == FIRST
    assert PhaseStay.objects.get(enrollment=enrollment).ended_at is None
    assert {each.pk for each in open_contacts(enrollment)} == before


def test_a_discharge_is_not_undone_once_somebody_came_back(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    enrollments.readmit(**asked(enrollment, clinician, LATER + DAY, to_phase=FIRST))
    refused = refusal(enrollments.reverse, **asked(enrollment, clinician, LATER + 2 * DAY, note="Not so"))
    assert (refused.code, refused.status) == ("built_upon", 409)
