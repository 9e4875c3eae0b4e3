"""Planning the messages of follow-ups: unique rows, at a decent hour of the recipient's own day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window
from pathways.models import FollowUp, Reminder
from pathways.queries.programs import document_of
from pathways.queries.sending import own_hours
from pathways.rules.programs import MESSAGE_RUNGS, Rung, RungKind
from pathways.rules.reminders import ReminderStatus, due
from patients.models import ContactPoint, ContactPreference

WRITTEN_CHANNELS = ("sms", "email")


@action(None, "reminder.plan")
def plan(*, by: Actor, now: datetime, follow_ups: Sequence[FollowUp]) -> list[Reminder]:
    """Plan the message of the rung each follow-up stands on, where that rung is a message and there is an address.

    Consent is asked when it is sent, not here. Planning again changes nothing. Three queries for any number.
    """
    points = _points({each.patient_id for each in follow_ups})
    rows = [row for each in follow_ups if (row := _reminder(each, points.get(each.patient_id, []), now)) is not None]
    return Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def _points(patients: Iterable[int]) -> dict[int, list[ContactPoint]]:
    """Addresses in use by patient, the preferred channel first, then as ranked."""
    ids = list(patients)
    wanted = dict(ContactPreference.objects.filter(patient__in=ids).values_list("patient_id", "preferred_channel"))
    grouped: dict[int, list[ContactPoint]] = defaultdict(list)
    rows = ContactPoint.objects.filter(patient__in=ids, retired_at__isnull=True, channel__in=WRITTEN_CHANNELS)
    for point in rows.select_related("patient").order_by("rank", "pk"):
        grouped[point.patient_id].append(point)
    for patient_id, points in grouped.items():
        grouped[patient_id] = _preferred_first(points, wanted.get(patient_id, ""))
    return grouped


def _preferred_first(points: Sequence[ContactPoint], channel: str) -> list[ContactPoint]:
    return sorted(points, key=lambda point: point.channel != channel)


def _reminder(follow_up: FollowUp, points: Sequence[ContactPoint], now: datetime) -> Reminder | None:
    rung = document_of(follow_up.enrollment.program_version).ladder(follow_up.ladder).rungs[follow_up.rung]
    point = _point_for(rung, points)
    template = rung.template or follow_up.template
    if point is None or not template:
        return None
    when = _when(follow_up, rung, point, now)
    if not isinstance(when, ContactTime):
        return None
    return Reminder(
        follow_up=follow_up,
        subject_version=follow_up.plan_version,
        rung=follow_up.rung,
        channel=point.channel,
        contact_point=point,
        template=template,
        language=point.patient.language,
        due_on=when.local.date(),
        due_time=when.local.time(),
        time_zone=when.zone,
        due_at=when.at,
        next_at=when.at,
        planned_at=now,
        status=ReminderStatus.PLANNED,
        status_at=now,
    )


def _point_for(rung: Rung, points: Sequence[ContactPoint]) -> ContactPoint | None:
    """The first address; for a second channel, the first one on another channel than that."""
    if rung.kind not in MESSAGE_RUNGS or not points:
        return None
    if rung.kind is RungKind.MESSAGE:
        return points[0]
    return next((point for point in points if point.channel != points[0].channel), None)


def _when(follow_up: FollowUp, rung: Rung, point: ContactPoint, now: datetime) -> object:
    """The follow-up's own wall time for its first message; the moment its rung began for a later one."""
    site = follow_up.site
    window = contact_window(ContactHours(site.contact_opens, site.contact_closes), own_hours(point))
    zone = follow_up.patient.zone
    began = (follow_up.rung_since or follow_up.due_at).astimezone(zone)
    on, at = (follow_up.due_on, follow_up.due_time) if follow_up.rung == 0 else (began.date(), began.time())
    return due(on=on, at=at, zone=follow_up.patient.time_zone, window=window, not_before=now)


@action(None, "reminder.retire")
def retire(
    *, by: Actor, now: datetime, follow_up_ids: Sequence[int], code: str = "reminder.cancelled.subject_closed"
) -> int:
    """Cancel what has not been handed to a channel, because its follow-up is closed, moved, or on another step."""
    unsent = Reminder.objects.filter(follow_up__in=follow_up_ids, status=ReminderStatus.PLANNED)
    return unsent.update(status=ReminderStatus.CANCELLED, status_code=code, status_at=now)


@action(None, "reminder.restore")
def restore(*, by: Actor, now: datetime, follow_up_ids: Sequence[int]) -> int:
    """Put back in line what `retire` cancelled, where it is still to come; the rest stays as it ended."""
    cancelled = Reminder.objects.filter(
        follow_up__in=follow_up_ids,
        status=ReminderStatus.CANCELLED,
        status_code="reminder.cancelled.subject_closed",
        due_at__gte=now,
    )
    return cancelled.update(status=ReminderStatus.PLANNED, status_code="", status_at=now)
