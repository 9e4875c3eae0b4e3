"""Planning the messages before sessions: one for each place and offset, in the recipient's own wall time.

Every verb that makes, moves, cancels, restores or removes a place calls `plan_places`; it brings the messages in line
with what is true then, however they stood before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window
from pathways.actions.reminders.in_line import bring_in_line, by_turn, may_still_change, store, withdraw
from pathways.models import Attendance, Reminder
from pathways.queries.addresses import written_points
from pathways.queries.schedules import MINUTE, offsets_of, schedules_at
from pathways.queries.sending import own_hours
from pathways.queries.subjects import place_stands
from pathways.rules.reminders import Offsets, ReminderStatus, due_before
from pathways.rules.sessions import AttendanceStatus
from patients.models import ContactPoint, Patient

TEMPLATE = "appointment.reminder"
SUBJECT_CLOSED = "reminder.cancelled.subject_closed"
SUBJECT_CHANGED = "reminder.cancelled.subject_changed"
NOT_SCHEDULED = "reminder.cancelled.schedule"
NO_TIME = "reminder.cancelled.no_time"


@action(None, "reminder.plan_places")
def plan_places(*, by: Actor, now: datetime, places: Collection[int]) -> int:
    """Bring the messages of these places (by id) in line with what is true of them now. Returns how many changed.

    One for each offset of the session's schedule, to the first address; none for a place that is given up, came true
    or is in the past, none of an earlier version, none whose time is over. Consent is asked when it is sent. Doing it
    twice changes nothing. Seven queries for any number of places.
    """
    rows = _places(places)
    if not rows:
        return 0
    set_here = schedules_at({row.session.site_id for row in rows})
    asked = {row.pk: offsets_of(row.session, set_here) for row in rows if place_stands(row) and row.starts_at > now}
    kept = _kept(rows)
    gone = list(_gone(kept, {row.pk: row for row in rows}, asked))
    store(gone, now)
    return len(gone) + _in_line([row for row in rows if row.pk in asked], asked, kept, now)


@action(None, "reminder.plan_places_of_person")
def plan_places_of_person(*, by: Actor, now: datetime, patient: Patient) -> int:
    """As `plan_places`, for every place a person is still to come to: their addresses have changed."""
    rows = Attendance.objects.filter(patient=patient, status=AttendanceStatus.BOOKED, starts_at__gt=now)
    return plan_places(by=by, now=now, places=list(rows.values_list("pk", flat=True)))


def _places(ids: Collection[int]) -> list[Attendance]:
    rows = Attendance.objects.filter(pk__in=ids).select_related("patient", "session__site")
    return list(rows.defer("session__note", "session__amendments").order_by("pk")) if ids else []


def _kept(rows: Collection[Attendance]) -> list[Reminder]:
    """Every message of the places, under lock."""
    found = Reminder.objects.filter(attendance__in=[row.pk for row in rows]).order_by("pk")
    return list(found.select_for_update(no_key=True, of=("self",)))


def _gone(
    kept: Iterable[Reminder], places: Mapping[int, Attendance], asked: Mapping[int, Offsets]
) -> Iterator[Reminder]:
    """Planned messages that are no longer wanted, withdrawn (not saved) with what has become of them."""
    for row in kept:
        place = places[row.attendance_id or 0]
        if row.status != ReminderStatus.PLANNED:
            continue
        if place.pk not in asked:
            code = SUBJECT_CLOSED
        elif row.subject_version != place.session.plan_version:
            code = SUBJECT_CHANGED
        elif row.offset_minutes * MINUTE not in asked[place.pk]:
            code = NOT_SCHEDULED
        else:
            continue
        withdraw([row], code)
        yield row


def _in_line(
    places: Collection[Attendance], asked: Mapping[int, Offsets], kept: Iterable[Reminder], now: datetime
) -> int:
    """Plan what is wanted of places that stand, and change what differs."""
    points, turns = written_points({each.patient_id for each in places}), by_turn(kept)
    present: list[Reminder] = []
    wanted: list[Reminder] = []
    dropped: list[Reminder] = []
    for place in places:
        for offset in asked[place.pk]:
            own = turns.get((None, place.pk, place.session.plan_version, 0, offset // MINUTE), [])
            made = _reminder(place, offset, points.get(place.patient_id, ()), now)
            if may_still_change(own, is_to_come=made is not None and made.due_at > now):
                present += own
                wanted += [made] if made is not None else []
                dropped += own if made is None and points.get(place.patient_id) else []
    return _drop(dropped, now) + bring_in_line(present, wanted, now)


def _drop(rows: Iterable[Reminder], now: datetime) -> int:
    """Withdraw what is still to come and the hours of now leave no time for."""
    planned = [row for row in rows if row.status == ReminderStatus.PLANNED and not row.tries and row.due_at > now]
    withdraw(planned, NO_TIME)
    store(planned, now)
    return len(planned)


def _reminder(place: Attendance, offset: timedelta, points: Sequence[ContactPoint], now: datetime) -> Reminder | None:
    """The message as it is to be; None where there is no address, or contact hours leave no time for it.

    One whose time is over is made all the same: it stands where it was planned before and has not gone yet.
    """
    if not points:
        return None
    session, point = place.session, points[0]
    site = session.site
    window = contact_window(ContactHours(site.contact_opens, site.contact_closes), own_hours(point))
    when = due_before(
        starts_at=place.starts_at, offset=offset, zone=place.patient.time_zone, window=window, not_before=now
    )
    if not isinstance(when, ContactTime):
        return None
    return Reminder(
        patient=place.patient,
        site=site,
        attendance=place,
        subject_version=session.plan_version,
        offset_minutes=offset // MINUTE,
        appointment_at=place.starts_at,
        channel=point.channel,
        contact_point=point,
        template=TEMPLATE,
        language=place.patient.language,
        due_on=when.local.date(),
        due_time=when.local.time(),
        time_zone=when.zone,
        due_at=when.at,
        next_at=when.at,
        planned_at=now,
        status=ReminderStatus.PLANNED,
        status_at=now,
    )
