"""A step back gives its reason, opens a stay of its own, and leaves the contacts after a return to use."""

from datetime import timedelta

import pytest

from clinic.models import Actor
from pathways.actions import enrollments
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, PhaseStay
from pathways.rules.moves import HoldReason, StepBackReason
from tests.actions.enrollments.asking import FIRST, asked, open_contacts
from tests.factories.course import DAY, LATER, to_therapy
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


def test_a_step_back_needs_its_reason_and_opens_a_stay_of_its_own(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    later = LATER + 5 * DAY
    move = enrollments.step_back(**asked(enrollment, clinician, later, reason=StepBackReason.RETURN_TO_USE))
    stay = PhaseStay.objects.get(enrollment=enrollment, ended_at__isnull=True)
    assert (stay.is_step_back, stay.phase.key, move.kind) == (True, FIRST, "step_back")
    keys = {each.rule_key for each in open_contacts(enrollment, anchor_id=move.public_id)}
    assert keys == {"stabilization-daily-contact", "stabilization-weekly-contact"}


def test_a_step_back_leaves_the_contacts_after_a_return_to_use(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    later = LATER + 5 * DAY
    event = record_return_to_use(
        by=clinician, now=later, enrollment_id=enrollment.public_id, effective_at=later - timedelta(hours=5)
    )
    owed = len(open_contacts(enrollment, anchor_id=event.public_id))
    enrollments.step_back(**asked(enrollment, clinician, later, reason=StepBackReason.RETURN_TO_USE))
    assert len(open_contacts(enrollment, anchor_id=event.public_id)) == owed > 0


def test_a_reason_that_does_not_belong_to_the_way_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    refused = refusal(enrollments.step_back, **asked(enrollment, clinician, LATER + DAY, reason=HoldReason.TRAVEL))
    assert (refused.status, list(refused.fields)) == (422, ["reason"])
