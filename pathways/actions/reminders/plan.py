"""Planning the messages of follow-ups: unique rows, at a decent hour of the recipient's own day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import F

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window
from clinic.rules.sentences import Sentence
from pathways.actions.reminders.in_line import bring_in_line, by_turn, may_still_change
from pathways.models import FollowUp, Reminder
from pathways.queries.addresses import written_points
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.programs import document_of
from pathways.queries.sending import own_hours
from pathways.rules.programs import MESSAGE_RUNGS, Rung, RungKind
from pathways.rules.reminders import ReminderStatus, due
from patients.models import ContactPoint

SUBJECT_CLOSED = "reminder.cancelled.subject_closed"
STEP_LEFT = "reminder.cancelled.step_left"
TOGETHER = ("patient", "site", "enrollment__program_version")
"""What planning reads of a follow-up."""


@action(None, "reminder.plan")
def plan(*, by: Actor, now: datetime, follow_ups: Sequence[FollowUp]) -> list[Reminder]:
    """Plan the message of the rung each follow-up stands on, where that rung is a message and there is an address.

    Consent is asked when it is sent, not here. Planning again changes nothing. Two queries for any number.
    """
    return Reminder.objects.bulk_create(planned(follow_ups, now), ignore_conflicts=True)


def planned(follow_ups: Collection[FollowUp], now: datetime) -> list[Reminder]:
    """The messages `plan` would write (not saved). Two queries for any number."""
    points = written_points({each.patient_id for each in follow_ups})
    return [row for each in follow_ups if (row := _reminder(each, points.get(each.patient_id, []), now)) is not None]


def _reminder(follow_up: FollowUp, points: Sequence[ContactPoint], now: datetime) -> Reminder | None:
    rung = document_of(follow_up.enrollment.program_version).ladder_or_first(follow_up.ladder).rung_at(follow_up.rung)
    point = point_for(rung, points)
    template = rung.template or follow_up.template
    if point is None or not template:
        return None
    when = _when(follow_up, point)
    if not isinstance(when, ContactTime):
        return None
    return Reminder(
        patient=follow_up.patient,
        site=follow_up.site,
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


Point = TypeVar("Point", bound="Address")


class Address(Protocol):
    """What planning reads of an address."""

    @property
    def channel(self) -> str: ...


def point_for(rung: Rung, points: Sequence[Point]) -> Point | None:
    """The first address; for a second channel, the first one on another channel than that."""
    if rung.kind not in MESSAGE_RUNGS or not points:
        return None
    if rung.kind is RungKind.MESSAGE:
        return points[0]
    return next((point for point in points if point.channel != points[0].channel), None)


def _when(follow_up: FollowUp, point: ContactPoint) -> ContactTime | Sentence:
    site = follow_up.site
    window = contact_window(ContactHours(site.contact_opens, site.contact_closes), own_hours(point))
    on, at = wall_time(follow_up, follow_up.patient.zone)
    return due(on=on, at=at, zone=follow_up.patient.time_zone, window=window)


class OnItsStep(Protocol):
    """What planning reads of a contact's day, and of the step it stands on."""

    @property
    def rung(self) -> int: ...
    @property
    def rung_since(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def due_on(self) -> date: ...
    @property
    def due_time(self) -> time: ...


def wall_time(contact: OnItsStep, zone: ZoneInfo) -> tuple[date, time]:
    """When a contact's message is meant to go: its own wall time for the first step, else when its step began, as
    where the first step became other work after the contact was due."""
    since = contact.rung_since or contact.due_at
    if contact.rung == 0 and since <= contact.due_at:
        return contact.due_on, contact.due_time
    began = since.astimezone(zone)
    return began.date(), began.time()


@action(None, "reminder.retire")
def retire(*, by: Actor, now: datetime, follow_up_ids: Sequence[int], code: str = SUBJECT_CLOSED) -> int:
    """Cancel what has not been handed to a channel, because its follow-up is closed, moved, or on another step."""
    return retire_unsent(follow_up_ids, now, code)


def retire_unsent(follow_up_ids: Sequence[int], now: datetime, code: str = SUBJECT_CLOSED) -> int:
    """As `retire` does, inside a verb that is under way."""
    unsent = Reminder.objects.filter(follow_up__in=follow_up_ids, status=ReminderStatus.PLANNED)
    return unsent.update(status=ReminderStatus.CANCELLED, status_code=code, status_at=now)


@action(None, "reminder.restore")
def restore(*, by: Actor, now: datetime, follow_up_ids: Sequence[int]) -> int:
    """Put back in line what `retire` cancelled of the steps they stand on, where it is still to come; the rest stays as
    it ended, and so does what speaks of another day."""
    cancelled = Reminder.objects.filter(
        follow_up__in=follow_up_ids,
        subject_version=F("follow_up__plan_version"),
        rung=F("follow_up__rung"),
        status=ReminderStatus.CANCELLED,
        status_code=SUBJECT_CLOSED,
        due_at__gte=now,
    )
    restored = cancelled.update(status=ReminderStatus.PLANNED, status_code="", status_at=now)
    rows = FollowUp.objects.open().filter(pk__in=follow_up_ids).order_by("pk").select_related(*TOGETHER)
    replan(by=by, now=now, follow_ups=list(rows.defer(f"enrollment__{DOCUMENT}")))
    return restored


@action(None, "reminder.replan")
def replan(*, by: Actor, now: datetime, follow_ups: Sequence[FollowUp]) -> int:
    """Bring the messages still to come of open follow-ups in line with the addresses now in use, and their hours.

    What is bound to another address than the one to be written to is withdrawn, and planned for that one. A step whose
    message is on its way, went or came to nothing is left alone. Where no address is left it stays: it is suppressed
    when it would go, and the ladder climbs. Doing it twice changes nothing. Returns how many messages changed.
    """
    unsent = _unsent(follow_ups, now)
    points = written_points({each.patient_id for each in unsent})
    made = (_reminder(each, points.get(each.patient_id, []), now) for each in unsent)
    return bring_in_line(
        [row for rows in unsent.values() for row in rows], [row for row in made if row is not None], now
    )


def _unsent(follow_ups: Sequence[FollowUp], now: datetime) -> dict[FollowUp, list[Reminder]]:
    """Follow-ups whose present step's message can still be another: nothing of it has left, and it is to come."""
    rows = Reminder.objects.filter(follow_up__in=[each.pk for each in follow_ups]).order_by("pk")
    turns = by_turn(rows.select_for_update(no_key=True, of=("self",)))
    found = {each: turns.get((each.pk, None, each.plan_version, each.rung, 0), []) for each in follow_ups}
    return {
        each: rows
        for each, rows in found.items()
        if not each.outcome and may_still_change(rows, is_to_come=(each.rung_since or each.due_at) > now)
    }
