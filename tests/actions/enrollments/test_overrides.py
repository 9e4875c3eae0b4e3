"""A criterion is set aside by who may, with a second signature where one is asked for."""

from datetime import timedelta

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.enrollments.gating import SetAside
from pathways.models import Enrollment, OverrideRequest
from pathways.rules.gates import OverrideReason
from tests.actions.enrollments.asking import asked
from tests.factories import clinic
from tests.factories.course import DAY, LATER, ready_for_therapy
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db
WAITING = SetAside(("withdrawal-settled",), OverrideReason.CLINICAL_JUDGEMENT, "Settled, told by phone")


def test_an_override_that_needs_a_second_signature_is_refused_without(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    refused = refusal(enrollments.advance, **asked(enrollment, clinician, set_aside=WAITING))
    assert (refused.code, refused.status) == ("override_not_allowed", 422)


def test_an_override_with_a_second_signature_is_used_once(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrollments.cosign_override(by=supervisor, now=LATER, request_id=request.public_id)
    move = enrollments.advance(**asked(enrollment, clinician))
    request.refresh_from_db()
    assert (request.used_in, move.cosigned_by) == (move, supervisor)
    assert move.override == {"criteria": ["withdrawal-settled"]}
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Too early"))
    again = refusal(enrollments.advance, **asked(enrollment, clinician, LATER + timedelta(hours=2)))
    assert again.code == "gate_not_met"


def test_nobody_signs_their_own_request(enrollment: Enrollment, clinician: Actor) -> None:
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    refused = refusal(enrollments.cosign_override, by=clinician, now=LATER, request_id=request.public_id)
    assert refused.code == "cosign_own"


def test_a_declined_request_opens_no_gate(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    enrollments.decline_override(by=supervisor, now=LATER, request_id=request.public_id)
    assert refusal(enrollments.advance, **asked(enrollment, clinician)).code == "gate_not_met"
    late = refusal(enrollments.cosign_override, by=supervisor, now=LATER, request_id=request.public_id)
    assert late.code == "override_decided"


def test_a_signature_expires_after_a_week(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    request = enrollments.request_override(
        **asked(enrollment, clinician, criteria=("withdrawal-settled",), reason=WAITING.reason, note=WAITING.note)
    )
    supervisor = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    refused = refusal(enrollments.cosign_override, by=supervisor, now=LATER + 8 * DAY, request_id=request.public_id)
    assert refused.code == "override_decided"


def test_a_required_criterion_cannot_be_asked_to_be_set_aside(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(
        enrollments.request_override,
        **asked(enrollment, clinician, criteria=("plan-agreed",), reason=WAITING.reason, note=WAITING.note),
    )
    assert refused.status == 422 and not OverrideRequest.objects.exists()


def test_an_api_client_may_not_override(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician, but="cows")
    client = clinic.api_client(scopes=["enrollments.write", "enrollments.read"], sites=[site]).actor
    refused = refusal(enrollments.advance, **asked(enrollment, client, set_aside=WAITING))
    assert refused.status == 403
    asking = refusal(
        enrollments.request_override,
        **asked(enrollment, client, criteria=WAITING.criteria, reason=WAITING.reason, note=WAITING.note),
    )
    assert asking.status == 403
