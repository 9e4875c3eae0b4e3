"""The pulse of the machinery."""

from collections.abc import Mapping
from datetime import datetime

from clinic.actions.verbs import action
from clinic.models import Actor, Heartbeat


@action(None, "heartbeat.beat")
def beat(*, part: str, by: Actor, now: datetime, counts: Mapping[str, int] | None = None) -> Heartbeat:
    """This part has just run and done so much. Not audited: it says nothing about anybody."""
    row, _ = Heartbeat.objects.update_or_create(
        part=part, defaults={"beat_at": now, "counts": {**(counts or {}), "by": by.name}}
    )
    return row
