"""What a worker's claim costs as the table grows: the same claim among ten thousand messages and among ten million."""

from collections.abc import Iterator
from uuid import uuid4

from django.db import connection

from clinic.actions.verbs import allow_direct_writes
from clinic.database import as_role
from clinic.models import Actor
from pathways.actions.reminders.claim import claim_due, give_back
from pathways.models import Reminder
from tests.bench.figures import Figure, latency
from tests.bench.ground import analyze
from tests.bench.sowing import sow
from tests.factories import clinic
from tests.faults.load import NOON, plant_due, stand_at

DUE = 10_000
ROWS = (10_000, 1_000_000, 10_000_000)
BATCH = 500_000
CLAIMED = 200
UNBIND = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = 'pathways_reminder'::regclass AND contype = 'f'
        LOOP EXECUTE format('ALTER TABLE pathways_reminder DROP CONSTRAINT %I', name); END LOOP;
    END $$
"""
"""What is sown refers to rows that are there: to look each of them up would take most of the time."""


def figures() -> Iterator[Figure]:
    """Ten thousand are due throughout; what the table grows by went out in the years before."""
    stand_at(NOON)
    plant_due(DUE)
    by, first = clinic.job(), Reminder.objects.order_by("-pk")[0]
    for rows in ROWS:
        _grow(first, rows)
        analyze()
        yield latency(f"claim of {CLAIMED} among {rows:,}", lambda: _claimed(by), times=30)


def _claimed(by: Actor) -> None:
    """Taken and given back, so that each claim finds what the one before found."""
    claim = claim_due(by=by, now=NOON, channel="sms", limit=CLAIMED, claim_id=uuid4())
    ids = [pk for ids in claim.by_channel.values() for pk in ids]
    if len(ids) != CLAIMED:
        raise RuntimeError(f"{len(ids)} of {CLAIMED} were claimed")
    give_back(by=by, now=NOON, claim_id=claim.claim_id, ids=ids)


def _grow(like: Reminder, rows: int) -> None:
    """Messages that went out, about the follow-ups there are, to the number wanted; their references ascend."""
    there = Reminder.objects.count()
    sent = Reminder.objects.get(pk=like.pk)
    sent.status = "delivered"
    when = f"timestamptz '{NOON.isoformat()}' - (n % 100000) * interval '10 minutes'"
    with as_role(""), allow_direct_writes(), connection.cursor() as cursor:
        cursor.execute(UNBIND)
        for start in range(there, rows, BATCH):
            end = min(start + BATCH, rows) - 1
            source = (
                f"generate_series({start}, {end}) n JOIN pathways_followup f "
                f"ON f.id = (SELECT min(id) FROM pathways_followup) + n % {DUE}"
            )
            sow(
                sent, source, public_id="lpad(to_hex(n), 32, '0')::uuid", follow_up_id="f.id",
                patient_id="f.patient_id", subject_version=f"2 + n / {DUE}", due_at=when, next_at=when, status_at=when,
            )  # fmt: skip
