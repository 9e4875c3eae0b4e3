"""What planning again changes for one enrollment: worked out before, stored in a few statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from clinic.actions.rows import Statement, insertion, send
from clinic.models import Actor
from pathways.actions.reminders.plan import SUBJECT_CLOSED
from pathways.models import FollowUp, Reminder

RETIRE = """
    UPDATE pathways_reminder SET status = 'cancelled', status_code = %s, status_at = %s
    WHERE follow_up_id = ANY(%s) AND status = 'planned' AND id <> ALL(%s)
"""
TURN = """
    WITH ended AS (
        UPDATE pathways_followup SET outcome = 'superseded', closed_at = %s, closed_by_id = %s, version = version + 1
        WHERE id = ANY(%s) AND outcome = ''
        RETURNING id
    ), moved AS (
        UPDATE pathways_followup AS row
        SET due_on = told.due_on, due_time = told.due_time, time_zone = told.time_zone, due_at = told.due_at,
            rung = told.rung, rung_since = told.rung_since, act_at = told.act_at, climbs_at = told.climbs_at,
            owner_id = told.owner_id, owner_role = told.owner_role, ladder = told.ladder,
            outcome = told.outcome, closed_at = told.closed_at, closed_by_id = told.closed_by_id,
            plan_version = told.plan_version, version = row.version + 1
        FROM unnest(
            %s::bigint[], %s::int[], %s::date[], %s::time[], %s::text[], %s::timestamptz[],
            %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::text[],
            %s::text[], %s::text[], %s::timestamptz[], %s::bigint[], %s::int[]
        ) AS told(
            id, version, due_on, due_time, time_zone, due_at,
            rung, rung_since, act_at, climbs_at, owner_id, owner_role,
            ladder, outcome, closed_at, closed_by_id, plan_version
        )
        WHERE row.id = told.id AND row.version = told.version
        RETURNING row.id
    ), carried AS (
        UPDATE pathways_reminder AS row
        SET subject_version = told.subject_version, template = told.template, language = told.language,
            due_on = told.due_on, due_time = told.due_time, time_zone = told.time_zone, due_at = told.due_at,
            next_at = told.due_at, planned_at = told.planned_at, status_at = told.planned_at
        FROM unnest(
            %s::bigint[], %s::int[], %s::text[], %s::text[], %s::date[], %s::time[], %s::text[], %s::timestamptz[],
            %s::timestamptz[]
        ) AS told(id, subject_version, template, language, due_on, due_time, time_zone, due_at, planned_at)
        WHERE row.id = told.id AND row.status = 'planned' AND row.tries = 0
        RETURNING row.id
    )
    SELECT (SELECT count(*) FROM ended), (SELECT count(*) FROM moved), (SELECT count(*) FROM carried), version
    FROM pathways_enrollment WHERE id = %s
"""
"""Ends contacts, gives others their new date or step and carries their waiting messages along, where they are as they
were read; tells how many it found so, and the version of the enrollment."""
MOVED = (
    "pk", "version", "due_on", "due_time", "time_zone", "due_at", "rung", "rung_since", "act_at", "climbs_at",
    "owner_id", "owner_role", "ladder", "outcome", "closed_at", "closed_by_id", "plan_version",
)  # fmt: skip
CARRIED = (
    "pk", "subject_version", "template", "language", "due_on", "due_time", "time_zone", "due_at", "planned_at",
)  # fmt: skip
STANDS = "SELECT 0, 0, 0, version FROM pathways_enrollment WHERE id = %s"


class ChangedMeanwhile(Exception):
    """Somebody changed a contact after it was read: what was worked out is to be worked out again."""


@dataclass(slots=True)
class Change:
    """What planning again changes for one enrollment. `seen`: how many open contacts there were, and their versions;
    `fitted`: contacts that keep their date and go on from another step, or by another wait, and of these `begun` on
    other work; `carried`: waiting messages of contacts that move, as they will read; `messages`: new ones."""

    enrollment: int
    seen: tuple[int, int] = (0, 0)
    new: list[FollowUp] = field(default_factory=list)
    moved: list[FollowUp] = field(default_factory=list)
    fitted: list[FollowUp] = field(default_factory=list)
    begun: list[FollowUp] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    carried: list[Reminder] = field(default_factory=list)
    messages: list[Reminder] = field(default_factory=list)


def write(change: Change, by: Actor, now: datetime, beside: Sequence[Statement] = ()) -> int:
    """Store a change, under the enrollment's lock, after what is sent along with it: in one message to the database,
    and one more where there are new contacts. Returns the version the enrollment then has.

    Raises ChangedMeanwhile where a contact, or a message that is to move with it, is not as it was read.
    """
    if change.new:
        FollowUp.objects.bulk_create(change.new)
    *found, version = send([*beside, *_statements(change, by, now)])
    if found != [len(change.ended), len(change.moved) + len(change.fitted), len(change.carried)]:
        raise ChangedMeanwhile
    return int(version)


def _statements(change: Change, by: Actor, now: datetime) -> Iterator[Statement]:
    """In an order in which none undoes another: old messages go before new ones come."""
    gone = [*change.ended, *(each.pk for each in (*change.moved, *change.begun))]
    if gone:
        yield RETIRE, [SUBJECT_CLOSED, now, gone, [each.pk for each in change.carried]]
    if change.messages:
        yield insertion(change.messages, pass_over_known=True)
    if gone or change.fitted:
        told = (*_columns([*change.moved, *change.fitted], MOVED), *_columns(change.carried, CARRIED))
        yield TURN, [now, by.pk, change.ended, *told, change.enrollment]
    else:
        yield STANDS, [change.enrollment]


def _columns(rows: Sequence[Model], names: Sequence[str]) -> list[list[object]]:
    return [[getattr(each, name) for each in rows] for name in names]
