"""When an enrollment ends or pauses, its places to come go with it, and an undo brings back those alone."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.reminders.appointments import plan_places
from pathways.actions.sessions.free_times import in_the_way
from pathways.actions.sessions.locking import lock_leaders_and_rooms, lock_places
from pathways.models import Attendance, Enrollment, Session, Transition
from pathways.queries.deaths import booked
from pathways.queries.sessions import Wanted
from pathways.rules.sessions import (
    OCCUPYING_PLACES,
    AttendanceStatus,
    CancelledBy,
    SessionKind,
    SessionStatus,
    Slot,
    status_of,
)
from patients.models import Patient


@action(None, "session.cancel_future_places")
def cancel_future_places(
    *,
    by: Actor,
    now: datetime,
    enrollment: Enrollment,
    transition: Transition,
    of_person: bool = False,
    but: Collection[UUID] = (),
) -> int:
    """Cancel, for the clinic, the enrollment's booked places after the move took effect. Returns how many.

    What somebody booked since the move was recorded stays: they knew of it. A session of one person ends with its
    place. `of_person`: every place of the person, whatever they were booked under (after a death). `but`: sessions the
    move was made on, by public id, stay. The caller holds the person's row and the enrollment's.
    """
    rows = Attendance.objects.filter(
        status=AttendanceStatus.BOOKED, starts_at__gt=transition.effective_at, booked_at__lte=transition.recorded_at
    )
    rows = rows.filter(patient=enrollment.patient_id) if of_person else rows.filter(enrollment=enrollment)
    cancelled = _cancel(rows.exclude(session__public_id__in=but), by, now, transition)
    if cancelled:
        _audit("session.cancel_future_places", enrollment, transition, by, now, {"places": cancelled})
    return cancelled


@action(None, "session.cancel_places_of_dead")
def cancel_places_of_dead(*, by: Actor, now: datetime, patient: Patient, since: datetime) -> int:
    """Cancel, for the clinic, every place somebody had booked from their death on. Returns how many.

    The caller holds the person's row.
    """
    cancelled = _cancel(booked([patient], since), by, now, None)
    if cancelled:
        audit.record(
            action="session.cancel_places_of_dead", by=by, now=now, subject=("patient", patient.public_id),
            patients=[patient.public_id], details={"places": cancelled},
        )  # fmt: skip
    return cancelled


def _cancel(rows: QuerySet[Attendance], by: Actor, now: datetime, transition: Transition | None) -> int:
    sessions = _lock_sessions(rows)
    ids = [each.pk for each in rows.order_by("pk").select_for_update(no_key=True, of=("self",))]
    gone = {"cancelled_at": now, "cancelled_by": by, "version": F("version") + 1}
    Attendance.objects.filter(pk__in=ids).update(
        status=AttendanceStatus.CANCELLED_BY_CLINIC, cancelled_by_transition=transition, **gone
    )
    alone = [each.pk for each in sessions if each.kind == SessionKind.INDIVIDUAL]
    Session.objects.filter(pk__in=alone).update(
        status=SessionStatus.CANCELLED, cancelled_for=CancelledBy.CLINIC, **gone
    )
    Session.objects.filter(pk__in=[each.pk for each in sessions]).exclude(pk__in=alone).update(version=F("version") + 1)
    if ids:
        plan_places(by=by, now=now, places=ids)
    return len(ids)


@action(None, "session.restore_places")
def restore_places(*, by: Actor, now: datetime, transition: Transition, due_from: datetime | None = None) -> int:
    """Bring back the places that ended with this move alone and are still to come. Returns how many.

    `due_from`: only those from then on. A place stays cancelled where its session was cancelled or documented since, is
    full, or where the person, the leader or the room is taken at that time: nobody is booked twice by an undo. The
    caller holds the person's row.
    """
    gone = Attendance.objects.filter(cancelled_by_transition=transition, starts_at__gt=max(due_from or now, now))
    alone = gone.filter(session__kind=SessionKind.INDIVIDUAL)
    lock_leaders_and_rooms(list(alone.values_list("session_id", flat=True)))
    sessions = {each.pk: each for each in _lock_sessions(gone)}
    places = lock_places(list(sessions))
    back = [
        each
        for each in sorted(places, key=lambda one: (one.starts_at, one.pk))
        if each.cancelled_by_transition_id == transition.pk
        and _restore(each, sessions[each.session_id], [one for one in places if one.session_id == each.session_id])
    ]
    plan_places(by=by, now=now, places=[each.pk for each in back])
    left = sum(each.cancelled_by_transition_id == transition.pk for each in places)
    if back or left:
        details: dict[str, object] = {"places": len(back), "left_cancelled": left}
        _audit("session.restore_places", transition.enrollment, transition, by, now, details)
    return len(back)


def _lock_sessions(places: QuerySet[Attendance]) -> list[Session]:
    rows = Session.objects.filter(pk__in=places.values("session")).order_by("pk")
    held = list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    return list(Session.objects.filter(pk__in=held).select_related("site", "leader", "room").order_by("pk"))


def _restore(place: Attendance, row: Session, others: Collection[Attendance]) -> bool:
    """Whether the place stands again, and with it the session that had ended with it."""
    ended_with_it = row.status == SessionStatus.CANCELLED and (
        row.kind == SessionKind.INDIVIDUAL and row.cancelled_at == place.cancelled_at
    )
    standing = [each for each in others if each.status in OCCUPYING_PLACES]
    stands = row.documented_at is None and (row.status != SessionStatus.CANCELLED or ended_with_it)
    if not stands or len(standing) >= row.capacity or not _is_free(place, row, ended_with_it):
        return False
    place.status, place.cancelled_at, place.cancelled_by = AttendanceStatus.BOOKED, None, None
    place.cancelled_by_transition = None
    place.version += 1
    if ended_with_it:
        row.cancelled_at, row.cancelled_by, row.cancelled_for = None, None, ""
    row.status = status_of(SessionKind(row.kind), [AttendanceStatus(each.status) for each in [*standing, place]])
    row.version += 1
    row.save()
    place.save()
    return True


def _is_free(place: Attendance, row: Session, with_session: bool) -> bool:
    leader, room = (row.leader, row.room) if with_session else (None, None)
    slot = Slot(row.starts_at, row.ends_at)
    return not in_the_way([slot], Wanted(leader, room, {place.patient_id: ""}), row.site, but=row)


def _audit(
    name: str, enrollment: Enrollment, transition: Transition, by: Actor, now: datetime, details: dict[str, object]
) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("enrollment", enrollment.public_id),
        patients=[enrollment.patient.public_id],
        details={"transition": str(transition.public_id), **details},
    )
