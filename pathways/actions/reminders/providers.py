"""How a provider has been doing: one that is in trouble rests, and is met again by a single message."""

from datetime import datetime, timedelta

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.models import ProviderStanding
from pathways.rules.reminders.rests import PROBE, Turn, rest_after, turn


def turn_of(provider: str, now: datetime) -> Turn:
    """How many messages the provider may be given now; inside a verb. Of those who ask as it wakes, one hears *one*."""
    rows = ProviderStanding.objects.filter(provider=provider, troubles__gt=0)
    if not rows.exists():
        return Turn.ALL
    row = rows.select_for_update(no_key=True, of=("self",), skip_locked=True).first()
    if row is None:  # somebody else is just asking, or has just found it well: the next tick knows
        return Turn.NONE
    found = _turn(row, now)
    if found is Turn.ONE:
        row.rests_until, row.changed_at = now + PROBE, now
        row.save(update_fields=["rests_until", "changed_at"])
    return found


def _turn(row: ProviderStanding, now: datetime) -> Turn:
    return turn(troubles=row.troubles, rests_until=row.rests_until, changed_at=row.changed_at, now=now)


@action(None, "provider.rest")
def let_rest(
    *, by: Actor, now: datetime, provider: str, code: str, retry_after: timedelta | None = None, probing: bool = False
) -> ProviderStanding:
    """The provider is in trouble: it is left alone for a while, longer each time in a row. Two who find out at once
    count once; `probing`: this was the one message that was to find out."""
    ProviderStanding.objects.get_or_create(provider=provider, defaults={"changed_at": now})
    row = ProviderStanding.objects.select_for_update(no_key=True, of=("self",)).get(provider=provider)
    if probing or _turn(row, now) is not Turn.NONE:
        row.troubles += 1
    until = now + rest_after(row.troubles, retry_after=retry_after)
    row.rests_until = until if probing or row.rests_until is None else max(row.rests_until, until)
    row.detail_code, row.changed_at = code[:60], now
    row.save()
    audit.record(action="provider.rest", by=by, now=now, details={"provider": provider, "troubles": row.troubles})
    return row


@action(None, "provider.recover")
def find_well(*, by: Actor, now: datetime, provider: str) -> int:
    """The provider takes messages again. Returns how many troubles are forgotten."""
    row = ProviderStanding.objects.filter(provider=provider).select_for_update(no_key=True, of=("self",)).first()
    if row is None or not row.troubles:
        return 0
    forgotten, row.troubles = row.troubles, 0
    row.rests_until, row.detail_code, row.changed_at = None, "", now
    row.save()
    audit.record(action="provider.recover", by=by, now=now, details={"provider": provider, "troubles": forgotten})
    return forgotten


@action(None, "provider.leave_open")
def leave_open(*, by: Actor, now: datetime, provider: str) -> int:
    """The one message that was to find out how the provider is did not go: whoever comes next finds out."""
    return ProviderStanding.objects.filter(provider=provider, troubles__gt=0).update(rests_until=now, changed_at=now)
