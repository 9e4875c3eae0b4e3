"""A site's messages planned by other hours or schedules than it has now are planned anew: in batches, by a worker.

Nothing is queued. What each site's messages were last planned by is remembered as a fingerprint; where that is another
one now, its contacts and its places are gone through by id, a batch in each transaction, which also remembers how far
it came. A worker that stops is followed by the next where it stood; a change meanwhile begins again. Doing it twice
changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from clinic.actions import audit, heartbeats
from clinic.actions.verbs import action
from clinic.models import Actor, Site
from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window
from clinic.rules.sentences import Sentence
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.reminders.plan import point_for, wall_time
from pathways.models import Reminder
from pathways.queries.message_plans import (
    Contact,
    Planned,
    Point,
    contacts_after,
    documents,
    messages_on_step,
    places_after,
    points_of,
    wanted_plans,
)
from pathways.queries.sending import hours_of
from pathways.rules.programs import ProgramDocument
from pathways.rules.reminders import ReminderStatus, due

PART = "message plans"
CONTACTS_AT_ONCE = 4_000
PLACES_AT_ONCE = 500
DONE = -1
"""In place of an id: all of them were gone through."""
MOVE = """
    UPDATE pathways_reminder AS row
    SET due_on = told.due_on, due_time = told.due_time, time_zone = told.time_zone, due_at = told.due_at,
        next_at = told.due_at, planned_at = %s
    FROM unnest(%s::bigint[], %s::date[], %s::time[], %s::text[], %s::timestamptz[])
        AS told(id, due_on, due_time, time_zone, due_at)
    WHERE row.id = told.id AND row.status = 'planned' AND row.tries = 0
"""
"""Rows that were claimed, withdrawn or tried meanwhile stay as they are: no lock is taken before."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: at which site, how many were looked at, how many messages changed."""

    site: str
    seen: int
    changed: int


@action(None, "reminder.plan_site_on")
def plan_site_on(*, by: Actor, now: datetime) -> Batch | None:
    """One batch of the first site whose messages are planned by something else than it has now.

    None where there is no such site, or while another worker is at it.
    """
    kept = heartbeats.recall(part=PART, by=by, now=now)
    if kept is None:
        return None
    memory = dict(kept.counts)
    for site, wanted in wanted_plans().items():
        stood = memory.get(site.code, {})
        if stood.get("planned_by") != wanted:
            batch, memory[site.code] = _go_on(site, wanted, stood, by, now)
            heartbeats.remember(row=kept, by=by, now=now, memory=memory)
            return batch
    heartbeats.remember(row=kept, by=by, now=now, memory=memory)
    return None


def _go_on(site: Site, wanted: str, stood: Mapping[str, Any], by: Actor, now: datetime) -> tuple[Batch, dict[str, Any]]:
    """The next batch of a site, and where it stands then."""
    contacts, places = stood.get("after", (0, 0)) if stood.get("planning_by") == wanted else (0, 0)
    if contacts != DONE:
        batch, contacts = _contacts(site, contacts, by, now)
    else:
        batch, places = _places(site, places, by, now)
    if (contacts, places) == (DONE, DONE):
        return batch, {"planned_by": wanted}
    before = {"planned_by": stood["planned_by"]} if "planned_by" in stood else {}
    return batch, {**before, "planning_by": wanted, "after": (contacts, places)}


def _contacts(site: Site, after: int, by: Actor, now: datetime) -> tuple[Batch, int]:
    rows = contacts_after(site, after, CONTACTS_AT_ONCE)
    changed = _plan_anew(site, rows, now)
    _audit(site, len(rows), changed, by, now)
    return Batch(site.code, len(rows), changed), rows[-1].pk if len(rows) == CONTACTS_AT_ONCE else DONE


def _places(site: Site, after: int, by: Actor, now: datetime) -> tuple[Batch, int]:
    ids = places_after(site, after, PLACES_AT_ONCE, now)
    changed = plan_places(by=by, now=now, places=ids)
    _audit(site, len(ids), changed, by, now)
    return Batch(site.code, len(ids), changed), ids[-1] if len(ids) == PLACES_AT_ONCE else DONE


def _plan_anew(site: Site, rows: Sequence[Contact], now: datetime) -> int:
    """Give each message still to come its time by the hours of now; make those for which there was none."""
    points, kept = points_of({each.patient_id for each in rows}), messages_on_step(rows)
    read = documents({each.program_version_id for each in rows})
    moved: list[tuple[int, date, time, str, datetime]] = []
    new: list[Reminder] = []
    for row in rows:
        found = _wanted(row, read[row.program_version_id], points.get(row.patient_id, ()), site)
        if found is not None:
            point, template, when = found
            own = kept.get(row.pk, ())
            moved += _moves(own, point, when, now)
            if not own and when.at > now:
                new.append(_made(row, site, point, template, when, now))
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [now, *(list(column) for column in zip(*moved, strict=True))])
    Reminder.objects.bulk_create(new, ignore_conflicts=True)
    return len(moved) + len(new)


def _wanted(
    row: Contact, document: ProgramDocument, points: Sequence[Point], site: Site
) -> tuple[Point, str, ContactTime] | None:
    """Where, in which words and when the message of its step goes; None where it has none, or no hours are left."""
    rung = document.ladder_or_first(row.ladder).rung_at(row.rung)
    point, template = point_for(rung, points), rung.template or row.template
    if point is None or not template:
        return None
    on, at = wall_time(row, ZoneInfo(row.zone))
    when = _due(on, at, row.zone, site.contact_opens, site.contact_closes, point.opens, point.closes)
    return (point, template, when) if isinstance(when, ContactTime) else None


@lru_cache(maxsize=100_000)
def _due(
    on: date, at: time, zone: str, opens: time, closes: time, own_opens: time | None, own_closes: time | None
) -> ContactTime | Sentence:
    """Many are due at the same wall time by the same hours."""
    window = contact_window(ContactHours(opens, closes), hours_of(own_opens, own_closes))
    return due(on=on, at=at, zone=zone, window=window)


def _moves(
    own: Sequence[Planned], point: Point, when: ContactTime, now: datetime
) -> Iterator[tuple[int, date, time, str, datetime]]:
    """The planned message to this address, where its time is another now and still to come."""
    for row in own:
        waits = row.status == ReminderStatus.PLANNED and not row.tries and row.due_at > now
        if waits and row.point_id == point.pk and (row.due_at, row.zone) != (when.at, when.zone):
            yield row.pk, when.local.date(), when.local.time(), when.zone, when.at


def _made(row: Contact, site: Site, point: Point, template: str, when: ContactTime, now: datetime) -> Reminder:
    return Reminder(
        patient_id=row.patient_id,
        site=site,
        follow_up_id=row.pk,
        subject_version=row.version,
        rung=row.rung,
        channel=point.channel,
        contact_point_id=point.pk,
        template=template,
        language=row.language,
        due_on=when.local.date(),
        due_time=when.local.time(),
        time_zone=when.zone,
        due_at=when.at,
        next_at=when.at,
        planned_at=now,
        status=ReminderStatus.PLANNED,
        status_at=now,
    )


def _audit(site: Site, seen: int, changed: int, by: Actor, now: datetime) -> None:
    if seen:
        details = {"seen": seen, "messages": changed}
        audit.record(action="reminder.plan_site_on", by=by, now=now, subject=("site", site.public_id), details=details)
