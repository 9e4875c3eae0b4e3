"""Planning the contacts a move owes, and taking back what the old phase planned."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions.follow_ups.anchors import anchor_of
from pathways.actions.follow_ups.steps import begin
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import restore as restore_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import Enrollment, FollowUp, Transition
from pathways.models.follow_up import FollowUpQuerySet
from pathways.queries.adaptations import document_for
from pathways.queries.deaths import owed
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import (
    Anchor,
    ExistingFollowUp,
    Outcome,
    PlannedFollowUp,
    plan,
    replan,
    rules_for,
)
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.programs import AdaptiveMonths, AnchorKind
from patients.models import Patient


@action(None, "follow_up.plan")
def plan_anchor(
    *,
    by: Actor,
    now: datetime,
    enrollment: Enrollment,
    anchor: Anchor,
    through: date | None = None,
    skip_before: date | None = None,
) -> list[FollowUp]:
    """Plan every contact the anchor owes and the reminders of each. Planning again changes nothing (unique rows).

    `skip_before`: what could no longer be kept by that day is not begun. What a changed need moves is moved, and
    what it does away with is superseded. An anchor for which there is no rule any more is left alone.
    """
    today = now.astimezone(enrollment.site.zone).date()
    rules = rules_for(document_for(enrollment, today), anchor.kind, anchor.phase)
    if not rules:
        return []
    stands = {each.public_id: each for each in _standing(enrollment, anchor)}
    existing = [existing_of(each) for each in stands.values()]
    wanted = plan(rules, anchor, existing, enrollment.patient.time_zone, through=through)
    difference = replan(existing, wanted)
    new = [each for each in difference.to_create if skip_before is None or each.last_day >= skip_before]
    rows = [planned_row(each, enrollment, by, now) for each in new]
    begin(rows)
    made = FollowUp.objects.bulk_create(rows)
    plan_reminders(by=by, now=now, follow_ups=made)
    moves = [(stands[old.public_id], to) for old, to in difference.to_move]
    moves += _owed_again(stands.values(), wanted, anchor, now)
    if moves:
        move_planned(by=by, now=now, moves=moves)
    if difference.to_cancel:
        supersede_planned(by=by, now=now, rows=[stands[old.public_id] for old in difference.to_cancel])
    return made


def _owed_again(
    stands: Iterable[FollowUp], wanted: Iterable[PlannedFollowUp], anchor: Anchor, after: datetime
) -> list[tuple[FollowUp, PlannedFollowUp]]:
    """Contacts a change of the plan had ended and that the plan owes again: opened (not saved), with their date.

    The reviews of a hold that its chosen day replaced stay replaced.
    """
    if anchor.kind is AnchorKind.HOLD:
        return []
    ended = {
        (each.rule_key, each.anchor_id, each.occurrence): each
        for each in stands
        if each.outcome == Outcome.SUPERSEDED and each.cancelled_by_transition_id is None
    }
    pairs = [(ended[each.key], each) for each in wanted if each.key in ended and each.due_at > after]
    for row, _ in pairs:
        row.outcome, row.closed_at, row.closed_by = "", None, None
    return pairs


def _standing(enrollment: Enrollment, anchor: Anchor) -> list[FollowUp]:
    rows = FollowUp.objects.filter(enrollment=enrollment, anchor_kind=anchor.kind, anchor_id=anchor.event_id)
    rows = rows.select_related("patient", "site", "enrollment__program_version").defer(f"enrollment__{DOCUMENT}")
    return list(rows.order_by("pk"))


@action(None, "follow_up.move_planned")
def move_planned(*, by: Actor, now: datetime, moves: Sequence[tuple[FollowUp, PlannedFollowUp]]) -> None:
    """Give open contacts the date a changed plan gives them, on the ladder their rule has now: old messages retire, new
    ones are planned."""
    rows = [row for row, _ in moves]
    retire_reminders(by=by, now=now, follow_up_ids=[row.pk for row in rows])
    for row, to in moves:
        row.due_on, row.due_time, row.time_zone, row.due_at = to.due_on, to.due_time, to.zone, to.due_at
        row.ladder = to.ladder
        row.plan_version, row.version = row.plan_version + 1, row.version + 1
    begin(rows)
    for row in rows:
        row.save()
    plan_reminders(by=by, now=now, follow_ups=rows)


@action(None, "follow_up.supersede_planned")
def supersede_planned(*, by: Actor, now: datetime, rows: Sequence[FollowUp]) -> None:
    """End contacts a changed plan no longer owes."""
    ids = [row.pk for row in rows]
    ended = {"outcome": Outcome.SUPERSEDED, "closed_at": now, "closed_by": by, "version": F("version") + 1}
    FollowUp.objects.open().filter(pk__in=ids).update(**ended)
    retire_reminders(by=by, now=now, follow_up_ids=ids)


@action(None, "follow_up.plan_after_checkup")
def plan_after_checkup(*, by: Actor, now: datetime, row: FollowUp) -> None:
    """A check-up that found need (or none) moves the next ones: its anchor is planned again (RMC-Adaptive)."""
    rules = document_of(row.enrollment.program_version).follow_ups
    rule = next((each for each in rules if each.rule_key == row.rule_key), None)
    if rule is None or not isinstance(rule.schedule, AdaptiveMonths):
        return
    started = Transition.objects.filter(public_id=row.anchor_id).first()
    if started is not None:
        today = now.astimezone(row.site.zone).date()
        anchor = anchor_of(row.enrollment, rule.anchor, started, started.to_phase.key if started.to_phase else None)
        plan_anchor(by=by, now=now, enrollment=row.enrollment, anchor=anchor, skip_before=today)


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


def planned_row(planned: PlannedFollowUp, enrollment: Enrollment, by: Actor, now: datetime) -> FollowUp:
    """A contact owed as a row (not saved), before it stands on a step."""
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
def cancel_planned(
    *, by: Actor, now: datetime, enrollment: Enrollment, transition: Transition, but: Collection[UUID] = ()
) -> int:
    """Cancel, with this move, the open contacts it ends and that are still to come; what was due stays owed.

    A change of phase ends the contacts of the old phase alone: those of the admission and of a return to use go on. A
    hold pauses all but its own review. A discharge ends all but what outlives it. `but`: what the move was made on, by
    public id, stays. Returns how many.
    """
    rows = FollowUp.objects.open().filter(
        enrollment=enrollment, due_at__gt=transition.effective_at, survives_discharge=False
    )
    if transition.to_status == EnrollmentStatus.ACTIVE:
        rows = rows.filter(anchor_kind=AnchorKind.PHASE_ENTRY)
    return _cancel(rows.exclude(public_id__in=but), by, now, transition)


@action(None, "follow_up.cancel_everything")
def cancel_everything(
    *, by: Actor, now: datetime, enrollment: Enrollment, transition: Transition, of_person: bool
) -> int:
    """After a death nobody is owed a contact, and none is tried: every open one ends with this move.

    `of_person`: those of earlier enrollments too. Each end owns what it cancelled, and gives that back.
    """
    rows = owed([enrollment.patient])
    return _cancel(rows if of_person else rows.filter(enrollment=enrollment), by, now, transition)


@action(None, "follow_up.end_with_death")
def end_with_death(*, by: Actor, now: datetime, patient: Patient) -> int:
    """After a death that is no end of an enrollment, nobody is owed a contact either: every open one ends."""
    return _cancel(owed([patient]), by, now, None)


@action(None, "follow_up.restore_after_death")
def restore_after_death(*, by: Actor, now: datetime, patient: Patient) -> int:
    """The death was recorded by mistake: what ended with it is owed again. The person still counts as dead."""
    ended = {"closed_at": patient.death_recorded_at, "cancelled_by_transition": None}
    return _reopen(FollowUp.objects.filter(patient=patient, outcome=Outcome.CANCELLED, **ended), by, now)


@action(None, "follow_up.cancel_again")
def cancel_again(*, by: Actor, now: datetime, enrollment: Enrollment, held: Transition) -> int:
    """A hold goes on: what it had paused is paused again. Contacts planned during it, but for the phase's, stay."""
    rows = FollowUp.objects.open().filter(
        Q(anchor_kind=AnchorKind.PHASE_ENTRY) | Q(planned_at__lte=held.recorded_at),
        enrollment=enrollment,
        due_at__gt=held.effective_at,
        survives_discharge=False,
    )
    return _cancel(rows.exclude(anchor_id=held.public_id), by, now, held)


