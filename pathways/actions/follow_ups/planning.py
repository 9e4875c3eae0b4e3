"""Planning the contacts a move owes, and taking back what the old phase planned."""

from datetime import date, datetime, timedelta

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions.follow_ups.steps import stand_on_first_step
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import restore as restore_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import Enrollment, FollowUp, PhaseStay, Transition
from pathways.models.follow_up import FollowUpQuerySet
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import (
    PLAN_AHEAD_DAYS,
    Anchor,
    ExistingFollowUp,
    Outcome,
    PlannedFollowUp,
    plan,
    replan,
    rules_for,
)
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.programs import AnchorKind

PLANNED_AT_ONCE = 500


@action(None, "follow_up.plan")
def plan_anchor(
    *, by: Actor, now: datetime, enrollment: Enrollment, anchor: Anchor, through: date | None = None
) -> list[FollowUp]:
    """Plan every contact the anchor owes and the reminders of each. Planning again changes nothing (unique rows)."""
    rules = rules_for(document_of(enrollment.program_version), anchor.kind, anchor.phase)
    if not rules:
        return []
    stands = list(FollowUp.objects.filter(enrollment=enrollment, anchor_id=anchor.event_id))
    existing = [existing_of(each) for each in stands]
    wanted = plan(rules, anchor, existing, enrollment.patient.time_zone, through=through)
    difference = replan(existing, wanted)
    rows = [_row(each, enrollment, by, now) for each in difference.to_create]
    for row in rows:
        stand_on_first_step(row)
    made = FollowUp.objects.bulk_create(rows, ignore_conflicts=False)
    plan_reminders(by=by, now=now, follow_ups=made)
    return made


def existing_of(row: FollowUp) -> ExistingFollowUp:
    """A stored follow-up as planning reads it."""
    return ExistingFollowUp(
        public_id=row.public_id,
        rule_key=row.rule_key,
        anchor_event_id=row.anchor_id,
        occurrence=row.occurrence,
        due_on=row.due_on,
        due_time=row.due_time,
        zone=row.time_zone,
        outcome=Outcome(row.outcome) if row.outcome else None,
        by_hand=row.by_hand,
        need=row.need,
    )


def _row(planned: PlannedFollowUp, enrollment: Enrollment, by: Actor, now: datetime) -> FollowUp:
    return FollowUp(
        enrollment=enrollment,
        patient=enrollment.patient,
        site=enrollment.site,
        rule_key=planned.rule_key,
        anchor_kind=planned.anchor,
        anchor_id=planned.anchor_event_id,
        occurrence=planned.occurrence,
        purpose=planned.purpose,
        title=planned.title,
        instrument=planned.instrument or "",
        mode=planned.mode,
        template=planned.template or "",
        ladder=planned.ladder,
        due_on=planned.due_on,
        due_time=planned.due_time,
        time_zone=planned.zone,
        due_at=planned.due_at,
        window_days=planned.window_days,
        act_at=planned.due_at,
        owner=enrollment.counselor if planned.owner is Role.COUNSELOR else None,
        owner_role=planned.owner,
        planned_at=now,
        planned_by=by,
        survives_discharge=planned.anchor is AnchorKind.DISCHARGE,
    )


@action(None, "follow_up.cancel_planned")
def cancel_planned(*, by: Actor, now: datetime, enrollment: Enrollment, transition: Transition) -> int:
    """Cancel, with this move, the open contacts it ends and that are still to come; what was due stays owed.

    A change of phase ends the contacts of the old phase alone: those of the admission and of a return to use go on. A
    hold pauses all but its own review. A discharge ends all but what outlives it. Returns how many.
    """
    rows = FollowUp.objects.open().filter(
        enrollment=enrollment, due_at__gt=transition.effective_at, survives_discharge=False
    )
    if transition.to_status == EnrollmentStatus.ACTIVE:
        rows = rows.filter(anchor_kind=AnchorKind.PHASE_ENTRY)
    return _cancel(rows, by, now, transition)


