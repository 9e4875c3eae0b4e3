"""The messages of a session's people: what is planned, what went, and what does not and why."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.models import Actor
from clinic.rules.opening_hours import ContactHours, contact_window
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Attendance, Reminder, Session
from pathways.queries.addresses import written_points
from pathways.queries.messages import TOGETHER
from pathways.queries.schedules import MINUTE, offsets_of, schedules_at
from pathways.queries.sending import own_hours
from pathways.queries.subjects import place_stands
from pathways.rules.reminders import Offsets, ReminderStatus, why_none
from patients.models import ContactPoint


@dataclass(frozen=True, slots=True)
class Line:
    """One time before the session: the message, or why there is none."""

    offset: timedelta
    message: Reminder | None
    why_none: Sentence | None = None


def messages_of(
    actor: Actor, row: Session, places: Collection[Attendance], *, now: datetime
) -> Mapping[int, tuple[Line, ...]]:
    """The lines of each place, by id, the longest before the session first. Four queries for any number of places.

    What was withdrawn because the session has another time is left out; what went about the old time is told.
    `patient` of each place must be loaded.
    """
    kept = _kept(actor, places)
    offsets = offsets_of(row, schedules_at([row.site_id]))
    points = written_points([each.patient_id for each in places])
    return {
        each.pk: tuple(_lines(row, each, kept[each.pk], offsets, points.get(each.patient_id, []), now))
        for each in places
    }


def _kept(actor: Actor, places: Collection[Attendance]) -> dict[int, list[Reminder]]:
    rows = Reminder.objects.visible_to(actor).filter(attendance__in=[each.pk for each in places])
    grouped: dict[int, list[Reminder]] = defaultdict(list)
    for row in rows.select_related(*TOGETHER).order_by("-offset_minutes", "due_at", "pk"):
        grouped[row.attendance_id or 0].append(row)
    return grouped


def _lines(
    row: Session, place: Attendance, kept: Collection[Reminder], offsets: Offsets, points: list[ContactPoint],
    now: datetime,
) -> Iterator[Line]:  # fmt: skip
    told = [each for each in kept if _is_told(each, row)]
    of_now = {each.offset_minutes * MINUTE for each in told if each.subject_version == row.plan_version}
    found = [Line(each.offset_minutes * MINUTE, each) for each in told]
    if place_stands(place, row):
        found += [Line(each, None, _why(row, place, each, points, now)) for each in offsets if each not in of_now]
    yield from sorted(found, key=lambda line: line.offset, reverse=True)


def _is_told(message: Reminder, row: Session) -> bool:
    return message.subject_version == row.plan_version or message.status != ReminderStatus.CANCELLED


def _why(row: Session, place: Attendance, offset: timedelta, points: list[ContactPoint], now: datetime) -> Sentence:
    if not points:
        return sentence("reminder.not_planned.no_address")
    window = contact_window(ContactHours(row.site.contact_opens, row.site.contact_closes), own_hours(points[0]))
    return why_none(
        starts_at=row.starts_at, offset=offset, zone=place.patient.time_zone, window=window, now=place.booked_at
    )
