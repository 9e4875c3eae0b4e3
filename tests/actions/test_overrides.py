"""A second signature holds for the gate it was asked for, and stands in nobody's way."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment, OverrideRequest
from pathways.queries.worklist import owed
from pathways.rules.gates import OverrideReason
from pathways.rules.moves import DischargeReason
from tests.factories import clinic, pathways, patients
from tests.factories.course import LATER, THERAPY, ready_for_therapy, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def supervisor(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


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


def test_a_request_the_person_moved_past_is_on_nobodys_list(
    site: Site, enrollment: Enrollment, clinician: Actor, supervisor: Actor
) -> None:
    request = requested(enrollment, clinician)

    def listed() -> set[object]:
        return {each.item.public_id for each in owed(supervisor, site, now=LATER).lines}

    assert request.public_id in listed()
    to_therapy(enrollment, clinician)
    assert request.public_id not in listed()


def test_an_earlier_signature_opens_the_gate_where_a_newer_one_does_not(
    enrollment: Enrollment, clinician: Actor, supervisor: Actor
) -> None:
    fits, other = requested(enrollment, clinician), requested(enrollment, clinician)
    with allow_direct_writes():
        other.criteria = ["a-day-in-stabilization"]
        other.save()
    for number, each in enumerate((fits, other), start=2):
        enrollments.cosign_override(by=supervisor, now=NOW + number * HOUR, request_id=each.public_id)
    ready_for_therapy(enrollment, clinician, but="cows")
    move = enrollments.advance(by=clinician, now=LATER, enrollment_id=enrollment.public_id)
    fits.refresh_from_db()
    assert fits.used_in == move


def strict_entry() -> None:
    """The entry gate asks for a form that two people may set aside."""
    changed = pathways.document()
    asked = {
        "key": "asked-first", "kind": "assessment_done", "instrument": "bam", "within_days": 30, "source": "test",
        "requirement": "overridable", "overridable_by": ["clinician"], "cosigned_by": ["supervisor"],
    }  # fmt: skip
    changed["phases"][0]["entry"] = {"title": "Gate in", "criteria": [asked]}
    pathways.program(changed={"phases": changed["phases"]}, now=LATER)


def test_who_waits_begins_with_a_second_signature(site: Site, clinician: Actor, supervisor: Actor) -> None:
    pathways.program()
    person = patients.patient(site, by=clinician)
    row = enrollments.propose(by=clinician, now=NOW, patient_id=person.public_id, program_key=pathways.KRATOM)
    strict_entry()
    asked = {"criteria": ("asked-first",), "reason": OverrideReason.WAITING_IS_RISKIER, "note": "Next week"}
    request = enrollments.request_override(by=clinician, now=LATER, enrollment_id=row.public_id, **asked)
    with pytest.raises(Refused, match="gate_not_met"):
        enrollments.admit(by=clinician, now=LATER, enrollment_id=row.public_id)
    assert request.public_id in {each.item.public_id for each in owed(supervisor, site, now=LATER).lines}
    enrollments.cosign_override(by=supervisor, now=LATER + HOUR, request_id=request.public_id)
    began = enrollments.admit(by=clinician, now=LATER + 2 * HOUR, enrollment_id=row.public_id)
    request.refresh_from_db()
    assert (request.used_in, began.cosigned_by) == (began, supervisor)


def test_nothing_is_asked_to_be_set_aside_once_the_enrollment_has_ended(
    enrollment: Enrollment, clinician: Actor
) -> None:
    strict_entry()
    enrollments.discharge(
        by=clinician, now=LATER, enrollment_id=enrollment.public_id, reason=DischargeReason.CHOSE_TO_LEAVE
    )
    with pytest.raises(Refused, match="no_gate"):
        enrollments.request_override(
            by=clinician, now=LATER, enrollment_id=enrollment.public_id, criteria=("no-emergency-at-admission",),
            reason=OverrideReason.CLINICAL_JUDGEMENT, note="Ended",
        )  # fmt: skip
