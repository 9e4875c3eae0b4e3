"""A day somebody typed as a moment: now for today, noon at the site for a day before."""

from datetime import date, datetime, time
from typing import cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from clinic.models import Site

NOON = time(12)


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone of the site the person works at now."""
    site = cast(Site | None, request.site)  # type: ignore[attr-defined]
    return site.zone if site is not None else ZoneInfo("UTC")


def moment_of(day: date | None, zone: ZoneInfo, now: datetime) -> datetime:
    """Nothing typed, or today: now. Another day: its noon at the site (a later one lies in the future)."""
    if day is None or day == now.astimezone(zone).date():
        return now
    return datetime.combine(day, NOON, tzinfo=zone)
