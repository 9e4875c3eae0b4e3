"""A second signature holds for the gate it was asked for, and stands in nobody's way."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment, OverrideRequest
from pathways.rules.gates import OverrideReason
from tests.factories import clinic, pathways
from tests.factories.course import LATER, THERAPY, ready_for_therapy, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return clinic.site()


@pytest.fixture
def clinician(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def supervisor(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def enrollment(site: Site, clinician: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=clinician)


def requested(row: Enrollment, by: Actor) -> OverrideRequest:
    return enrollments.request_override(
        by=by, now=NOW + HOUR, enrollment_id=row.public_id, criteria=("withdrawal-settled",),
        reason=OverrideReason.CLINICAL_JUDGEMENT, note="Settled, told by phone",
    )  # fmt: skip


def no_longer(role: Role, actor: Actor) -> None:
    with allow_direct_writes():
        actor.roles = [each for each in [Role.NURSE.value, *actor.roles] if each != role]
        actor.save()


def test_after_the_person_moved_on_a_request_is_not_signed(
    enrollment: Enrollment, clinician: Actor, supervisor: Actor
) -> None:
    request = requested(enrollment, clinician)
    to_therapy(enrollment, clinician)
    with pytest.raises(Refused, match="override_decided"):
        enrollments.cosign_override(by=supervisor, now=LATER, request_id=request.public_id)
    request.refresh_from_db()
    assert request.cosigned_at is None


def test_a_request_of_somebody_whose_role_changed_blocks_no_gate_that_is_met(
    site: Site, enrollment: Enrollment, clinician: Actor, supervisor: Actor
) -> None:
    colleague = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    request = requested(enrollment, colleague)
    enrollments.cosign_override(by=supervisor, now=NOW + 2 * HOUR, request_id=request.public_id)
    no_longer(Role.CLINICIAN, colleague)
    move = to_therapy(enrollment, clinician)
    assert move.to_phase is not None and move.to_phase.key == THERAPY
    assert (move.override, move.cosigned_by) == (None, None)


def test_a_request_of_somebody_whose_role_changed_opens_no_gate(
    site: Site, enrollment: Enrollment, clinician: Actor, supervisor: Actor
) -> None:
    colleague = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    request = requested(enrollment, colleague)
    enrollments.cosign_override(by=supervisor, now=NOW + 2 * HOUR, request_id=request.public_id)
    no_longer(Role.CLINICIAN, colleague)
    ready_for_therapy(enrollment, clinician, but="cows")
    with pytest.raises(Refused, match="gate_not_met"):
        enrollments.advance(by=clinician, now=LATER, enrollment_id=enrollment.public_id)
