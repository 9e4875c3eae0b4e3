"""What is said about sessions over REST, and how they are answered."""

from typing import Any

from rest_framework import serializers

from clinic.api import fields
from clinic.api.serializers import Body, Filters, Row
from clinic.models import Actor
from pathways.actions.sessions.booking import TITLE_LIMIT
from pathways.actions.sessions.documenting import LINE_LIMIT, NOTE_LIMIT, REASON_LIMIT
from pathways.actions.sessions.places import NOTE_LIMIT as WORD_LIMIT
from pathways.models import Attendance, Session
from pathways.queries.narrative import reads_words
from pathways.queries.sessions import Roster, how_confirmed
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    ConfirmedBy,
    SessionKind,
    SessionMode,
    SessionStatus,
)

MOST_PEOPLE = 60


class SessionFilters(Filters):
    """What is listed; all given ones hold together."""

    site = fields.PublicId(required=False)
    on = fields.Day(required=False, help_text="The day they begin on, by the clock of the site; needs `site`.")
    since = fields.Moment(required=False, help_text="Those that begin then or later.")
    until = fields.Moment(required=False, help_text="Those that begin before then.")
    leader = fields.PublicId(required=False, help_text="The id of the actor who leads them.")
    room = fields.PublicId(required=False)
    series = fields.PublicId(required=False)
    modality = fields.Code(required=False)
    status = fields.Choice(SessionStatus, required=False)


class SessionPersonBody(Body):
    """Somebody who is to come; without an enrollment it is their one open enrollment."""

    patient = fields.PublicId()
    enrollment = fields.PublicId(required=False)


class WhatBody(Body):
    """What takes place, with whom, where. Parts left out are what is usual for the modality."""

    site = fields.PublicId()
    modality = fields.Code(max_length=40)
    kind = fields.Choice(SessionKind, required=False)
    title = fields.Text(max_length=TITLE_LIMIT, default="", allow_blank=True)
    topic = fields.Text(max_length=TITLE_LIMIT, default="", allow_blank=True)
    mode = fields.Choice(SessionMode, default=SessionMode.IN_PERSON)
    capacity = fields.Whole(required=False)
    counts_toward_hours = fields.YesNo(required=False)
    leader = fields.PublicId(required=False, allow_null=True, help_text="The id of an actor who works at the site.")
    room = fields.PublicId(required=False, allow_null=True)
    people = SessionPersonBody(many=True, required=False, max_length=MOST_PEOPLE)  # type: ignore[call-arg]


class SessionBookBody(WhatBody):
    """One session."""

    starts_at = fields.Moment()
    minutes = fields.Whole(required=False)


class SessionSeriesBody(WhatBody):
    """A session that comes again, in the wall time of the site."""

    every_weeks = fields.Whole(default=1)
    weekdays = serializers.ListField(child=fields.Whole(), min_length=1, max_length=7, help_text="0 is Monday.")
    starts_on = fields.Day()
    ends_on = fields.Day()
    starts_time = fields.WallTime()
    minutes = fields.Whole()
    those_that_fit = fields.YesNo(default=False, help_text="Leave out dates on which somebody or something is taken.")


class SessionMoveBody(Body):
    """What changes; the parts left out stay. null takes the leader or the room away."""

    starts_at = fields.Moment(required=False)
    minutes = fields.Whole(required=False)
    leader = fields.PublicId(required=False, allow_null=True)
    room = fields.PublicId(required=False, allow_null=True)
    mode = fields.Choice(SessionMode, required=False)
    title = fields.Text(max_length=TITLE_LIMIT, required=False, allow_blank=True)
    topic = fields.Text(max_length=TITLE_LIMIT, required=False, allow_blank=True)
    capacity = fields.Whole(required=False)
    counts_toward_hours = fields.YesNo(required=False)


class SessionCancelBody(Body):
    """Whose wish it was, and a word about it."""

    wish = fields.Choice(CancelledBy)
    note = fields.Text(max_length=WORD_LIMIT, default="", allow_blank=True)


class SessionCameBody(Body):
    """Somebody was there: for how long, and a line about them alone."""

    attendance = fields.PublicId()
    minutes = fields.Whole()
    note = fields.Text(max_length=LINE_LIMIT, default="", allow_blank=True)


class SessionMissedBody(Body):
    """A line about somebody who did not come."""

    attendance = fields.PublicId()
    note = fields.Text(max_length=LINE_LIMIT, allow_blank=True)


class SessionDocumentBody(Body):
    """Who came. Everybody booked who is not among them did not come; `missed` says more about those."""

    came = SessionCameBody(many=True, max_length=MOST_PEOPLE)  # type: ignore[call-arg]
    missed = SessionMissedBody(many=True, required=False, max_length=MOST_PEOPLE)  # type: ignore[call-arg]
    note = fields.Text(
        max_length=NOTE_LIMIT, default="", allow_blank=True, help_text="Shared by all; that of a group names nobody."
    )


class SessionAmendBody(SessionDocumentBody):
    """The account as it is right, and why it is corrected."""

    reason = fields.Text(max_length=REASON_LIMIT)


class SessionPartRow(Row):
    """Somebody or something, by id and name."""

    id = fields.PublicId()
    name = fields.Text()


