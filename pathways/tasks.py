"""What beat wakes for the course of care. What is owed stands in PostgreSQL; a task is told a channel at most."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from clinic import clock
from clinic.actions.heartbeats import beat
from clinic.actions.jobs import job
from clinic.errors import Refused
from clinic.models import Actor
from clinic.wording.store import codes
from pathways.actions.adoptions import adopt_pending, finish_adoption
from pathways.actions.follow_ups import climb_ladders as climb
from pathways.actions.follow_ups import go_on_after, planned_to
from pathways.actions.follow_ups import plan_ahead as plan_one
from pathways.actions.passing_over import UNREADABLE, tell_passed_over
from pathways.actions.reconciliation import BATCH, begin, break_off, finish, unplanned
from pathways.actions.reminders import plan_site_on, record_answer, requeue_expired, retention
from pathways.actions.template_trials import PreparedTrial, TrialOutcome, open_trials, record_trials
from pathways.actions.waits import lapse_offers as lapse
from pathways.couriers import courier, message_of, runs_at_once
from pathways.couriers.ceilings import ceiling_of
from pathways.couriers.runs import Run
from pathways.couriers.seats import seat
from pathways.messages import linked_templates, templates
from pathways.queries import trials
from pathways.queries.adoptions import running
from pathways.queries.enrollments import named_open_ids, open_ids
from pathways.queries.providers import CHANNELS, live, provider_for
from pathways.queries.reconciliation import Named, latest_night
from pathways.queries.unsettled import Unsettled, to_settle
from pathways.rules.reconciliation import is_due

Id = TypeVar("Id")
LONGEST_RUN = 200
"""Seconds after which an adoption leaves the rest to the next wake-up; well under the task's time limit."""
ADOPTED_AT_ONCE = 100
"""Enrollments of a run looked up together; each is moved by itself. Few, so that two workers rarely take the same."""
PLANNED_AT_ONCE = 100
"""Enrollments planned ahead before a run looks at its time and remembers how far it came."""


@worker_init.connect
def read_all_words(**kwargs: Any) -> None:
    """Before a worker has processes, so that none of them begins by reading files: one that takes the place of a killed
    one sends at once."""
    templates()
    linked_templates()
    codes()


@shared_task(name="pathways.tasks.deliver_due_reminders")
def deliver_due_reminders(channel: str = "") -> dict[str, int]:
    """Send what is due on a channel, beside whoever else does while it has a seat; without one, on each in turn.

    Returns counts.
    """
    by, counts = job("reminder delivery"), Counter[str](claimed=0)
    for each in [channel] if channel else CHANNELS:
        counts += _run(each, by)
    beat(part="worker", by=by, now=clock.real_now(), counts=counts)
    return {"claimed": 0, **counts}


def _run(channel: str, by: Actor) -> Counter[str]:
    seats = runs_at_once(channel)
    with seat(channel, seats) as place:
        if place is None:
            return Counter()
        first = place == 0
        run = Run(channel, by, paces=first, more=partial(_wake_others, channel, seats - 1) if first else None)
        counts = run.go()
        courier(run.provider).close()
    if run.over_early:
        _wake_others(channel, 1)
    return counts


def _wake_others(channel: str, number: int) -> None:
    """What is left, or is more than one run takes at once, does not wait for the next tick; where nobody can be woken,
    it does."""
    with suppress(OperationalError):
        for _ in range(number):
            deliver_due_reminders.apply_async(args=(channel,), retry=False)


@shared_task(name="pathways.tasks.deliver_template_trials")
def deliver_template_trials() -> dict[str, int]:
    """What people send to themselves to see it arrive; each once, through the channels everything takes."""
    by, sends = job("template trials"), live()
    room = {
        channel: ceiling_of(provider_for(channel, live=sends)).take(wanted).messages
        for channel, wanted in trials.waiting().items()
    }
    opened = open_trials(by=by, now=clock.now(), live=sends, room=room)
    return record_trials(by=by, now=clock.now(), outcomes=[_tried(each) for each in opened]) if opened else {}


def _tried(trial: PreparedTrial) -> TrialOutcome:
    ((_, outcome),) = courier(trial.provider).send([message_of(trial)])
    return TrialOutcome(trial.reference, outcome.kind, outcome.provider_id, outcome.detail_code)


@shared_task(name="pathways.tasks.requeue_expired_leases")
def requeue_expired_leases() -> dict[str, int]:
    """Give back what stopped workers held."""
    return requeue_expired(by=job("reminder leases"), now=clock.now())


@shared_task(name="pathways.tasks.purge_words")
def purge_words() -> dict[str, int]:
    """Let the words of old messages and replies go, batch by batch, until none is left or the time is up."""
    if not settings.MESSAGE_RETENTION_DAYS:
        return {}
    by, now, until = job("message retention"), clock.now(), time.monotonic() + LONGEST_RUN
    before, counts = now - timedelta(days=settings.MESSAGE_RETENTION_DAYS), {"messages": 0, "replies": 0}
    for name, purge in {"messages": retention.purge_words, "replies": retention.purge_replies}.items():
        after, purged = 0, 1
        while purged and time.monotonic() < until:
            purged, after = purge(by=by, now=now, before=before, after=after)
            counts[name] += purged
    return counts