@action(None, "follow_up.cancel_everything")
def cancel_everything(*, by: Actor, now: datetime, enrollment: Enrollment, transition: Transition) -> int:
    """After a death nobody is owed a contact, and none is tried: every open one of the person ends with this move."""
    return _cancel(FollowUp.objects.open().filter(patient=enrollment.patient_id), by, now, transition)


def _cancel(rows: FollowUpQuerySet, by: Actor, now: datetime, transition: Transition) -> int:
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=ids).update(
        outcome=Outcome.CANCELLED, closed_at=now, closed_by=by, cancelled_by_transition=transition
    )
    retire_reminders(by=by, now=now, follow_up_ids=ids)
    return len(ids)


@action(None, "follow_up.restore_cancelled")
def restore_cancelled(*, by: Actor, now: datetime, transition: Transition, only_to_come: bool = False) -> int:
    """Bring back what the move cancelled or superseded by itself, and nothing a person decided. Returns how many."""
    by_itself = [Outcome.CANCELLED, Outcome.SUPERSEDED]
    rows = FollowUp.objects.filter(cancelled_by_transition=transition, outcome__in=by_itself)
    if only_to_come:
        rows = rows.filter(due_at__gte=now)
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=ids).update(outcome="", closed_at=None, closed_by=None, cancelled_by_transition=None)
    restore_reminders(by=by, now=now, follow_up_ids=ids)
    return len(ids)


@action(None, "follow_up.supersede")
def supersede(
    *, by: Actor, now: datetime, enrollment: Enrollment, reversed_move: Transition, reversal: Transition
) -> int:
    """End what a move planned when that move is reversed."""
    rows = FollowUp.objects.open().filter(enrollment=enrollment, anchor_id=reversed_move.public_id)
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=ids).update(
        outcome=Outcome.SUPERSEDED, closed_at=now, closed_by=by, cancelled_by_transition=reversal
    )
    retire_reminders(by=by, now=now, follow_up_ids=ids)
    return len(ids)


@action(None, "follow_up.plan_ahead")
def plan_ahead(*, by: Actor, now: datetime, after_id: int = 0) -> dict[str, int]:
    """The nightly run: recurring contacts of open stays are planned on to the horizon, a batch at a time.

    Returns `planned`, and `after_id` to go on from (0 when done).
    """
    stays = list(
        PhaseStay.objects.filter(ended_at__isnull=True, enrollment__status="active", enrollment_id__gt=after_id)
        .select_related(
            "phase", "opened_by_transition", "enrollment__patient", "enrollment__site", "enrollment__program_version",
            "enrollment__counselor",
        )
        .order_by("enrollment_id")[:PLANNED_AT_ONCE]
    )  # fmt: skip
    made = 0
    for stay in stays:
        through = now.date() + timedelta(days=PLAN_AHEAD_DAYS)
        anchor = phase_anchor(stay.enrollment, stay.opened_by_transition, stay.phase.key)
        made += len(plan_anchor(by=by, now=now, enrollment=stay.enrollment, anchor=anchor, through=through))
    if made:
        audit.record(action="follow_up.plan_ahead", by=by, now=now, details={"planned": made})
    return {"planned": made, "after_id": stays[-1].enrollment_id if len(stays) == PLANNED_AT_ONCE else 0}


def phase_anchor(enrollment: Enrollment, transition: Transition, phase_key: str | None) -> Anchor:
    """The entry into a phase as an anchor: the transition, its day at the site, and the day it was known."""
    return anchor_of(enrollment, AnchorKind.PHASE_ENTRY, transition, phase_key)


def anchor_of(enrollment: Enrollment, kind: AnchorKind, transition: Transition, phase_key: str | None = None) -> Anchor:
    zone = enrollment.site.zone
    return Anchor(
        kind=kind,
        event_id=transition.public_id,
        on=transition.effective_at.astimezone(zone).date(),
        known_on=transition.recorded_at.astimezone(zone).date(),
        phase=phase_key,
    )