class SessionRow(Row):
    """A session. `time_zone` is its site's; `plan_version` is raised when its time or way of meeting changes."""

    id = fields.PublicId()
    site = fields.PublicId()
    series = fields.PublicId(allow_null=True)
    modality = fields.Code()
    kind = fields.Choice(SessionKind)
    title = fields.Text()
    topic = fields.Text()
    mode = fields.Choice(SessionMode)
    starts_at = fields.Moment()
    ends_at = fields.Moment()
    time_zone = fields.Text()
    leader = SessionPartRow(allow_null=True)
    room = SessionPartRow(allow_null=True)
    capacity = fields.Whole()
    taken = fields.Whole(help_text="Places that are taken.")
    counts_toward_hours = fields.YesNo()
    status = fields.Choice(SessionStatus)
    plan_version = fields.Whole()
    booked_at = fields.Moment()
    booked_by = fields.Text()
    cancelled_at = fields.Moment(allow_null=True)
    cancelled_for = fields.Choice(CancelledBy, allow_null=True)
    cancellation_note = fields.Text()
    documented_at = fields.Moment(allow_null=True)
    documented_by = fields.Text(allow_null=True)
    version = fields.Whole()


class AttendanceRow(Row):
    """One person's place. `note` is null for those who do not read what was written."""

    id = fields.PublicId()
    session = fields.PublicId()
    patient = fields.PublicId()
    enrollment = fields.PublicId(allow_null=True)
    modality = fields.Code()
    starts_at = fields.Moment()
    ends_at = fields.Moment()
    status = fields.Choice(AttendanceStatus)
    minutes = fields.Whole(help_text="Attended.")
    counts_toward_hours = fields.YesNo()
    note = fields.Text(allow_null=True)
    booked_at = fields.Moment()
    confirmed_at = fields.Moment(allow_null=True)
    confirmed_how = fields.Choice(ConfirmedBy, allow_null=True)
    checked_in_at = fields.Moment(allow_null=True)
    cancelled_at = fields.Moment(allow_null=True)
    cancellation_note = fields.Text()
    documented_at = fields.Moment(allow_null=True)
    version = fields.Whole()


class SessionAmendmentRow(Row):
    """A correction: who made it, why, and the shared note as it stood before."""

    amended_at = fields.Moment()
    amended_by = fields.Text()
    reason = fields.Text()
    note = fields.Text()


class SessionDetailRow(SessionRow):
    """With its roster: people the caller may see. `note` and `amendments` only for those who read what was written."""

    note = fields.Text(allow_null=True)
    amendments = SessionAmendmentRow(many=True)
    attendances = AttendanceRow(many=True)


class SessionDateRow(Row):
    """One date of a series."""

    id = fields.PublicId()
    starts_at = fields.Moment()
    ends_at = fields.Moment()


class SessionLeftOutRow(Row):
    """A date that was left out, and what stood in its way."""

    starts_at = fields.Moment()
    ends_at = fields.Moment()
    sentence = fields.Text()


class SessionSeriesRow(Row):
    """A series as it was booked."""

    id = fields.PublicId()
    sessions = SessionDateRow(many=True)
    left_out = SessionLeftOutRow(many=True)


SAME_NAME = (
    "modality", "kind", "title", "topic", "mode", "starts_at", "ends_at", "time_zone", "capacity",
    "counts_toward_hours", "status", "plan_version", "booked_at", "cancelled_at", "cancellation_note",
    "documented_at", "version",
)  # fmt: skip
SAME_PLACE = (
    "starts_at", "ends_at", "status", "minutes", "booked_at", "confirmed_at", "checked_in_at", "cancelled_at",
    "cancellation_note",
    "documented_at", "version",
)  # fmt: skip


def session_values(row: Session, taken: int) -> dict[str, Any]:
    """What is answered about a session; `queries.sessions.TOGETHER` must be loaded."""
    values: dict[str, Any] = {name: getattr(row, name) for name in SAME_NAME}
    return values | {
        "id": row.public_id,
        "site": row.site.public_id,
        "series": row.series.public_id if row.series else None,
        "leader": {"id": row.leader.public_id, "name": row.leader.name} if row.leader else None,
        "room": {"id": row.room.public_id, "name": row.room.name} if row.room else None,
        "taken": taken,
        "booked_by": row.booked_by.name,
        "cancelled_for": row.cancelled_for or None,
        "documented_by": row.documented_by.name if row.documented_by else None,
    }


def session_row(row: Session) -> dict[str, Any]:
    """A session of a list, annotated with `taken`."""
    return dict(SessionRow(session_values(row, row.taken)).data)  # type: ignore[attr-defined]


def detail_row(row: Session, roster: Roster, by: Actor) -> dict[str, Any]:
    """A session with its roster, as this caller may read it."""
    notes = may_read(row, by)
    corrections = [{**each, "amended_by": each["name"]} for each in row.amendments] if notes else []
    values = session_values(row, roster.taken) | {
        "note": row.note if notes else None,
        "amendments": corrections,
        "attendances": [place_values(each, row, by) for each in roster.places],
    }
    return dict(SessionDetailRow(values).data)


def place_values(place: Attendance, row: Session, by: Actor) -> dict[str, Any]:
    """What is answered about a place; its patient and enrollment must be loaded."""
    values: dict[str, Any] = {name: getattr(place, name) for name in SAME_PLACE}
    return values | {
        "id": place.public_id,
        "session": row.public_id,
        "patient": place.patient.public_id,
        "enrollment": place.enrollment.public_id if place.enrollment else None,
        "confirmed_how": how_confirmed(place),
        "modality": row.modality,
        "counts_toward_hours": row.counts_toward_hours,
        "note": place.note if may_read(row, by) else None,
    }


def may_read(row: Session, by: Actor) -> bool:
    """Whether the caller reads what was written about it."""
    return reads_words(by, row.leader_id, row.documented_by_id)
