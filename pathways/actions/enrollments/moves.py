"""Advance, step back, hold, resume, discharge: one course for all of them."""

from datetime import date, datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.gating import Asked, SetAside, ask_gate
from pathways.actions.enrollments.holds import hold_of, review_first_on
from pathways.actions.enrollments.locking import locked, locked_with_person, roles_of
from pathways.actions.enrollments.records import Made, refused, write_transition
from pathways.actions.enrollments.stays import enter_phase, leave_level, leave_phase, phase_row
from pathways.actions.follow_ups.planning import (
    anchor_of,
    cancel_everything,
    cancel_planned,
    phase_anchor,
    plan_anchor,
    restore_cancelled,
    supersede,
)
from pathways.models import Enrollment, Transition
from pathways.queries.enrollments import TOGETHER
from pathways.queries.programs import document_of
from pathways.rules.moves import (
    ENDS_CONTACT,
    Destination,
    DischargeReason,
    EnrollmentStatus,
    HoldReason,
    MoveKind,
    StepBackReason,
)
from pathways.rules.phases import Move, MoveNotAllowed, check_move, check_times, next_status
from pathways.rules.programs import AnchorKind
from patients.actions.deaths import record_death

LONGEST_HOLD_DAYS = 180
"""A hold is looked at again within half a year (local default)."""


@action(Permission.ENROLLMENT_MOVE, "enrollment.advance")
def advance(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    to_phase: str | None = None,
    note: str = "",
    effective_at: datetime | None = None,
    set_aside: SetAside | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Transition:
    """Move on to the next phase where the gate is met. Raises Refused `gate_not_met` (409) with every criterion."""
    row = locked(by, enrollment_id, expected_version)
    move, at = _checked(row, MoveKind.ADVANCE, by, now, effective_at, to_phase=to_phase, note=note)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=set_aside, language=language)
    return _to_phase(row, move, asked, by, now, at, note=note, language=language)


@action(Permission.ENROLLMENT_MOVE, "enrollment.step_back")
def step_back(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    reason: StepBackReason,
    to_phase: str | None = None,
    note: str = "",
    effective_at: datetime | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Transition:
    """Go back a phase, agreed and with its reason: a way, not a fault."""
    row = locked(by, enrollment_id, expected_version)
    move, at = _checked(row, MoveKind.STEP_BACK, by, now, effective_at, to_phase=to_phase, reason=reason, note=note)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=None, language=language)
    return _to_phase(row, move, asked, by, now, at, reason=reason, note=note, language=language)


@action(Permission.ENROLLMENT_MOVE, "enrollment.hold")
def hold(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    reason: HoldReason,
    review_on: date,
    note: str = "",
    effective_at: datetime | None = None,
    expected_version: int | None = None,
) -> Transition:
    """Pause the pathway until a day on which it is reviewed: that review is itself a follow-up (decisions.md 8)."""
    row = locked(by, enrollment_id, expected_version)
    today = now.astimezone(row.site.zone).date()
    if not 0 <= (review_on - today).days <= LONGEST_HOLD_DAYS:
        raise bad_input(review_on=sentence("enrollment.refused.review_day", most=LONGEST_HOLD_DAYS))
    move, at = _checked(row, MoveKind.HOLD, by, now, effective_at, reason=reason, note=note)
    made = Made(move.kind, EnrollmentStatus.ON_HOLD, row.current_phase, row.current_phase, at, reason, "", note)
    transition = _write(row, made, Asked(None, None), by, now)
    row.review_on = review_on
    _save(row, EnrollmentStatus.ON_HOLD)
    cancel_planned(by=by, now=now, enrollment=row, transition=transition)
    _plan(row, AnchorKind.HOLD, transition, by, now)
    review_first_on(by=by, now=now, held=transition, on=review_on)
    return transition


@action(Permission.ENROLLMENT_MOVE, "enrollment.resume")
def resume(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    note: str = "",
    effective_at: datetime | None = None,
    expected_version: int | None = None,
) -> Transition:
    """Go on after a hold: contacts the hold had cancelled come back where they are still to come."""
    row = locked(by, enrollment_id, expected_version)
    move, at = _checked(row, MoveKind.RESUME, by, now, effective_at, note=note)
    held = hold_of(row)
    made = Made(move.kind, EnrollmentStatus.ACTIVE, row.current_phase, row.current_phase, at, "", "", note)
    transition = _write(row, made, Asked(None, None), by, now)
    row.review_on = None
    _save(row, EnrollmentStatus.ACTIVE)
    if held is not None:
        _end_reviews(row, held, transition, by, now)
        restore_cancelled(by=by, now=now, transition=held, due_from=at)
    return transition


