"""Sealing the audit: committed entries are chained by one sealer, in the order of their transactions (decisions.md 15).

Below the snapshot horizon (`pg_snapshot_xmin`) every transaction is over, so whatever is read there is complete: no
entry can appear later among those already sealed. Writers are never slowed down by the chain.
"""

from datetime import datetime

from django.db import connection

from clinic.actions.locks import lock_name_if_free
from clinic.actions.verbs import action
from clinic.models import Actor, AuditEntry, AuditSeal
from clinic.queries.seals import digest_of

SEALER = "audit.seal"
BATCH = 5_000


@action(None, "audit.seal")
def seal(*, by: Actor, now: datetime, limit: int = BATCH) -> int:
    """Chain up to `limit` entries into one seal. Returns how many; 0 where none wait or another sealer is at work."""
    if not lock_name_if_free(SEALER):
        return 0
    last = AuditSeal.objects.order_by("-id").first()
    entries = _unsealed(last, limit)
    if not entries:
        return 0
    ids = [entry.pk for entry in entries]
    previous = last.digest if last else ""
    AuditSeal.objects.create(
        first_id=min(ids), last_id=max(ids), entries=len(ids), entry_ids=ids,
        previous_digest=previous, digest=digest_of(previous, entries), sealed_at=now,
    )  # fmt: skip
    return len(ids)


def _unsealed(last: AuditSeal | None, limit: int) -> list[AuditEntry]:
    position, condition = _after(last)
    sql = f"SELECT * FROM clinic_auditentry WHERE {condition} ORDER BY transaction_id, id LIMIT %s"  # noqa: S608
    return list(AuditEntry.objects.raw(sql, [*position, limit]))


_BELOW = "transaction_id < pg_snapshot_xmin(pg_current_snapshot())"
# After a restore the entries carry the old cluster's transaction numbers; ids go on, and are what is left to go by.
_FOREIGN = "transaction_id >= pg_snapshot_xmax(pg_current_snapshot())"


def _after(last: AuditSeal | None) -> tuple[list[object], str]:
    """Where the chain ended, as parameters and a condition."""
    if last is None:
        return [], f"({_BELOW} OR {_FOREIGN})"
    end = AuditEntry.objects.get(pk=last.entry_ids[-1])
    if end.transaction_id is not None and end.transaction_id < _horizon():
        return [str(end.transaction_id), end.pk], f"(transaction_id, id) > (%s::xid8, %s) AND {_BELOW}"
    return [last.last_id], f"id > %s AND ({_BELOW} OR {_FOREIGN})"


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])
