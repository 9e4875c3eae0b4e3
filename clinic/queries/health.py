"""Whether the machinery runs."""

from datetime import datetime

from clinic.models import Heartbeat


def heartbeat_ages(now: datetime) -> dict[str, float]:
    """Seconds since each part of the machinery last ran, by its name."""
    return {
        part: round((now - beat_at).total_seconds(), 1)
        for part, beat_at in Heartbeat.objects.order_by("part").values_list("part", "beat_at")
    }
