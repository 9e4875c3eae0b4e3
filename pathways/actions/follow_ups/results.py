"""What came of a contact: the result of a call, an outcome decided, another date, and a moment to take it back."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.follow_ups.locking import locked, must_be_open
from pathways.actions.follow_ups.planning import plan_after_checkup
from pathways.actions.follow_ups.steps import be_patient, begin, ladder_of, place_since, stand_on
from pathways.actions.reminders.plan import STEP_LEFT
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import restore as restore_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import CallResult, FollowUp
from pathways.queries.follow_ups import ladder_facts, next_of_rule, usual_retry
from pathways.rules.follow_ups import CONSEQUENCES, OUTCOMES, Outcome, may_decide, step_after_call
from pathways.rules.follow_ups import CallResult as Result

UNDO_FOR = timedelta(minutes=10)
FURTHEST = timedelta(days=730)
KEPT_FOR_UNDO = (
    "rung",
    "rung_since",
    "act_at",
    "climbs_at",
    "owner_role",
    "owner_id",
    "need",
    "outcome",
    "outcome_note",
    "closed_at",
)


@action(Permission.FOLLOW_UP_WORK, "follow_up.record_call")
def record_call(
    *,
    by: Actor,
    now: datetime,
    follow_up_id: UUID,
    result: Result,
    note: str = "",
    try_again_at: datetime | None = None,
    need: bool | None = None,
    expected_version: int | None = None,
) -> CallResult:
    """What happened on a call. Reached or declined ends the follow-up; otherwise the next try is set, or it climbs.

    `need`: what a recovery check-up found. Raises Refused: closed already, a next try in the past.
    """
    row = locked(by, follow_up_id, expected_version)
    must_be_open(row)
    consequence = CONSEQUENCES[result]
    again = _again_at(row, try_again_at, consequence.again_after_hours, now)
    call = CallResult.objects.create(
        follow_up=row, result=result, note=note, try_again_at=again, before=_before(row), made_at=now, made_by=by
    )
    if consequence.closes is not None:
        _end(row, consequence.closes, note, by, now)
        row.need = need if need is not None else row.need
    else:
        _wait_or_climb(row, again, now, chosen=try_again_at is not None)
    row.version += 1
    row.save()
    if row.rung != call.before["rung"]:
        retire_reminders(by=by, now=now, follow_up_ids=[row.pk], code=STEP_LEFT)
        plan_reminders(by=by, now=now, follow_ups=[row])
    if row.outcome:
        plan_after_checkup(by=by, now=now, row=row)
    _audit("follow_up.record_call", row, by, now, {"result": result.value})
    return call


@action(Permission.FOLLOW_UP_WORK, "follow_up.undo_call")
def undo_call(*, by: Actor, now: datetime, call_id: UUID) -> FollowUp:
    """Take a result back within ten minutes, by whoever recorded it: the follow-up stands as it stood before.

    Refused where anything has happened to it since: what another person decided is not undone by this.
    """
    call = CallResult.objects.filter(public_id=call_id).select_related("follow_up").first()
    if call is None:
        raise not_found()
    row = locked(by, call.follow_up.public_id)
    newest = row.call_results.filter(undone_at__isnull=True).order_by("-made_at", "-pk").first()
    untouched = row.version == call.before["version_after"] and newest is not None and newest.pk == call.pk
    died, late = row.patient.died_on is not None, now - call.made_at > UNDO_FOR
    fits = place_since(row, call.before["rung"], call.made_at) is None
    if call.made_by_id != by.pk or died or late or not (untouched and fits):
        raise Refused("call_not_undoable", sentence("follow_up.refused.undo"))
    was_closed, stood = bool(row.outcome), row.rung
    _back(row, call.before)
    if row.rung != stood and retire_reminders(by=by, now=now, follow_up_ids=[row.pk], code=STEP_LEFT):
        row.plan_version += 1  # the step climbed to may be come to again, and then has a message of its own
    row.version += 1
    row.save()
    call.undone_at, call.undone_by = now, by
    call.save(update_fields=["undone_at", "undone_by"])
    if was_closed:
        restore_reminders(by=by, now=now, follow_up_ids=[row.pk])
        plan_after_checkup(by=by, now=now, row=row)
    _audit("follow_up.undo_call", row, by, now, {})
    return row


@action(Permission.FOLLOW_UP_WORK, "follow_up.close")
def close(
    *,
    by: Actor,
    now: datetime,
    follow_up_id: UUID,
    outcome: Outcome,
    note: str = "",
    need: bool | None = None,
    expected_version: int | None = None,
) -> FollowUp:
    """End a follow-up in its one outcome. Raises Refused: closed already, not this actor's to decide, note wanting,
    `nothing_to_come` where it is to be left for the next one and there is none."""
    row = locked(by, follow_up_id, expected_version)
    must_be_open(row)
    if not may_decide(outcome, is_person=by.is_person):
        raise Refused("outcome_not_allowed", sentence("follow_up.refused.outcome", outcome=outcome))
    if OUTCOMES[outcome].needs_note and not note.strip():
        raise bad_input(note=sentence("follow_up.refused.note", outcome=outcome))
    if OUTCOMES[outcome].needs_next and not _is_next_held(row, now):
        raise Refused("nothing_to_come", sentence("follow_up.refused.nothing_to_come"))
    _end(row, outcome, note, by, now)
    row.need = need if need is not None else row.need
    row.version += 1
    row.save()
    plan_after_checkup(by=by, now=now, row=row)
    _audit("follow_up.close", row, by, now, {"outcome": outcome.value})
    return row


@action(Permission.FOLLOW_UP_WORK, "follow_up.reschedule")
def reschedule(
    *,
    by: Actor,
    now: datetime,
    follow_up_id: UUID,
    on: date,
    at: time | None = None,
    expected_version: int | None = None,
) -> FollowUp:
    """Another day for the same contact, in the patient's wall time: it begins its ladder again, old messages retire."""
    row = locked(by, follow_up_id, expected_version)
    must_be_open(row)
    row.time_zone = row.patient.time_zone
    due_at = _due_at(row, on, at, now)
    retire_reminders(by=by, now=now, follow_up_ids=[row.pk])
    row.due_on, row.due_time, row.due_at = on, at or row.due_time, due_at
    row.by_hand, row.plan_version, row.version = True, row.plan_version + 1, row.version + 1
    begin([row])
    row.save()
    plan_reminders(by=by, now=now, follow_ups=[row])
    _audit("follow_up.reschedule", row, by, now, {"on": on.isoformat()})
    return row


