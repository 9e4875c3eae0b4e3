"""The sums of the nightly check, counted from two sides, and the rows that do not add up or stand still."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from clinic.clock import real_now
from clinic.errors import not_found
from clinic.models import Actor
from clinic.queries.installation import clock_offset
from clinic.queries.prepared import prepared
from pathways.models import (
    Enrollment,
    FollowUp,
    Reconciliation,
    ReconciliationCount,
    ReconciliationFinding,
    Reminder,
)
from pathways.queries.pauses import held_by, in_force
from pathways.queries.providers import CHANNELS
from pathways.rules.reconciliation import (
    CLIMB_LATE,
    DECIDED,
    DONE,
    LEASE_LATE,
    LONGEST_RUN,
    LOST,
    MESSAGE_LATE,
    UNCLEAR_LATE,
    FindingKind,
    LastRun,
    RunStatus,
    Standing,
    Sum,
    standing,
)
from pathways.rules.reminders import ReminderStatus

MOST_NAMED = 500
"""Rows of one kind that a run names; more are counted by the sums all the same."""

# One statement, so that both sides are counted in the same instant. A contact that is in the table and was never
# written down as owed (its trigger was off) counts on one side alone, and the sum does not balance. What is gone counts
# as decided once a named person has settled it.
SUMS = """
    SELECT coalesce(contact.site_id, owed.site_id) AS site, enrollment.program_id,
        count(owed.follow_up_id),
        count(*) FILTER (WHERE contact.outcome = ANY(%(done)s)),
        count(*) FILTER (WHERE contact.outcome = ''),
        count(*) FILTER (WHERE contact.outcome = ANY(%(decided)s) OR settled.subject_id IS NOT NULL),
        count(*) FILTER (WHERE contact.id IS NULL AND settled.subject_id IS NULL)
    FROM pathways_owedcontact AS owed
    FULL JOIN pathways_followup AS contact ON contact.id = owed.follow_up_id
    JOIN pathways_enrollment AS enrollment ON enrollment.id = coalesce(contact.enrollment_id, owed.enrollment_id)
    LEFT JOIN (
        SELECT DISTINCT subject_id FROM pathways_reconciliationfinding
        WHERE kind = 'missing' AND settled_at IS NOT NULL
    ) AS settled ON contact.id IS NULL AND settled.subject_id = owed.follow_up_public_id
    GROUP BY 1, 2 ORDER BY 1, 2
"""
MISSING = """
    SELECT owed.follow_up_public_id, owed.site_id, enrollment.patient_id
    FROM pathways_owedcontact AS owed JOIN pathways_enrollment AS enrollment ON enrollment.id = owed.enrollment_id
    WHERE NOT EXISTS (SELECT 1 FROM pathways_followup WHERE id = owed.follow_up_id)
        AND NOT EXISTS (
            SELECT 1 FROM pathways_reconciliationfinding
            WHERE kind = 'missing' AND settled_at IS NOT NULL AND subject_id = owed.follow_up_public_id
        )
    ORDER BY owed.follow_up_id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Named:
    """One row that does not add up or does not move."""

    kind: FindingKind
    subject_type: str
    subject_id: UUID
    site_id: int | None
    patient_id: int | None


def sums() -> dict[tuple[int, int], Sum]:
    """(Site, program) to its sum, by their ids. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"done": list(DONE), "decided": list(DECIDED)})
        return {(site, program): Sum(*numbers) for site, program, *numbers in cursor.fetchall()}


def missing() -> list[Named]:
    """Contacts that were owed and are gone, those that somebody settled left out."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [MOST_NAMED])
        return [
            Named(FindingKind.MISSING, "follow_up", gone, site, patient) for gone, site, patient in cursor.fetchall()
        ]


def standing_still(now: datetime) -> Iterator[Named]:
    """Rows that should have moved by `now` and have not. Five statements, each along an index of open rows."""
    contacts = FollowUp.objects.open()
    yield from _contacts(FindingKind.NOT_CLIMBED, contacts.filter(climbs_at__lt=now - CLIMB_LATE))
    yield from _contacts(FindingKind.NOBODYS, contacts.filter(_nobodys(), act_at__lte=now))
    in_line = Reminder.objects.filter(status=ReminderStatus.PLANNED, needs_person=False, channel__in=CHANNELS)
    late = in_line.filter(next_at__lt=now - MESSAGE_LATE).exclude(held_by(in_force()))  # what is paused is not late
    yield from _messages(FindingKind.MESSAGE_WAITS, late)
    held = Reminder.objects.filter(leased_until__lt=real_now() - LEASE_LATE)
    yield from _messages(FindingKind.MESSAGE_HELD, held)
    unclear = Reminder.objects.filter(status=ReminderStatus.UNCERTAIN, needs_person=False)
    yield from _messages(FindingKind.MESSAGE_UNCLEAR, unclear.filter(status_at__lt=now - UNCLEAR_LATE))


