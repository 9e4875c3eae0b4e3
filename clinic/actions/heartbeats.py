"""The pulse of the machinery."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinic.actions.verbs import action
from clinic.models import Actor, Heartbeat


@action(None, "heartbeat.beat")
def beat(*, part: str, by: Actor, now: datetime, counts: Mapping[str, int] | None = None) -> Heartbeat:
    """This part has just run and done so much. Not audited: it says nothing about anybody."""
    row, _ = Heartbeat.objects.update_or_create(
        part=part, defaults={"beat_at": now, "counts": {**(counts or {}), "by": by.name}}
    )
    return row


@action(None, "heartbeat.recall")
def recall(*, part: str, by: Actor, now: datetime) -> Heartbeat | None:
    """What this part remembers (`counts`), locked to the end of the transaction; None while another worker has it."""
    Heartbeat.objects.get_or_create(part=part, defaults={"beat_at": now})
    return Heartbeat.objects.select_for_update(no_key=True, skip_locked=True).filter(part=part).first()


@action(None, "heartbeat.remember")
def remember(*, row: Heartbeat, by: Actor, now: datetime, memory: Mapping[str, Any]) -> None:
    """This part has just run and has come so far; `row` is from `recall`."""
    row.beat_at, row.counts = now, dict(memory)
    row.save(update_fields=["beat_at", "counts"])
