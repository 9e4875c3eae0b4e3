"""Running the nightly check: asked for, run, and what it named settled by a named person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.locks import lock_name
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.follow_ups.changes import Change
from pathways.actions.follow_ups.replanning import changes_of
from pathways.actions.passing_over import UNREADABLE, tell_passed_over
from pathways.models import Enrollment, Reconciliation, ReconciliationCount, ReconciliationFinding
from pathways.queries import reconciliation as queries
from pathways.queries.enrollments import DOCUMENT, TOGETHER
from pathways.rules.reconciliation import LONGEST_RUN, LOOKED_AHEAD, FindingKind, RunStatus, Sum, total, verdict
from patients.rules.texts import plain, text_problem

BATCH = 500
"""Enrollments whose rules are asked together."""
NOTE_LIMIT = 300
TURN = "reconciliation"
UNDER_WAY = (RunStatus.ASKED, RunStatus.RUNNING)


@action(Permission.RECONCILIATION_RUN, "reconciliation.ask")
def ask(*, by: Actor, now: datetime) -> Reconciliation:
    """Have the check run now; a worker takes it up. Asked twice it is the same run, until that has ended."""
    _in_turn()
    waiting = Reconciliation.objects.filter(status__in=UNDER_WAY, started_at__gt=now - LONGEST_RUN).first()
    if waiting is not None:
        return waiting
    row = Reconciliation.objects.create(on=now.date(), status=RunStatus.ASKED, started_at=now, started_by=by)
    audit.record(action="reconciliation.ask", by=by, now=now, subject=("reconciliation", row.public_id))
    return row


@action(None, "reconciliation.begin")
def begin(*, by: Actor, now: datetime, night: bool) -> Reconciliation | None:
    """Take up what was asked for, or, where it is time (`night`), tonight's run. None where there is nothing to do, or
    while another run is under way."""
    _in_turn()
    if Reconciliation.objects.filter(status=RunStatus.RUNNING, started_at__gt=now - LONGEST_RUN).exists():
        return None
    asked = Reconciliation.objects.filter(status=RunStatus.ASKED).order_by("pk")
    row = asked.select_for_update(no_key=True, of=("self",)).first()
    if row is None and not night:
        return None
    if row is None:
        return Reconciliation.objects.create(on=now.date(), started_at=now, started_by=by)
    row.status, row.started_at = RunStatus.RUNNING, now
    row.save(update_fields=["status", "started_at"])
    return row


def _in_turn() -> None:
    """Of two that ask or begin at once the second sees what the first did: a lock to the end of the transaction."""
    lock_name(TURN)


@action(None, "reconciliation.finish")
def finish(*, by: Actor, now: datetime, run_id: int, unplanned: Collection[queries.Named]) -> Reconciliation:
    """Count both sides, name what does not add up or stands still, and say whether it balances."""
    row = Reconciliation.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
    sums = queries.sums()
    named = [*queries.missing(), *unplanned, *queries.standing_still(now)]
    added = total(sums.values())
    row.owed, row.done, row.open, row.decided, row.missing = (
        added.owed, added.done, added.open, added.decided, added.missing,
    )  # fmt: skip
    row.stuck = sum(each.kind not in queries.LOST for each in named)
    row.status, row.finished_at = verdict(sums.values(), [each.kind for each in named]), now
    row.save()
    ReconciliationCount.objects.bulk_create(_counts(row, sums))
    ReconciliationFinding.objects.bulk_create(_findings(row, named))
    details = {"status": row.status, "owed": row.owed, "missing": row.missing, "named": len(named)}
    subject = ("reconciliation", row.public_id)
    audit.record(action="reconciliation.finish", by=by, now=now, subject=subject, details=details)
    return row


@action(None, "reconciliation.break_off")
def break_off(*, by: Actor, now: datetime, run_id: int, code: str) -> None:
    """It could not be finished; everybody is told."""
    running = Reconciliation.objects.filter(pk=run_id, status=RunStatus.RUNNING)
    running.update(status=RunStatus.BROKEN, finished_at=now, detail_code=code[:60])


def unplanned(ids: Collection[int], by: Actor, now: datetime) -> Iterator[queries.Named]:
    """Those of these enrollments whose rules owe, in the days to come, what nobody planned. Writes nothing.

    One that cannot be read is named with them: nobody can say what it is owed, and nothing is planned for it.
    """
    rows = list(
        Enrollment.objects.open()
        .filter(pk__in=ids, patient__died_on__isnull=True)
        .select_related(*TOGETHER)
        .defer(DOCUMENT)
    )
    soon = now + LOOKED_AHEAD
    changes = _changes(rows, by, now)
    for row in rows:
        change = changes.get(row.pk)
        if change is None or any(each.due_at <= soon for each in change.new):
            yield queries.unplanned_of(row)


def _changes(rows: Sequence[Enrollment], by: Actor, now: datetime) -> Mapping[int, Change]:
    """What planning again would change, by id; those that cannot be read are left out."""
    try:
        return changes_of(rows, by, now)
    except UNREADABLE:
        if len(rows) == 1:
            tell_passed_over("enrollment", rows[0].public_id)
            return {}
    half = len(rows) // 2
    return {**_changes(rows[:half], by, now), **_changes(rows[half:], by, now)}


@action(Permission.FOLLOW_UP_ASSIGN, "reconciliation.settle")
def settle(*, by: Actor, now: datetime, finding_id: UUID, note: str) -> ReconciliationFinding:
    """A person has looked into what was named, and says what came of it. Raises Refused where somebody has before."""
    note = plain(note)
    if problem := text_problem(note, limit=NOTE_LIMIT, required=True):
        raise bad_input(note=problem)
    seen = queries.finding(by, finding_id)
    row = ReconciliationFinding.objects.select_for_update(no_key=True, of=("self",)).get(pk=seen.pk)
    if row.settled_at is not None:
        raise Refused("finding_settled", sentence("reconciliation.refused.settled"))
    row.settled_at, row.settled_by, row.settled_note = now, by, note
    row.save(update_fields=["settled_at", "settled_by", "settled_note"])
    audit.record(
        action="reconciliation.settle",
        by=by,
        now=now,
        subject=("reconciliation_finding", row.public_id),
        patients=[seen.patient.public_id] if seen.patient else [],
        details={"kind": row.kind},
    )
    return row


def _counts(run: Reconciliation, sums: dict[tuple[int, int], Sum]) -> Iterator[ReconciliationCount]:
    for (site, program), each in sums.items():
        yield ReconciliationCount(
            run=run, site_id=site, program_id=program, owed=each.owed, done=each.done, open=each.open,
            decided=each.decided, missing=each.missing,
        )  # fmt: skip


def _findings(run: Reconciliation, named: Collection[queries.Named]) -> Iterator[ReconciliationFinding]:
    for each in named:
        yield ReconciliationFinding(
            run=run, kind=FindingKind(each.kind), site_id=each.site_id, patient_id=each.patient_id,
            subject_type=each.subject_type, subject_id=each.subject_id,
        )  # fmt: skip
