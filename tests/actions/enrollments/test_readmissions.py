"""A readmission opens a new enrollment, after the discharge, for somebody who is not under way."""

from datetime import date

import pytest

from clinic.models import Actor
from pathways.actions import enrollments
from pathways.models import Enrollment
from tests.actions.enrollments.asking import FIRST, asked, discharged
from tests.factories import pathways
from tests.factories.course import DAY, LATER
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


def test_a_readmission_opens_a_new_enrollment_on_the_current_version(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    named = pathways.document()["program"] | {"summary": "The second edition"}
    newer = pathways.program(changed={"program": named}, now=LATER + DAY)
    back = enrollments.readmit(**asked(enrollment, clinician, LATER + 2 * DAY, to_phase=FIRST))
    assert (back.readmission_of, back.program_version, back.status) == (enrollment, newer, "active")
    assert back.pk != enrollment.pk and back.transitions.get().kind == "readmit"
    enrollment.refresh_from_db()
    assert enrollment.status == "left"


def test_somebody_who_has_died_is_not_readmitted(enrollment: Enrollment, clinician: Actor) -> None:
    from clinic.actions.verbs import allow_direct_writes

    discharged(enrollment, clinician)
    with allow_direct_writes():
        type(enrollment.patient).objects.filter(pk=enrollment.patient_id).update(died_on=date(2026, 6, 20))
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician, LATER + 2 * DAY))
    assert refused.code == "patient_closed"


def test_a_readmission_before_the_discharge_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    discharged(enrollment, clinician)
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician, LATER + DAY, effective_at=LATER - DAY))
    assert list(refused.fields) == ["effective_at"]


def test_somebody_who_is_under_way_is_not_readmitted(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(enrollments.readmit, **asked(enrollment, clinician))
    assert refused.code == "enrollment_one_open"