@shared_task(name="pathways.tasks.settle_uncertain")
def settle_uncertain() -> dict[str, int]:
    """Ask the providers about messages nobody knows about."""
    by, now = job("reminder settlement"), clock.now()
    counts: dict[str, int] = {}
    for each in to_settle(now):
        try:
            action = _ask(each, by, now)
        except Refused as refused:  # settled meanwhile by somebody else
            action = refused.code
        counts[action] = counts.get(action, 0) + 1
    return counts


def _ask(each: Unsettled, by: Actor, now: datetime) -> str:
    answer = courier(each.provider).find(message_of(each), since=each.since, known=each.known)
    return record_answer(
        by=by,
        now=now,
        reference=each.reference,
        finding=answer.finding,
        kind=answer.kind,
        provider_id=answer.provider_id,
        detail_code=answer.detail_code,
    ).value


@shared_task(name="pathways.tasks.climb_ladders")
def climb_ladders() -> dict[str, int]:
    """Silence climbs."""
    return climb(by=job("follow-up ladders"), now=clock.now())


@shared_task(name="pathways.tasks.adopt_versions")
def adopt_versions() -> dict[str, int]:
    """Move people to the version they are to go on with, until nobody is left or the time is up. Returns counts."""
    by, counts, until = job("version adoption"), Counter[str](), time.monotonic() + LONGEST_RUN
    for run in running():
        while time.monotonic() < until and (found := adopt_pending(run, by=by, now=clock.now(), most=ADOPTED_AT_ONCE)):
            counts += found
            if set(found) == {"elsewhere"}:  # the rest is somebody else's just now: the next wake-up finds it
                break
        finish_adoption(by=by, now=clock.now(), run_id=run.pk)
    return dict(counts)


@shared_task(name="pathways.tasks.plan_ahead")
def plan_ahead() -> dict[str, int]:
    """Recurring contacts are planned on, an enrollment at a time, from where the run before was out of time.

    One that cannot be planned holds up no other: it is counted, and the nightly check names it.
    """
    by, counts, until = job("follow-up planning"), Counter[str](), time.monotonic() + LONGEST_RUN
    for ids in batched(named_open_ids(planned_to(by=by, now=clock.now())), PLANNED_AT_ONCE):
        for each, named in ids:
            counts += _plan_ahead(each, named, by)
        go_on_after(by=by, now=clock.now(), enrollment_id=ids[-1][0])
        if time.monotonic() > until:
            break
    else:
        go_on_after(by=by, now=clock.now(), enrollment_id=0)
    return {"planned": 0, **counts}


def _plan_ahead(enrollment_id: int, named: UUID, by: Actor) -> Counter[str]:
    try:
        return Counter(planned=plan_one(by=by, now=clock.now(), enrollment_id=enrollment_id))
    except (*UNREADABLE, Refused, DatabaseError):
        tell_passed_over("enrollment", named)
        return Counter(failed=1)


@shared_task(name="pathways.tasks.plan_messages_anew")
def plan_messages_anew() -> dict[str, int]:
    """Where a site's contact hours or schedules have changed, its messages still to come follow. Returns counts."""
    by, counts, until = job("message plans"), Counter[str](), time.monotonic() + LONGEST_RUN
    while time.monotonic() < until and (batch := plan_site_on(by=by, now=clock.now())) is not None:
        counts += Counter(seen=batch.seen, changed=batch.changed)
    return dict(counts)


@shared_task(name="pathways.tasks.lapse_offers")
def lapse_offers() -> dict[str, int]:
    """Places nobody took in time are free again."""
    return {"lapsed": lapse(by=job("place offers"), now=clock.now())}


@shared_task(name="pathways.tasks.reconcile", soft_time_limit=780, time_limit=840)
def reconcile() -> dict[str, int]:
    """Tonight's check, or one that somebody asked for: owed = done + open + decided. Returns what it counted."""
    by, now = job("nightly check"), clock.now()
    run = begin(by=by, now=now, night=is_due(latest_night(), now, settings.RECONCILE_AT))
    if run is None:
        return {}
    try:
        row = finish(by=by, now=clock.now(), run_id=run.pk, unplanned=_unplanned(by, now))
    except Exception as error:
        break_off(by=by, now=clock.now(), run_id=run.pk, code=type(error).__name__)
        raise
    return {"owed": row.owed, "done": row.done, "open": row.open, "decided": row.decided, "stuck": row.stuck}


def _unplanned(by: Actor, now: datetime) -> list[Named]:
    """Enrollments whose rules owe what nobody planned, asked a batch at a time."""
    return [each for ids in batched(open_ids(), BATCH) for each in unplanned(ids, by, now)]


def batched(ids: Iterable[Id], size: int) -> Iterator[list[Id]]:
    """The ids in lists of this size; the last may be shorter."""
    waiting = iter(ids)
    while batch := list(islice(waiting, size)):
        yield batch
