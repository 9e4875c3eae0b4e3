"""The record: nobody rewrites it, and whoever did would be found out."""

import time
from datetime import datetime
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from clinic.actions import audit
from clinic.actions.jobs import job
from clinic.actions.seals import seal
from clinic.actions.verbs import action
from clinic.clock import real_now
from clinic.database import OWNER, as_role
from clinic.models import Actor, AuditEntry, AuditSeal, Heartbeat
from clinic.queries.seals import verify
from clinic.tasks import beat_heartbeat, seal_audit
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db(transaction=True)
# The sealer waits for every transaction of the cluster, those of tests running beside this one included.
LONGEST_TEST = 180


@action(None, "test.note")
def _write(*, by: Actor, now: datetime) -> AuditEntry:
    return audit.record(action="test.note", by=by, now=now, details={"n": 1})


def _note(*, by: Actor, now: datetime) -> AuditEntry:
    """An entry that may be sealed: transactions of other tests on this cluster that began before it are over."""
    entry = _write(by=by, now=now)
    if not connection.in_atomic_block:
        _wait_until_behind()
    return entry


def _wait_until_behind() -> None:
    newest = AuditEntry.objects.order_by("-transaction_id").values_list("transaction_id", flat=True)[0]
    until = time.monotonic() + LONGEST_TEST
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::text::xid8", [newest])
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("another transaction of this cluster has been open all the while")


def _entries(count: int) -> Actor:
    by = job("writer")
    for _ in range(count):
        _note(by=by, now=real_now())
    return by


@pytest.mark.parametrize("table", ["clinic_auditentry", "clinic_auditseal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_cannot_rewrite_the_record(table: str, verb: str) -> None:
    _entries(1)
    refused = pytest.raises(DatabaseError, match="permission denied")
    with make.allow_direct_writes(), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(verb.format(table))


def test_sealed_entries_hold() -> None:
    by = _entries(5)
    total = AuditEntry.objects.count()
    assert seal(by=by, now=real_now(), limit=4) == 4
    assert seal(by=by, now=real_now(), limit=4) == total - 4
    assert seal(by=by, now=real_now()) == 0
    found = verify()
    assert (found.sound, found.seals, found.entries, found.unsealed) == (True, 2, total, 0)


def test_an_entry_of_a_transaction_still_open_is_sealed_later_and_never_left_out() -> None:
    by = _entries(1)
    late: list[int] = []

    def sealed_meanwhile() -> None:
        late.append(seal(by=by, now=real_now()))
        connection.close()

    with transaction.atomic():
        open_entry = _note(by=by, now=real_now())
        thread = Thread(target=sealed_meanwhile)
        thread.start()
        thread.join()
        assert open_entry.pk not in {i for row in AuditSeal.objects.all() for i in row.entry_ids}
    _note(by=by, now=real_now())
    seal(by=by, now=real_now())
    found = verify()
    assert late == [AuditSeal.objects.order_by("id")[0].entries]
    assert (found.sound, found.unsealed) == (True, 0)


def test_no_second_seal_follows_the_same_one_whatever_its_writer_knows() -> None:
    by = _entries(1)
    seal(by=by, now=real_now())
    first = AuditSeal.objects.order_by("id")[0]
    with make.allow_direct_writes(), pytest.raises(IntegrityError, match="seal_follows_once"), transaction.atomic():
        AuditSeal.objects.create(
            first_id=1, last_id=first.last_id + 1, entries=1, entry_ids=[1], previous_digest=first.previous_digest,
            digest="f" * 64, sealed_at=real_now(),
        )  # fmt: skip


def _tamper(sql: str) -> None:
    """As the owner of the tables, with the triggers off: what a thief of the database could do."""
    tables = ("clinic_auditentry", "clinic_auditseal")
    with as_role(OWNER), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE clinic_auditentry SET reason = 'another' WHERE action = 'test.note'", "changed_entries"),
        ("UPDATE clinic_auditentry SET actor_id = NULL WHERE action = 'test.note'", "changed_entries"),
        ("DELETE FROM clinic_auditentry WHERE action = 'test.note'", "missing_entries"),
        ("DELETE FROM clinic_auditseal WHERE id = (SELECT min(id) FROM clinic_auditseal)", "broken_chain"),
    ],
)
def test_a_record_that_was_rewritten_is_found_out(sql: str, kind: str) -> None:
    by = _entries(1)
    seal(by=by, now=real_now())
    _note(by=by, now=real_now())
    seal(by=by, now=real_now())
    assert verify().sound
    _tamper(sql)
    assert kind in {each.kind for each in verify().broken}
    with pytest.raises(CommandError, match="not what was sealed"):
        call_command("verify_audit")


def test_a_cut_end_is_noticed_by_whoever_kept_the_head() -> None:
    by = _entries(2)
    seal(by=by, now=real_now())
    head = verify().head
    call_command("verify_audit", expect=head)
    _tamper("DELETE FROM clinic_auditseal; DELETE FROM clinic_auditentry")
    with pytest.raises(CommandError, match="cut off"):
        call_command("verify_audit", expect=head)


def test_the_tasks_seal_and_leave_their_pulse() -> None:
    _entries(3)
    beat_heartbeat()
    counts = seal_audit()
    assert counts["sealed"] >= 3
    assert set(Heartbeat.objects.values_list("part", flat=True)) == {"beat", "sealer"}
    assert verify().sound


def test_a_job_has_one_actor_however_often_it_runs() -> None:
    assert job("night watch") == job("night watch")
    assert Actor.objects.filter(name="night watch").count() == 1


def test_the_owner_of_the_tables_is_stopped_by_the_trigger() -> None:
    _entries(1)
    with as_role(OWNER), pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        AuditEntry.objects.all().delete()