def _due_at(row: FollowUp, on: date, at: time | None, now: datetime) -> datetime:
    """The moment in the person's own time, from now on and no further off than `FURTHEST`."""
    today = now.astimezone(ZoneInfo(row.time_zone)).date()
    if on > today + FURTHEST:
        raise bad_input(on=sentence("follow_up.refused.too_far", last=today + FURTHEST))
    if on < today or (due_at := to_utc(datetime.combine(on, at or row.due_time), row.time_zone)) < now:
        raise bad_input(on=sentence("follow_up.refused.date"))
    return due_at


def _is_next_held(row: FollowUp, now: datetime) -> bool:
    """Whether another contact of its rule is to come, under its lock: nobody ends it meanwhile."""
    return next_of_rule(row, now).select_for_update(no_key=True, of=("self",)).first() is not None


def _end(row: FollowUp, outcome: Outcome, note: str, by: Actor, now: datetime) -> None:
    row.outcome, row.outcome_note, row.closed_at, row.closed_by = outcome, note[:300], now, by
    retire_reminders(by=by, now=now, follow_up_ids=[row.pk])


def _wait_or_climb(row: FollowUp, again: datetime, now: datetime, *, chosen: bool) -> None:
    """The next try on this rung, or the next rung once its tries are used up. `chosen`: somebody said when."""
    ladder = ladder_of(row)
    facts = ladder_facts([row], now=now)[row.pk]
    step = step_after_call(ladder, ladder.place(row.rung), facts, now)
    if step is not None:
        stand_on(row, step, ladder)
    row.act_at = again
    if chosen:
        be_patient(row, ladder, facts.grace_hours)


def _again_at(row: FollowUp, wanted: datetime | None, hours: int | None, now: datetime) -> datetime:
    """When somebody tries again: as told, else after the usual wait, in hours in which people may be called."""
    if wanted is None:
        return usual_retry(row, now) if hours else now
    if wanted > now + FURTHEST:
        last = (now + FURTHEST).astimezone(ZoneInfo(row.time_zone)).date()
        raise bad_input(try_again_at=sentence("follow_up.refused.too_far", last=last))
    if wanted <= now:
        raise bad_input(try_again_at=sentence("follow_up.refused.try_again"))
    return wanted


def _before(row: FollowUp) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(row, name) for name in KEPT_FOR_UNDO}
    kept["version_after"] = row.version + 1
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in kept.items()}


def _back(row: FollowUp, before: dict[str, Any]) -> None:
    for name in KEPT_FOR_UNDO:
        value = before[name]
        moment = name in ("rung_since", "act_at", "climbs_at", "closed_at") and value is not None
        setattr(row, name, datetime.fromisoformat(value) if moment else value)
    row.closed_by = None


def _audit(name: str, row: FollowUp, by: Actor, now: datetime, details: dict[str, object]) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("follow_up", row.public_id),
        patients=[row.patient.public_id],
        details=details,
    )