def _cancel(rows: FollowUpQuerySet, by: Actor, now: datetime, transition: Transition | None) -> int:
    return _close(rows, Outcome.CANCELLED, by, now, transition)


def _close(rows: FollowUpQuerySet, outcome: Outcome, by: Actor, now: datetime, transition: Transition | None) -> int:
    """End rows because of a move or a death, under their locks; their unsent messages retire."""
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=ids).update(
        outcome=outcome, closed_at=now, closed_by=by, cancelled_by_transition=transition, version=F("version") + 1
    )
    retire_reminders(by=by, now=now, follow_up_ids=ids)
    return len(ids)


@action(None, "follow_up.restore_cancelled")
def restore_cancelled(*, by: Actor, now: datetime, transition: Transition, due_from: datetime | None = None) -> int:
    """Bring back what the move cancelled or superseded by itself, and nothing a person decided. Returns how many.

    `due_from`: only what is due from then on.
    """
    by_itself = [Outcome.CANCELLED, Outcome.SUPERSEDED]
    rows = FollowUp.objects.filter(cancelled_by_transition=transition, outcome__in=by_itself)
    return _reopen(rows if due_from is None else rows.filter(due_at__gte=due_from), by, now)


def _reopen(rows: FollowUpQuerySet, by: Actor, now: datetime) -> int:
    """Open rows again, under their locks; their messages come back."""
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=ids).update(
        outcome="", closed_at=None, closed_by=None, cancelled_by_transition=None, version=F("version") + 1
    )
    restore_reminders(by=by, now=now, follow_up_ids=ids)
    return len(ids)


@action(None, "follow_up.supersede")
def supersede(
    *, by: Actor, now: datetime, enrollment: Enrollment, reversed_move: Transition, reversal: Transition
) -> int:
    """End what a move planned when that move is reversed."""
    rows = FollowUp.objects.open().filter(enrollment=enrollment, anchor_id=reversed_move.public_id)
    return _close(rows, Outcome.SUPERSEDED, by, now, reversal)
