"""How long before a session its people are reminded, where a site said so."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from clinic.models import Site
from pathways.modalities import UnknownModality, modality
from pathways.models import ReminderSchedule, Session
from pathways.rules.reminders import Offsets, Schedule, offsets_for
from pathways.rules.sessions import SessionKind

MINUTE = timedelta(minutes=1)


def schedules_of(site: Site) -> list[ReminderSchedule]:
    """What a site set, for every other modality first, then by key."""
    return list(ReminderSchedule.objects.filter(site=site).select_related("site", "set_by").order_by("modality"))


def schedules_at(sites: Collection[int]) -> dict[int, list[Schedule]]:
    """What sites set, by site id. One query."""
    found: dict[int, list[Schedule]] = defaultdict(list)
    rows = ReminderSchedule.objects.filter(site__in=sites)
    for site_id, key, minutes in rows.values_list("site_id", "modality", "offsets_minutes"):
        found[site_id].append(Schedule(key, offsets(minutes)))
    return found


def offsets(minutes: Iterable[int]) -> Offsets:
    """Whole minutes as lengths of time."""
    return tuple(each * MINUTE for each in minutes)


def offsets_of(row: Session, set_here: Mapping[int, Collection[Schedule]]) -> Offsets:
    """When the people of a session are reminded. `set_here`: from `schedules_at`."""
    kind = SessionKind(row.kind)
    return offsets_for(kind, row.modality, shipped_offsets(row.modality, kind), set_here.get(row.site_id, ()))


def shipped_offsets(key: str, kind: SessionKind) -> Offsets | None:
    """What is shipped with a modality; None where it takes what is usual, or is none of ours any more."""
    try:
        return modality(key).setting(kind).reminders
    except (UnknownModality, ValueError):
        return None
