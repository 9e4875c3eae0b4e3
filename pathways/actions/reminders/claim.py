"""Taking due reminders, and giving back what a stopped worker held (architecture.md, flow c)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.clock import real_now
from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.actions.reminders.providers import turn_of
from pathways.models import Reminder
from pathways.queries.deliveries import GIVEN_UP, LOOKED_BACK
from pathways.queries.pauses import held_by, in_force
from pathways.rules.reminders import CLAIM_SIZE, LEASE_SECONDS, ReminderStatus
from pathways.rules.reminders.pauses import Paused
from pathways.rules.reminders.rests import PROBE_CLAIM, Turn


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker holds: reminder ids, grouped by channel in the order they are due. `probing`: their provider was
    in trouble, and one of them is to find out how it is."""

    claim_id: UUID
    by_channel: dict[str, list[int]]
    probing: bool = False

    @property
    def size(self) -> int:
        return sum(len(ids) for ids in self.by_channel.values())


@action(None, "reminder.claim")
def claim_due(
    *,
    by: Actor,
    now: datetime,
    channel: str = "",
    provider: str = "",
    limit: int = CLAIM_SIZE,
    claim_id: UUID | None = None,
    patients: Collection[int] | None = None,
) -> Claim:
    """Lease up to `limit` due reminders to this worker. Rows another worker holds are passed over, never waited for.

    The cost does not depend on how many rows the table has: it walks the partial index of the channel's planned ones.
    None are leased that are paused, or while the `provider` that is to carry them rests; a few when it is to be met
    again. `channel=""`: of every channel; `patients`: theirs alone (a rehearsal touches nobody else's). `claim_id`: one
    that the worker holds already.
    """
    claim_id, paused = claim_id or uuid4(), in_force() if patients is None else Paused()
    if paused.everything or channel in paused.channels:
        return Claim(claim_id, {})
    found = turn_of(provider, now) if provider else Turn.ALL
    if found is Turn.NONE:
        return Claim(claim_id, {})
    due = _due(now, channel, patients).exclude(held_by(paused))
    rows = due.values_list("pk", "channel")[: PROBE_CLAIM if found is Turn.ONE else limit]
    by_channel: dict[str, list[int]] = {}
    for pk, its_channel in rows:
        by_channel.setdefault(its_channel, []).append(pk)
    Reminder.objects.filter(pk__in=[pk for ids in by_channel.values() for pk in ids]).update(
        status=ReminderStatus.LEASED, status_at=now, claim_id=claim_id, leased_until=lease_end()
    )
    return Claim(claim_id, by_channel, found is Turn.ONE)


def _due(now: datetime, channel: str, patients: Collection[int] | None) -> QuerySet[Reminder]:
    due = Reminder.objects.filter(status=ReminderStatus.PLANNED, needs_person=False, next_at__lte=now)
    if channel:
        due = due.filter(channel=channel)
    if patients is not None:
        due = due.filter(patient__in=patients)
    return due.order_by("next_at", "id").select_for_update(no_key=True, of=("self",), skip_locked=True)


@action(None, "reminder.give_back")
def give_back(*, by: Actor, now: datetime, claim_id: UUID, ids: Collection[int]) -> int:
    """Put back in line what this worker leased and will not come to. Returns how many were still its own."""
    ours = Reminder.objects.filter(pk__in=ids, claim_id=claim_id, status=ReminderStatus.LEASED)
    return ours.update(status=ReminderStatus.PLANNED, status_at=now, claim_id=None, leased_until=None)


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
        needs_person=False,
    )
    counts = {"back_in_line": len(leased), "uncertain": len(sending)}
    if rows:
        audit.record(action="reminder.requeue_expired", by=by, now=now, details=counts)
    return counts


@action(Permission.DELIVERY_PAUSE, "reminder.requeue")
def requeue(*, by: Actor, now: datetime, given_up: bool = False) -> dict[str, int]:
    """Give back at once what stopped workers held. `given_up`: also try once more what a provider did not take in all
    its tries of the last two days; each is asked again whether it is still of use. Returns counts."""
    counts = requeue_expired(by=by, now=now)
    if given_up:
        lost = Reminder.objects.filter(
            status=ReminderStatus.FAILED, status_code=GIVEN_UP, status_at__gt=now - LOOKED_BACK
        )
        counts["tried_again"] = lost.update(
            status=ReminderStatus.PLANNED, status_code="", status_params={}, status_at=now, next_at=now
        )
        audit.record(action="reminder.requeue", by=by, now=now, details=counts)
    return counts