def _nobodys() -> Q:
    """Neither a person who is still there nor a role has it."""
    return Q(owner_role="") & (Q(owner__isnull=True) | Q(owner__is_active=False))


def _contacts(kind: FindingKind, rows: QuerySet[FollowUp]) -> Iterator[Named]:
    named = rows.order_by("pk").values_list("public_id", "site_id", "patient_id")[:MOST_NAMED]
    yield from (Named(kind, "follow_up", *row) for row in named)


def _messages(kind: FindingKind, rows: QuerySet[Reminder]) -> Iterator[Named]:
    named = rows.order_by("pk").values_list("public_id", "site_id", "patient_id")[:MOST_NAMED]
    yield from (Named(kind, "reminder", *row) for row in named)


def unplanned_of(row: Enrollment) -> Named:
    """An enrollment whose rules owe a contact that nobody planned."""
    return Named(FindingKind.UNPLANNED, "enrollment", row.public_id, row.site_id, row.patient_id)


def runs() -> QuerySet[Reconciliation]:
    """Every run, the newest first, with what nobody has settled yet counted: `lost_now`, `stuck_now`, `missing_now`."""
    kinds = [each.value for each in LOST]
    open_now = Q(findings__settled_at__isnull=True)
    rows = Reconciliation.objects.annotate(
        lost_now=Count("findings", filter=open_now & Q(findings__kind__in=kinds)),
        stuck_now=Count("findings", filter=open_now & ~Q(findings__kind__in=kinds)),
        missing_now=Count("findings", filter=open_now & Q(findings__kind=FindingKind.MISSING)),
    )
    return rows.select_related("started_by").order_by("-started_at", "-pk")


def run(public_id: UUID) -> Reconciliation:
    """One run. Raises Refused not_found."""
    found = runs().filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def latest(now: datetime) -> Reconciliation | None:
    """The newest run that has a result, or should have one by now."""
    return next(iter(_latest(now - LONGEST_RUN)), None)


@prepared
def _latest(since: datetime) -> QuerySet[Reconciliation]:
    under_way = Q(status=RunStatus.RUNNING, started_at__gt=since)
    return runs().exclude(status=RunStatus.ASKED).exclude(under_way)[:1]


def latest_night() -> date | None:
    """The newest night that was checked to its end; one that broke off, or still runs, is not."""
    ended = [RunStatus.BALANCED, RunStatus.DIFFERS]
    return Reconciliation.objects.filter(status__in=ended).aggregate(on=Max("on"))["on"]


def last_run(row: Any) -> LastRun | None:
    """A run from `runs` as the rule reads it: what was settled since counts as decided."""
    if row is None:
        return None
    settled = max(min(row.missing, MOST_NAMED) - row.missing_now, 0)
    added = Sum(row.owed, row.done, row.open, row.decided + settled, row.missing - settled)
    return LastRun(RunStatus(row.status), row.started_at, added, row.stuck_now, row.lost_now)


def told(now: datetime) -> Standing | None:
    """What everybody is told of the newest run."""
    return standing(last_run(latest(now)), now)


def counts_of(row: Reconciliation, actor: Actor) -> QuerySet[ReconciliationCount]:
    """The sums of the sites one works at, by site and program."""
    rows = row.counts.filter(site__in=actor.sites.all()).select_related("site", "program")
    return rows.order_by("site__name", "program__title")


def findings_of(row: Reconciliation, actor: Actor) -> QuerySet[ReconciliationFinding]:
    """What was found at the sites one works at, what is not settled first."""
    rows = row.findings.filter(site__in=actor.sites.all()).select_related("site", "patient", "settled_by")
    return rows.order_by("settled_at", "kind", "pk")


def finding(actor: Actor, public_id: UUID) -> ReconciliationFinding:
    """One finding at a site one works at. Raises Refused not_found."""
    rows = ReconciliationFinding.objects.filter(site__in=actor.sites.all())
    found = rows.select_related("run", "site", "patient", "settled_by").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def follow_up_of(row: ReconciliationFinding) -> FollowUp | None:
    """The contact behind a finding, where there is one."""
    if row.subject_type != "follow_up":
        return None
    return FollowUp.objects.filter(public_id=row.subject_id).first()


def nightly_check(now: datetime) -> Mapping[str, Any]:
    """For the machines that watch: how old the newest run is, its verdict, and what it named. `now`: real time."""
    row = latest(now + clock_offset())
    if row is None:
        return {"status": "none"}
    return {"status": row.status, "on": row.on.isoformat(), "missing": row.missing, "stuck": row.stuck}
