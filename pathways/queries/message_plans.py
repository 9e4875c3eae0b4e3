"""What a site's messages are planned by, and the rows that planning them anew reads: lean, because they are many."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from clinic.models import Site
from clinic.rules.opening_hours import ContactHours
from pathways.models import Attendance, FollowUp, ProgramVersion, Reminder
from pathways.queries.providers import CHANNELS
from pathways.queries.schedules import schedules_at
from pathways.rules.reminders import planned_by
from pathways.rules.sessions import AttendanceStatus
from patients.models import ContactPoint, ContactPreference

FOLLOW_UP = (
    "pk", "patient_id", "plan_version", "rung", "rung_since", "due_at", "due_on", "due_time", "ladder", "template",
    "enrollment__program_version_id", "patient__time_zone", "patient__language", "public_id",
)  # fmt: skip
MESSAGE = ("pk", "follow_up_id", "subject_version", "rung", "contact_point_id", "status", "tries", "due_at", "due_on",
           "due_time", "time_zone")  # fmt: skip


def wanted_plans() -> dict[Site, str]:
    """Every open site with the fingerprint of what its messages are to be planned by. Two queries."""
    sites = list(Site.objects.filter(closed_at__isnull=True).order_by("pk"))
    set_there = schedules_at([each.pk for each in sites])
    return {
        each: planned_by(ContactHours(each.contact_opens, each.contact_closes), set_there.get(each.pk, ()))
        for each in sites
    }


@dataclass(frozen=True, slots=True)
class Contact:
    """An open contact, as planning its message reads it."""

    pk: int
    patient_id: int
    version: int
    rung: int
    rung_since: datetime | None
    due_at: datetime
    due_on: date
    due_time: time
    ladder: str
    template: str
    program_version_id: int
    zone: str
    language: str
    public_id: UUID


@dataclass(frozen=True, slots=True)
class Planned:
    """A message of a contact's present step, as it stands."""

    pk: int
    follow_up_id: int
    version: int
    rung: int
    point_id: int
    status: str
    tries: int
    due_at: datetime
    due_on: date
    due_time: time
    zone: str


@dataclass(frozen=True, slots=True)
class Point:
    """An address in use."""

    pk: int
    patient_id: int
    channel: str
    opens: time | None
    closes: time | None


def contacts_after(site: Site, after: int, most: int) -> list[Contact]:
    """Some of a site's open contacts, by id, from one on."""
    rows = FollowUp.objects.open().filter(site=site, pk__gt=after).order_by("pk")
    return [Contact(*row) for row in rows.values_list(*FOLLOW_UP)[:most]]


def messages_on_step(contacts: Collection[Contact]) -> dict[int, list[Planned]]:
    """The messages of the steps the contacts stand on, by contact."""
    steps = {each.pk: (each.version, each.rung) for each in contacts}
    grouped: dict[int, list[Planned]] = defaultdict(list)
    for values in Reminder.objects.filter(follow_up__in=list(steps)).values_list(*MESSAGE):
        row = Planned(*values)  # type: ignore[arg-type]
        if (row.version, row.rung) == steps[row.follow_up_id]:
            grouped[row.follow_up_id].append(row)
    return grouped


def points_of(patients: Collection[int]) -> Mapping[int, Sequence[Point]]:
    """Addresses in use by person, the preferred channel first, then as ranked. Two queries."""
    preferred = ContactPreference.objects.filter(patient__in=patients).exclude(preferred_channel="")
    liked: dict[int, str] = dict(preferred.values_list("patient_id", "preferred_channel"))
    rows = ContactPoint.objects.filter(patient__in=patients, retired_at__isnull=True, channel__in=CHANNELS)
    grouped: dict[int, list[Point]] = defaultdict(list)
    for values in rows.order_by("rank", "pk").values_list("pk", "patient_id", "channel", "opens", "closes"):
        point = Point(*values)
        grouped[point.patient_id].append(point)
    for patient, channel in liked.items():
        if len(grouped[patient]) > 1:
            grouped[patient].sort(key=lambda point, channel=channel: point.channel != channel)  # type: ignore[misc]
    return grouped


def versions_of(contacts: Collection[Contact]) -> list[ProgramVersion]:
    """The versions the contacts were planned by, without their documents: most of these are kept parsed."""
    ids = {each.program_version_id for each in contacts}
    return list(ProgramVersion.objects.filter(pk__in=ids).defer("document").order_by("pk"))


def places_after(site: Site, after: int, most: int, now: datetime) -> list[int]:
    """Some of the places at a site that somebody is still to come to, by id, from one on."""
    rows: Any = Attendance.objects.filter(
        session__site=site, status=AttendanceStatus.BOOKED, starts_at__gt=now, pk__gt=after
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def named_place(place: int) -> UUID:
    """The public id of a place."""
    return Attendance.objects.values_list("public_id", flat=True).get(pk=place)
