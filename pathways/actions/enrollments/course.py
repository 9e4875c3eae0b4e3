"""What every move has in common: it is checked, written down, and leaves the enrollment as it then stands."""

from datetime import datetime

from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.gating import Asked
from pathways.actions.enrollments.locking import roles_of
from pathways.actions.enrollments.records import Made, refused, write_transition
from pathways.actions.enrollments.stays import enter_phase, leave_level, leave_phase, phase_row
from pathways.actions.enrollments.waits import end_wait
from pathways.actions.follow_ups.anchors import phase_anchor
from pathways.actions.follow_ups.planning import cancel_planned, plan_anchor
from pathways.models import Enrollment, Transition
from pathways.queries.programs import document_of
from pathways.rules.capacity import WaitStatus
from pathways.rules.moves import WAITING, EnrollmentStatus, MoveKind
from pathways.rules.phases import Move, MoveNotAllowed, check_move, check_times


def checked_move(
    row: Enrollment,
    kind: MoveKind,
    by: Actor,
    now: datetime,
    effective_at: datetime | None,
    *,
    to_phase: str | None = None,
    reason: str | None = None,
    note: str = "",
    ends: bool = False,
) -> tuple[Move, datetime]:
    """The move as the program allows it, and when it takes effect. `ends`: the enrollment ends with it."""
    at = effective_at or now
    if row.patient.died_on is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    try:
        check_times(
            effective_at=at,
            now=now,
            opened_at=row.admitted_at or row.opened_at,
            last_move_at=newest_at(row, ends=ends),
            zone=row.site.time_zone,
        )
        move = check_move(
            document_of(row.program_version),
            status=EnrollmentStatus(row.status),
            phase_key=row.current_phase.key if row.current_phase else None,
            kind=kind,
            roles=roles_of(by),
            to_phase=to_phase,
            reason=reason,
            note=note,
        )
    except MoveNotAllowed as not_allowed:
        raise refused(not_allowed) from not_allowed
    return move, at


def newest_at(row: Enrollment, *, ends: bool) -> datetime | None:
    """When what happened last took effect: the newest move that stands, and for an end also the level of care begun."""
    standing = row.transitions.filter(reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    moved = standing.order_by("-effective_at", "-pk").values_list("effective_at", flat=True).first()
    began = row.level_stays.filter(ended_at__isnull=True).values_list("started_at", flat=True).first() if ends else None
    return max((each for each in (moved, began) if each is not None), default=None)


def into_phase(
    row: Enrollment,
    move: Move,
    asked: Asked,
    by: Actor,
    now: datetime,
    at: datetime,
    *,
    reason: str = "",
    note: str = "",
    language: str = "en",
) -> Transition:
    """Leave one phase and enter another: stays, cancelled and planned contacts."""
    entered = phase_row(row, move.to_phase)
    made = Made(move.kind, EnrollmentStatus.ACTIVE, row.current_phase, entered, at, reason, "", note)
    transition = written(row, made, asked, by, now, language)
    enter_phase(row, transition, is_step_back=move.kind is MoveKind.STEP_BACK)
    row.current_phase = entered
    saved(row, EnrollmentStatus.ACTIVE)
    cancel_planned(by=by, now=now, enrollment=row, transition=transition)
    plan_anchor(by=by, now=now, enrollment=row, anchor=phase_anchor(row, transition, move.to_phase))
    return transition


def ended(row: Enrollment, made: Made, asked: Asked, by: Actor, now: datetime, language: str = "en") -> Transition:
    transition = written(row, made, asked, by, now, language)
    leave_phase(row, made.effective_at)
    leave_level(row, made.effective_at)
    if row.status in WAITING:
        end_wait(by=by, now=now, enrollment=row, status=WaitStatus.WITHDRAWN)
    row.ended_at, row.ended_by, row.current_phase, row.review_on = made.effective_at, by, None, None
    saved(row, made.to_status)
    return transition


def written(row: Enrollment, made: Made, asked: Asked, by: Actor, now: datetime, language: str = "en") -> Transition:
    return write_transition(
        enrollment=row, made=made, asked=asked, by=by, now=now, from_status=row.status, language=language
    )


def saved(row: Enrollment, status: EnrollmentStatus) -> None:
    row.status = status
    row.version += 1
    row.save()
