"""Somebody who was here before comes back through their earlier enrollment."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways
from tests.factories.course import DAY, LATER
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def counselor(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def left(site: Site, clinician: Actor, counselor: Actor) -> Enrollment:
    """Somebody who had a counselor, and left."""
    row = pathways.enrolled(site=site, by=clinician, counselor_id=counselor.public_id)
    enrollments.discharge(by=clinician, now=LATER, enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE)
    return row


def back(row: Enrollment, by: Actor) -> Enrollment:
    return enrollments.readmit(
        by=by, now=LATER + DAY, enrollment_id=row.public_id, to_phase="assessment-and-stabilization"
    )


def test_somebody_who_was_in_the_program_is_not_admitted_as_if_new(
    left: Enrollment, site: Site, clinician: Actor
) -> None:
    with pytest.raises(Refused, match="readmit_instead"):
        pathways.enrolled(left.patient, by=clinician, site=site, now=LATER + DAY, effective_at=NOW + timedelta(hours=1))
    assert Enrollment.objects.count() == 1


def test_the_former_counselor_goes_on(left: Enrollment, clinician: Actor, counselor: Actor) -> None:
    assert back(left, clinician).counselor == counselor


def test_a_counselor_who_left_the_clinic_does_not_come_back_with_them(
    left: Enrollment, clinician: Actor, counselor: Actor
) -> None:
    with allow_direct_writes():
        counselor.is_active = False
        counselor.save()
    assert back(left, clinician).counselor is None


def test_nor_one_who_works_at_another_site_now(left: Enrollment, clinician: Actor, counselor: Actor) -> None:
    with allow_direct_writes():
        counselor.sites.set([clinic.site()])
    assert back(left, clinician).counselor is None


def test_nobody_comes_back_before_they_left_last(left: Enrollment, clinician: Actor) -> None:
    second = back(left, clinician)
    enrollments.discharge(
        by=clinician, now=LATER + 5 * DAY, enrollment_id=second.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    with pytest.raises(Refused) as refused:
        enrollments.readmit(
            by=clinician, now=LATER + 9 * DAY, enrollment_id=left.public_id, effective_at=LATER + 3 * DAY,
            to_phase="assessment-and-stabilization",
        )  # fmt: skip
    assert set(refused.value.fields) == {"effective_at"}


def test_an_end_is_not_undone_once_they_came_back_through_an_earlier_enrollment(
    left: Enrollment, clinician: Actor
) -> None:
    second = back(left, clinician)
    gone = {"by": clinician, "reason": DischargeReason.CHOSE_TO_LEAVE}
    enrollments.discharge(now=LATER + 5 * DAY, enrollment_id=second.public_id, **gone)
    third = enrollments.readmit(
        by=clinician, now=LATER + 6 * DAY, enrollment_id=left.public_id, to_phase="assessment-and-stabilization"
    )
    enrollments.discharge(now=LATER + 7 * DAY, enrollment_id=third.public_id, **gone)
    with pytest.raises(Refused, match="built_upon"):
        enrollments.reverse(by=clinician, now=LATER + 8 * DAY, enrollment_id=second.public_id, note="Stays")
