"""Bringing planned messages in line with what is wanted now, whatever they are about: a few statements for any number.

A message is known by its subject, the subject's version, its step or offset, and its address. Those that differ in the
address alone are of one *turn*: of a turn one message goes out at most.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import connection

from pathways.models import Reminder
from pathways.rules.reminders import ReminderStatus

Turn = tuple[int | None, int | None, int, int, int]
ADDRESS_CHANGED = "reminder.cancelled.address_changed"
MAY_STILL_CHANGE = frozenset({ReminderStatus.PLANNED, ReminderStatus.CANCELLED})
MOVES = ("site_id", "language", "due_on", "due_time", "time_zone", "due_at", "next_at")
"""When a message goes, for which site and in which language: it moves with its subject, its address and its person."""
WRITE = """
    UPDATE pathways_reminder AS row
    SET status = told.status, status_code = told.code, status_at = %s, site_id = told.site_id,
        language = told.language, due_on = told.due_on, due_time = told.due_time, time_zone = told.time_zone,
        due_at = told.due_at, next_at = told.next_at
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::date[], %s::time[], %s::text[],
        %s::timestamptz[], %s::timestamptz[])
        AS told(id, status, code, site_id, language, due_on, due_time, time_zone, due_at, next_at)
    WHERE row.id = told.id
"""


def turn_of(row: Reminder) -> Turn:
    """What a message is, wherever it goes to."""
    return (row.follow_up_id, row.attendance_id, row.subject_version, row.rung, row.offset_minutes)


def by_turn(rows: Iterable[Reminder]) -> dict[Turn, list[Reminder]]:
    """Messages of the same turn together."""
    grouped: dict[Turn, list[Reminder]] = defaultdict(list)
    for row in rows:
        grouped[turn_of(row)].append(row)
    return grouped


def may_still_change(rows: Sequence[Reminder], *, is_to_come: bool) -> bool:
    """Whether a turn can go out otherwise: nothing of it has left or come to nothing, and it is planned or to come."""
    statuses = {ReminderStatus(row.status) for row in rows}
    return statuses <= MAY_STILL_CHANGE and (ReminderStatus.PLANNED in statuses or is_to_come)


def bring_in_line(kept: Collection[Reminder], wanted: Collection[Reminder], now: datetime) -> int:
    """Make the kept messages, locked and of turns that may still change, what is wanted. Returns how many changed.

    What goes to another address now is withdrawn there and planned here. A turn for which there is no address any more
    stays: it is suppressed when it would go, and says so. Doing it twice changes nothing.
    """
    wanted_by_key = {_key(row): row for row in wanted}
    kept_by_key = {_key(row): row for row in kept}
    turns = {turn_of(row) for row in wanted}
    planned = [row for row in kept if row.status == ReminderStatus.PLANNED and _key(row) not in wanted_by_key]
    gone = [row for row in planned if turn_of(row) in turns]
    withdraw(gone, ADDRESS_CHANGED)
    moved = [row for key, row in kept_by_key.items() if key in wanted_by_key and _takes_over(row, wanted_by_key[key])]
    new = [row for key, row in wanted_by_key.items() if key not in kept_by_key]
    store([*gone, *moved], now)
    if new:
        Reminder.objects.bulk_create(new, ignore_conflicts=True)
    return len(gone) + len(moved) + len(new)


def withdraw(rows: Iterable[Reminder], code: str) -> None:
    """Cancel planned messages (set, not saved)."""
    for row in rows:
        row.status, row.status_code = ReminderStatus.CANCELLED, code


def store(rows: Collection[Reminder], now: datetime) -> None:
    """Save where messages stand and when they go: one statement."""
    if not rows:
        return
    names = ("pk", "status", "status_code", *MOVES)
    columns = [[getattr(row, name) for row in rows] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [now, *columns])


def _takes_over(row: Reminder, wanted: Reminder) -> bool:
    """Whether the kept row becomes as wanted now (set, not saved). One that was tried keeps its next try."""
    planned = row.status == ReminderStatus.PLANNED
    if planned and (row.tries or all(getattr(row, name) == getattr(wanted, name) for name in MOVES)):
        return False
    for name in ("status", "status_code", *MOVES):
        setattr(row, name, getattr(wanted, name))
    return True


def _key(row: Reminder) -> tuple[Turn, int]:
    return turn_of(row), row.contact_point_id
