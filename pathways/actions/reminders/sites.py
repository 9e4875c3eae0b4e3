"""A site's messages planned by other hours or schedules than it has now are planned anew: in batches, by a worker.

Nothing is queued. What each site's messages were last planned by is remembered as a fingerprint; where that is another
one now, its contacts and its places are gone through by id, a batch in each transaction, which also remembers how far
it came. A worker that stops is followed by the next where it stood; a change meanwhile begins again. Doing it twice
changes nothing. What cannot be read keeps its messages as they are and is told to the log: it holds up nothing else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from clinic.actions import audit, heartbeats
from clinic.actions.verbs import action, refusals_survived
from clinic.models import Actor, Site
from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window
from clinic.rules.sentences import Sentence
from pathways.actions.passing_over import UNREADABLE, tell_passed_over
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.reminders.plan import point_for, wall_time
from pathways.models import Reminder
from pathways.queries.message_plans import (
    Contact,
    Planned,
    Point,
    contacts_after,
    messages_on_step,
    named_place,
    places_after,
    points_of,
    versions_of,
    wanted_plans,
)
from pathways.queries.programs import document_of
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
Wanted = tuple[Point, str, ContactTime]
"""Where, in which words and when a message goes."""


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
    changed = _plan_places(ids, by, now)
    _audit(site, len(ids), changed, by, now)
    return Batch(site.code, len(ids), changed), ids[-1] if len(ids) == PLACES_AT_ONCE else DONE


def _plan_places(ids: Sequence[int], by: Actor, now: datetime) -> int:
    """As `plan_places`; where one of them cannot be read, each half for itself, down to that one."""
    try:
        with refusals_survived():
            return plan_places(by=by, now=now, places=ids)
    except UNREADABLE:
        if len(ids) == 1:
            tell_passed_over("attendance", named_place(ids[0]))
            return 0
    half = len(ids) // 2
    return _plan_places(ids[:half], by, now) + _plan_places(ids[half:], by, now)


def _plan_anew(site: Site, rows: Sequence[Contact], now: datetime) -> int:
    """Give each message still to come its time by the hours of now; make those for which there was none."""
    points, kept = points_of({each.patient_id for each in rows}), messages_on_step(rows)
    moved: list[tuple[int, date, time, str, datetime]] = []
    new: list[Reminder] = []
    for row, (point, template, when) in _all_wanted(rows, points, site):
        own = kept.get(row.pk, ())
        moved += _moves(own, point, when, now)
        if not own and when.at > now:
            new.append(_made(row, site, point, template, when, now))
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [now, *(list(column) for column in zip(*moved, strict=True))])
    Reminder.objects.bulk_create(new, ignore_conflicts=True)
    return len(moved) + len(new)


def _all_wanted(
    rows: Collection[Contact], points: Mapping[int, Sequence[Point]], site: Site
) -> Iterator[tuple[Contact, Wanted]]:
    """The contacts that have a message, with it. Those that cannot be read are passed over: told once for all of a
    version, else once for all of a person."""
    read, told = _documents(rows), set[int]()
    for row in rows:
        if row.program_version_id not in read:
            continue
        try:
            found = _wanted(row, read[row.program_version_id], points.get(row.patient_id, ()), site)
        except UNREADABLE:
            if row.patient_id not in told:
                tell_passed_over("follow_up", row.public_id)
            told.add(row.patient_id)
        else:
            if found is not None:
                yield row, found


def _documents(rows: Collection[Contact]) -> dict[int, ProgramDocument]:
    """Parsed documents by version id, of the versions that can be read; those not read before are read now."""
    read: dict[int, ProgramDocument] = {}
    for each in versions_of(rows):
        try:
            read[each.pk] = document_of(each)
        except UNREADABLE:
            tell_passed_over("program_version", each.public_id)
    return read


def _wanted(row: Contact, document: ProgramDocument, points: Sequence[Point], site: Site) -> Wanted | None:
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
