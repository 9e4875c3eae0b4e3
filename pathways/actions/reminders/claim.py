"""Taking due reminders, and giving back what a stopped worker held (architecture.md, flow c)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.clock import real_now
from clinic.models import Actor
from pathways.models import Reminder
from pathways.rules.reminders import CLAIM_SIZE, LEASE_SECONDS, ReminderStatus


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker holds: reminder ids, grouped by channel in the order they are due."""

    claim_id: UUID
    by_channel: dict[str, list[int]]

    @property
    def size(self) -> int:
        return sum(len(ids) for ids in self.by_channel.values())


@action(None, "reminder.claim")
def claim_due(*, by: Actor, now: datetime, limit: int = CLAIM_SIZE, patients: Collection[int] | None = None) -> Claim:
    """Lease up to `limit` due reminders to this worker. Rows another worker holds are passed over, never waited for.

    The cost does not depend on how many rows the table has: it walks the partial index of planned ones. `patients`:
    theirs alone (a rehearsal touches nobody else's).
    """
    due = Reminder.objects.filter(status=ReminderStatus.PLANNED, next_at__lte=now).order_by("next_at", "id")
    if patients is not None:
        due = due.filter(patient__in=patients)
    rows = due.select_for_update(no_key=True, of=("self",), skip_locked=True).values_list("pk", "channel")[:limit]
    claim = Claim(uuid4(), {})
    for pk, channel in rows:
        claim.by_channel.setdefault(channel, []).append(pk)
    Reminder.objects.filter(pk__in=[pk for ids in claim.by_channel.values() for pk in ids]).update(
        status=ReminderStatus.LEASED, status_at=now, claim_id=claim.claim_id, leased_until=lease_end()
    )
    return claim


def lease_end() -> datetime:
    """Real time: the practice clock must not end a lease."""
    return real_now() + timedelta(seconds=settings.REMINDER_LEASE_SECONDS or LEASE_SECONDS)


@action(None, "reminder.requeue_expired")
def requeue_expired(*, by: Actor, now: datetime) -> dict[str, int]:
    """Give back what a stopped worker held: *leased* goes back in line; *sending* may have left: *uncertain*."""
    lapsed = Reminder.objects.filter(leased_until__lt=real_now())
    held = lapsed.select_for_update(no_key=True, of=("self",), skip_locked=True)
    rows = list(held.values_list("pk", "status"))
    leased = [pk for pk, status in rows if status == ReminderStatus.LEASED]
    sending = [pk for pk, status in rows if status == ReminderStatus.SENDING]
    Reminder.objects.filter(pk__in=leased).update(
        status=ReminderStatus.PLANNED, status_at=now, claim_id=None, leased_until=None
    )
    Reminder.objects.filter(pk__in=sending).update(
        status=ReminderStatus.UNCERTAIN,
        status_code="reminder.uncertain",
        status_at=now,
        next_at=now,
        leased_until=None,
    )
    counts = {"back_in_line": len(leased), "uncertain": len(sending)}
    if rows:
        audit.record(action="reminder.requeue_expired", by=by, now=now, details=counts)
    return counts
