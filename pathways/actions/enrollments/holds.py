"""The review of a hold: on the day a person chose, and back again when the end of the hold is undone."""

from datetime import date, datetime

from django.db.models import QuerySet

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.opening_hours import to_utc
from pathways.actions.follow_ups.planning import cancel_again, restore_cancelled
from pathways.actions.follow_ups.steps import begin
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.actions.sessions.exits import cancel_future_places
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import MoveKind
from pathways.rules.programs import AnchorKind


def hold_of(row: Enrollment) -> Transition | None:
    """The newest hold that stands."""
    holds = row.transitions.filter(kind=MoveKind.HOLD, reversed_by__isnull=True)
    return holds.order_by("-effective_at", "-pk").first()


@action(None, "enrollment.review_first_on")
def review_first_on(*, by: Actor, now: datetime, held: Transition, on: date) -> None:
    """Put the first review of a hold on the chosen day; planned ones up to that day are superseded by it."""
    rows = list(reviews(held).select_related("enrollment__program_version", "patient", "site"))
    if not rows:
        return
    first, early = rows[0], [each.pk for each in rows[1:] if each.due_on <= on]
    FollowUp.objects.filter(pk__in=early).update(outcome=Outcome.SUPERSEDED, closed_at=now, closed_by=by)
    retire_reminders(by=by, now=now, follow_up_ids=[first.pk, *early])
    first.due_on, first.due_at = on, to_utc(datetime.combine(on, first.due_time), first.time_zone)
    first.by_hand, first.plan_version, first.version = True, first.plan_version + 1, first.version + 1
    begin([first])
    first.save()
    plan_reminders(by=by, now=now, follow_ups=[first])


@action(None, "enrollment.hold_again")
def hold_again(*, by: Actor, now: datetime, enrollment: Enrollment, resumed: Transition) -> None:
    """Undo a resumption: the hold goes on, with its reviews and with what it had cancelled cancelled again."""
    held = hold_of(enrollment)
    if held is None:
        return
    cancel_again(by=by, now=now, enrollment=enrollment, held=held)
    restore_cancelled(by=by, now=now, transition=resumed)
    cancel_future_places(by=by, now=now, enrollment=enrollment, transition=held)
    review_stands(enrollment, held)


def review_stands(enrollment: Enrollment, held: Transition) -> None:
    """The review day of a hold that goes on is that of its first open review."""
    review = reviews(held).first()
    enrollment.review_on = review.due_on if review else None
    enrollment.save(update_fields=["review_on"])


def reviews(held: Transition) -> QuerySet[FollowUp]:
    """The open reviews of a hold, in order."""
    rows = FollowUp.objects.open().filter(anchor_kind=AnchorKind.HOLD, anchor_id=held.public_id)
    return rows.order_by("due_on", "occurrence")