@action(Permission.ENROLLMENT_MOVE, "enrollment.discharge")
def discharge(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    reason: DischargeReason,
    destination: Destination = Destination.UNKNOWN,
    note: str = "",
    effective_at: datetime | None = None,
    set_aside: SetAside | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Transition:
    """End the enrollment: completed through its gate, or left with a coded reason. Plans the contacts after it.

    A death ends every open enrollment of the person.
    """
    row = locked_with_person(by, enrollment_id, expected_version)
    move, at = _checked(row, MoveKind.DISCHARGE, by, now, effective_at, reason=reason, note=note)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=set_aside, language=language)
    status = next_status(MoveKind.DISCHARGE, EnrollmentStatus(row.status), reason=reason)
    made = Made(move.kind, status, row.current_phase, None, at, reason, destination, note)
    transition = _end(row, made, asked, by, now, language)
    if reason in ENDS_CONTACT:
        _end_with_death(row, transition, by, now)
    else:
        cancel_planned(by=by, now=now, enrollment=row, transition=transition)
        _plan(row, AnchorKind.DISCHARGE, transition, by, now)
    return transition


def _end(row: Enrollment, made: Made, asked: Asked, by: Actor, now: datetime, language: str = "en") -> Transition:
    transition = _write(row, made, asked, by, now, language)
    leave_phase(row, made.effective_at)
    leave_level(row, made.effective_at)
    row.ended_at, row.ended_by, row.current_phase, row.review_on = made.effective_at, by, None, None
    _save(row, made.to_status)
    return transition


def _end_with_death(row: Enrollment, transition: Transition, by: Actor, now: datetime) -> None:
    """The day of the death, the person's other enrollments, and every contact still owed."""
    record_death(by=by, now=now, patient=row.patient, on=transition.effective_at.astimezone(row.site.zone).date())
    others = Enrollment.objects.open().filter(patient=row.patient).order_by("pk")
    for other in others.select_for_update(no_key=True, of=("self",)).select_related(*TOGETHER):
        at = max(transition.effective_at, _newest_at(other, ends=True) or transition.effective_at)
        made = Made(
            MoveKind.DISCHARGE,
            EnrollmentStatus.LEFT,
            other.current_phase,
            None,
            at,
            transition.reason,
            "",
            transition.note,
        )
        ended = _end(other, made, Asked(None, None), by, now)
        cancel_everything(by=by, now=now, enrollment=other, transition=ended, of_person=False)
    cancel_everything(by=by, now=now, enrollment=row, transition=transition, of_person=True)


def _checked(
    row: Enrollment,
    kind: MoveKind,
    by: Actor,
    now: datetime,
    effective_at: datetime | None,
    *,
    to_phase: str | None = None,
    reason: str | None = None,
    note: str = "",
) -> tuple[Move, datetime]:
    """The move as the program allows it, and when it takes effect."""
    at = effective_at or now
    if row.patient.died_on is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    try:
        check_times(
            effective_at=at,
            now=now,
            opened_at=row.admitted_at or row.opened_at,
            last_move_at=_newest_at(row, ends=kind is MoveKind.DISCHARGE),
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


def _newest_at(row: Enrollment, *, ends: bool) -> datetime | None:
    """When what happened last took effect: the newest move that stands, and for an end also the level of care begun."""
    standing = row.transitions.filter(reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    moved = standing.order_by("-effective_at", "-pk").values_list("effective_at", flat=True).first()
    began = row.level_stays.filter(ended_at__isnull=True).values_list("started_at", flat=True).first() if ends else None
    return max((each for each in (moved, began) if each is not None), default=None)


def _to_phase(
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
    transition = _write(row, made, asked, by, now, language)
    enter_phase(row, transition, is_step_back=move.kind is MoveKind.STEP_BACK)
    row.current_phase = entered
    _save(row, EnrollmentStatus.ACTIVE)
    cancel_planned(by=by, now=now, enrollment=row, transition=transition)
    plan_anchor(by=by, now=now, enrollment=row, anchor=phase_anchor(row, transition, move.to_phase))
    return transition


def _write(row: Enrollment, made: Made, asked: Asked, by: Actor, now: datetime, language: str = "en") -> Transition:
    return write_transition(
        enrollment=row, made=made, asked=asked, by=by, now=now, from_status=row.status, language=language
    )


def _save(row: Enrollment, status: EnrollmentStatus) -> None:
    row.status = status
    row.version += 1
    row.save()


def _plan(row: Enrollment, kind: AnchorKind, transition: Transition, by: Actor, now: datetime) -> None:
    plan_anchor(by=by, now=now, enrollment=row, anchor=anchor_of(row, kind, transition))


def _end_reviews(row: Enrollment, held: Transition, transition: Transition, by: Actor, now: datetime) -> None:
    """The review of a hold that is over is no longer owed."""
    supersede(by=by, now=now, enrollment=row, reversed_move=held, reversal=transition)
