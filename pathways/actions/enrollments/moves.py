"""Advance, step back, hold, resume, discharge: one course for all of them."""

from datetime import date, datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.course import checked_move, ended, into_phase, saved, written
from pathways.actions.enrollments.deaths import end_person
from pathways.actions.enrollments.gating import Asked, SetAside, ask_gate
from pathways.actions.enrollments.holds import hold_of, review_first_on
from pathways.actions.enrollments.locking import locked, locked_with_person
from pathways.actions.enrollments.records import Made
from pathways.actions.follow_ups.anchors import anchor_of
from pathways.actions.follow_ups.planning import (
    cancel_planned,
    plan_anchor,
    restore_cancelled,
    supersede,
)
from pathways.actions.sessions.exits import cancel_future_places, restore_places
from pathways.models import Enrollment, Transition
from pathways.rules.moves import (
    ENDS_CONTACT,
    Destination,
    DischargeReason,
    EnrollmentStatus,
    HoldReason,
    MoveKind,
    StepBackReason,
)
from pathways.rules.phases import next_status
from pathways.rules.programs import AnchorKind

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
    move, at = checked_move(row, MoveKind.ADVANCE, by, now, effective_at, to_phase=to_phase, note=note)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=set_aside, language=language)
    return into_phase(row, move, asked, by, now, at, note=note, language=language)


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
    move, at = checked_move(row, MoveKind.STEP_BACK, by, now, effective_at, to_phase=to_phase, reason=reason, note=note)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=None, language=language)
    return into_phase(row, move, asked, by, now, at, reason=reason, note=note, language=language)


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
    row = locked_with_person(by, enrollment_id, expected_version)
    today = now.astimezone(row.site.zone).date()
    if not 0 <= (review_on - today).days <= LONGEST_HOLD_DAYS:
        raise bad_input(review_on=sentence("enrollment.refused.review_day", most=LONGEST_HOLD_DAYS))
    move, at = checked_move(row, MoveKind.HOLD, by, now, effective_at, reason=reason, note=note)
    made = Made(move.kind, EnrollmentStatus.ON_HOLD, row.current_phase, row.current_phase, at, reason, "", note)
    transition = written(row, made, Asked(None, None), by, now)
    row.review_on = review_on
    saved(row, EnrollmentStatus.ON_HOLD)
    cancel_planned(by=by, now=now, enrollment=row, transition=transition)
    cancel_future_places(by=by, now=now, enrollment=row, transition=transition)
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
    row = locked_with_person(by, enrollment_id, expected_version)
    move, at = checked_move(row, MoveKind.RESUME, by, now, effective_at, note=note)
    held = hold_of(row)
    made = Made(move.kind, EnrollmentStatus.ACTIVE, row.current_phase, row.current_phase, at, "", "", note)
    transition = written(row, made, Asked(None, None), by, now)
    row.review_on = None
    saved(row, EnrollmentStatus.ACTIVE)
    if held is not None:
        _end_reviews(row, held, transition, by, now)
        restore_cancelled(by=by, now=now, transition=held, due_from=at)
        restore_places(by=by, now=now, transition=held, due_from=at)
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
    died_on: date | None = None,
) -> Transition:
    """End the enrollment: completed through its gate, or left with a coded reason. Plans the contacts after it.

    A death ends every open enrollment of the person, in every record that the actor sees; `died_on`: its day, where it
    is not that of the end.
    """
    row = locked_with_person(by, enrollment_id, expected_version, every_record=reason in ENDS_CONTACT)
    move, at = checked_move(row, MoveKind.DISCHARGE, by, now, effective_at, reason=reason, note=note, ends=True)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=set_aside, language=language)
    status = next_status(MoveKind.DISCHARGE, EnrollmentStatus(row.status), reason=reason)
    made = Made(move.kind, status, row.current_phase, None, at, reason, destination, note)
    transition = ended(row, made, asked, by, now, language)
    if reason in ENDS_CONTACT:
        end_person(transition, by, now, died_on or at.astimezone(row.site.zone).date())
    else:
        cancel_planned(by=by, now=now, enrollment=row, transition=transition, but=asked.booked)
        cancel_future_places(by=by, now=now, enrollment=row, transition=transition, but=asked.booked)
        if row.admitted_at is not None:
            _plan(row, AnchorKind.DISCHARGE, transition, by, now)
    return transition


def _plan(row: Enrollment, kind: AnchorKind, transition: Transition, by: Actor, now: datetime) -> None:
    plan_anchor(by=by, now=now, enrollment=row, anchor=anchor_of(row, kind, transition))


def _end_reviews(row: Enrollment, held: Transition, transition: Transition, by: Actor, now: datetime) -> None:
    """The review of a hold that is over is no longer owed."""
    supersede(by=by, now=now, enrollment=row, reversed_move=held, reversal=transition)
