"""Before the first day: an enrollment proposed or on the waitlist, each with a day on which it is looked at again."""

from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.actions.enrollments.gating import Asked, SetAside
from pathways.actions.enrollments.locking import locked, locked_patient, locked_with_person
from pathways.actions.enrollments.openings import admit_waiting, open_waiting
from pathways.actions.enrollments.records import Made, refused, write_transition
from pathways.actions.enrollments.waits import end_wait
from pathways.actions.follow_ups.anchors import anchor_of
from pathways.actions.follow_ups.planning import plan_anchor, supersede
from pathways.models import Enrollment, Transition
from pathways.rules.capacity import WaitStatus
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.phases import MoveNotAllowed, next_status
from pathways.rules.programs import AnchorKind

WAITING_KINDS = (MoveKind.PROPOSE, MoveKind.WAITLIST)
ANCHORS = {MoveKind.PROPOSE: AnchorKind.PROPOSAL, MoveKind.WAITLIST: AnchorKind.WAITLIST}


@action(Permission.ENROLLMENT_WRITE, "enrollment.propose")
def propose(
    *, by: Actor, now: datetime, patient_id: UUID, program_key: str, site_id: UUID | None = None, note: str = ""
) -> Enrollment:
    """Propose a program to somebody: an open enrollment that has not begun, with its day of review.

    Raises Refused as `enroll` does; no gate is asked before the admission.
    """
    patient = locked_patient(by, patient_id)
    row = open_waiting(by, patient, program_key, site_id, EnrollmentStatus.PROPOSED, now)
    _begin_waiting(
        row, MoveKind.PROPOSE, EnrollmentStatus.PROPOSED, by, now, note, from_status=EnrollmentStatus.PROPOSED
    )
    return row


@action(Permission.ENROLLMENT_WRITE, "enrollment.waitlist")
def waitlist(
    *, by: Actor, now: datetime, patient_id: UUID, program_key: str, site_id: UUID | None = None, note: str = ""
) -> Enrollment:
    """Put somebody on the waitlist of a program: proposed before, or new. Its review is owed until they begin.

    Raises Refused as `enroll` does, and 409 where they are under way in the program.
    """
    patient = locked_patient(by, patient_id)
    proposed = Enrollment.objects.filter(
        patient=patient, program__key=program_key, status=EnrollmentStatus.PROPOSED
    ).first()
    if proposed is None:
        row = open_waiting(by, patient, program_key, site_id, EnrollmentStatus.WAITLISTED, now)
        _begin_waiting(
            row, MoveKind.WAITLIST, EnrollmentStatus.WAITLISTED, by, now, note, from_status=EnrollmentStatus.PROPOSED
        )
        return row
    return _from_proposal(locked(by, proposed.public_id), by, now, note)


@action(Permission.ENROLLMENT_WRITE, "enrollment.admit")
def admit(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    to_phase: str | None = None,
    counselor_id: UUID | None = None,
    effective_at: datetime | None = None,
    note: str = "",
    set_aside: SetAside | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Transition:
    """Begin an enrollment that was proposed or waited, on the current version, where the entry gate is met.

    The reviews of the wait are no longer owed; its entry on the waitlist ends as admitted. Raises as `enroll` does.
    """
    row = locked_with_person(by, enrollment_id, expected_version)
    began = admit_waiting(row, by, now, effective_at, to_phase, counselor_id, note, set_aside, language)
    for waited in row.transitions.filter(kind__in=WAITING_KINDS):
        supersede(by=by, now=now, enrollment=row, reversed_move=waited, reversal=began)
    end_wait(by=by, now=now, enrollment=row, status=WaitStatus.ADMITTED)
    return began


def _from_proposal(row: Enrollment, by: Actor, now: datetime, note: str) -> Enrollment:
    try:
        status = next_status(MoveKind.WAITLIST, EnrollmentStatus(row.status))
    except MoveNotAllowed as not_allowed:
        raise refused(not_allowed) from not_allowed
    proposals = list(row.transitions.filter(kind=MoveKind.PROPOSE))
    before, row.status = row.status, status
    row.version += 1
    row.save()
    waited = _begin_waiting(row, MoveKind.WAITLIST, status, by, now, note, from_status=before)
    for proposal in proposals:
        supersede(by=by, now=now, enrollment=row, reversed_move=proposal, reversal=waited)
    return row


def _begin_waiting(
    row: Enrollment, kind: MoveKind, status: EnrollmentStatus, by: Actor, now: datetime, note: str, *, from_status: str
) -> Transition:
    made = Made(kind, status, None, None, now, "", "", note)
    began = write_transition(
        enrollment=row, made=made, asked=Asked(None, None), by=by, now=now, from_status=from_status
    )
    plan_anchor(by=by, now=now, enrollment=row, anchor=anchor_of(row, ANCHORS[kind], began))
    return began
