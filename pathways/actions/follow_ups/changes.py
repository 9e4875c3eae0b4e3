"""What planning again changes for one enrollment: worked out before, stored in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import F

from clinic.models import Actor
from pathways.actions.reminders.plan import retire_unsent
from pathways.models import FollowUp, Reminder
from pathways.rules.follow_ups import Outcome

SEEN = "SELECT count(*), coalesce(sum(version), 0) FROM pathways_followup WHERE enrollment_id = %s AND outcome = ''"
FIT = """
    UPDATE pathways_followup AS row SET ladder = told.ladder, rung = told.rung
    FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS told(id, ladder, rung)
    WHERE row.id = told.id
"""
MOVE = """
    UPDATE pathways_followup AS row
    SET due_on = told.due_on, due_time = told.due_time, time_zone = told.time_zone, due_at = told.due_at,
        rung = told.rung, rung_since = told.rung_since, act_at = told.act_at, climbs_at = told.climbs_at,
        owner_id = told.owner_id, owner_role = told.owner_role,
        outcome = '', closed_at = NULL, closed_by_id = NULL,
        plan_version = row.plan_version + 1, version = row.version + 1
    FROM unnest(
        %s::bigint[], %s::int[], %s::date[], %s::time[], %s::text[], %s::timestamptz[],
        %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::text[]
    ) AS told(
        id, version, due_on, due_time, time_zone, due_at, rung, rung_since, act_at, climbs_at, owner_id, owner_role
    )
    WHERE row.id = told.id AND row.version = told.version
"""


class ChangedMeanwhile(Exception):
    """Somebody changed a contact after it was read: what was worked out is to be worked out again."""


@dataclass(slots=True)
class Change:
    """What planning again changes for one enrollment. `seen`: how many open contacts there were, and their versions."""

    enrollment: int
    seen: tuple[int, int]
    fitted: list[tuple[int, str, int]] = field(default_factory=list)
    new: list[FollowUp] = field(default_factory=list)
    moved: list[FollowUp] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    messages: list[Reminder] = field(default_factory=list)


def must_stand_as_seen(change: Change) -> None:
    """For a change that was worked out without locks, under the enrollment's. Raises ChangedMeanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [change.enrollment])
        if cursor.fetchone() != change.seen:
            raise ChangedMeanwhile


def write(change: Change, by: Actor, now: datetime) -> None:
    """Store a change, under the enrollment's lock. Raises ChangedMeanwhile where a contact is not as it was read."""
    if change.fitted:
        _execute(FIT, change.fitted)
    if change.new:
        FollowUp.objects.bulk_create(change.new)
    if change.moved and _execute(MOVE, [_moved_values(each) for each in change.moved]) != len(change.moved):
        raise ChangedMeanwhile
    if change.ended and _end(change.ended, by, now) != len(change.ended):
        raise ChangedMeanwhile
    gone = [*change.ended, *(each.pk for each in change.moved)]
    if gone:
        retire_unsent(gone, now)
    if change.messages:
        Reminder.objects.bulk_create(change.messages, ignore_conflicts=True)


def _end(ids: Sequence[int], by: Actor, now: datetime) -> int:
    ended = {"outcome": Outcome.SUPERSEDED, "closed_at": now, "closed_by": by, "version": F("version") + 1}
    return FollowUp.objects.open().filter(pk__in=ids).update(**ended)


def _moved_values(row: FollowUp) -> tuple[object, ...]:
    return (
        row.pk, row.version, row.due_on, row.due_time, row.time_zone, row.due_at,
        row.rung, row.rung_since, row.act_at, row.climbs_at, row.owner_id, row.owner_role,
    )  # fmt: skip


def _execute(sql: str, rows: Sequence[tuple[object, ...]]) -> int:
    """One statement for all of them. Returns how many it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)
