"""An assessment answers the questionnaires that were waiting for it, and ceases to when it is withdrawn."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.follow_ups.steps import go_on, place_since
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import restore as restore_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import FollowUp, Transition
from pathways.queries.deaths import ends_with_death
from pathways.queries.enrollments import DOCUMENT
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import ENDED, ENDS_CONTACT, EnrollmentStatus, MoveKind
from pathways.rules.programs import AnchorKind
from patients.models import Assessment
from patients.models.assessment import AssessmentStatus

EARLY = timedelta(days=7)
"""A form filled in up to a week before it was due counts for it (local default)."""
COMPLETE = "complete"


@action(None, "follow_up.note_assessment")
def note_assessment(*, by: Actor, now: datetime, assessments: Collection[Assessment]) -> int:
    """End, as *kept*, the open questionnaire follow-ups these assessments answer. Returns how many."""
    answered: list[int] = []
    for each in assessments:
        if each.scoring_status == COMPLETE:
            waiting = _waiting_for(each)
            FollowUp.objects.filter(pk__in=waiting).update(
                outcome=Outcome.KEPT,
                answered_by=each.public_id,
                closed_at=now,
                closed_by=by,
                version=F("version") + 1,
            )
            answered += waiting
    retire_reminders(by=by, now=now, follow_up_ids=answered)
    return len(answered)


@action(None, "follow_up.note_withdrawn_assessment")
def note_withdrawn_assessment(*, by: Actor, now: datetime, assessment: Assessment) -> list[FollowUp]:
    """Owe again what only this assessment had answered; call it once the assessment no longer counts.

    Another complete form of the person that fits (the corrected copy, say) answers in its place. What a move since
    would have ended is ended by that move. After a death nothing is owed. Returns what is open again.
    """
    rows = _answered_by(assessment)
    others, death = (list(_current_of(assessment)), _death_of(assessment)) if rows else ([], None)
    begun = [row for row in rows if _answer_anew(row, others, death, now)]
    reopened = [row for row in rows if not row.outcome]
    restore_reminders(by=by, now=now, follow_up_ids=[row.pk for row in reopened])
    plan_reminders(by=by, now=now, follow_ups=begun)
    if rows:
        audit.record(
            action="follow_up.note_withdrawn_assessment",
            by=by,
            now=now,
            subject=("assessment", assessment.public_id),
            patients=[assessment.patient.public_id],
            details={"reopened": len(reopened), "answered_otherwise": sum(row.outcome == Outcome.KEPT for row in rows)},
        )
    return reopened


def _waiting_for(assessment: Assessment) -> list[int]:
    rows = FollowUp.objects.open().filter(
        patient=assessment.patient_id,
        instrument=assessment.instrument,
        due_at__lte=assessment.effective_at + EARLY,
    )
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def _answered_by(assessment: Assessment) -> list[FollowUp]:
    rows = FollowUp.objects.filter(patient=assessment.patient_id, answered_by=assessment.public_id)
    held = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(held.select_related("enrollment__program_version", "patient", "site").defer(f"enrollment__{DOCUMENT}"))


def _current_of(assessment: Assessment) -> QuerySet[Assessment]:
    """What else of this form counts for the person, the earliest first."""
    rows = Assessment.objects.filter(
        patient=assessment.patient_id,
        instrument=assessment.instrument,
        status=AssessmentStatus.FINAL,
        scoring_status=COMPLETE,
    )
    return rows.exclude(pk=assessment.pk).order_by("effective_at", "pk")


def _death_of(assessment: Assessment) -> Transition | None:
    """The move by which the person's death was recorded, in whichever enrollment."""
    return ends_with_death([assessment.patient]).order_by("effective_at", "pk").first()


def _answer_anew(row: FollowUp, others: Collection[Assessment], death: Transition | None, now: datetime) -> bool:
    """Another answer, or none: then it is open, or ended by what has happened since. Whether it is open on other
    work, to which another message belongs."""
    found = next((each for each in others if row.due_at <= each.effective_at + EARLY), None)
    row.answered_by = found.public_id if found else None
    begun = False
    if found is None:
        begun = _fit(row, now)
        ended_by = _ended_by(row) or death
        if ended_by is None and row.patient.died_on is None:
            row.outcome, row.closed_at, row.closed_by = "", None, None
        else:
            row.outcome, row.cancelled_by_transition = Outcome.CANCELLED, ended_by
            if ended_by is None:  # with the death alone, as `planning.restore_after_death` finds it
                row.closed_at = row.patient.death_recorded_at or row.closed_at
    row.version += 1
    row.save()
    return begun and not row.outcome


def _fit(row: FollowUp, now: datetime) -> bool:
    """It stands (not saved) on the step it has in the version the enrollment is on by now. Whether that is other
    work."""
    place = place_since(row, row.rung, row.closed_at) if row.closed_at else None
    if place is None:
        return False
    go_on([(row, place)], now)
    return place.begins_anew


def _ended_by(row: FollowUp) -> Transition | None:
    """The move since it was kept that would have ended it, had it been open (`planning.cancel_planned`)."""
    since = row.enrollment.transitions.filter(reversed_by__isnull=True, recorded_at__gt=row.closed_at)
    moves = since.exclude(kind=MoveKind.REVERSE).order_by("effective_at", "pk")
    return next((move for move in moves if _ends(move, row)), None)


def _ends(move: Transition, row: FollowUp) -> bool:
    if move.reason in ENDS_CONTACT:
        return True
    if row.survives_discharge or row.due_at <= move.effective_at or row.anchor_id == move.public_id:
        return False
    if move.to_status == EnrollmentStatus.ACTIVE:
        return row.anchor_kind == AnchorKind.PHASE_ENTRY and move.from_phase_id != move.to_phase_id
    return move.to_status in ENDED or row.enrollment.status == move.to_status
