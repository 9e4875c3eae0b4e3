"""Sessions as lines of a day and as the roster of one: who, when, where, what became of each, and what can be done."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.modalities import modality
from pathways.models import Attendance, Reply, Session
from pathways.queries.narrative import reads_words
from pathways.queries.sessions import Roster, how_confirmed
from pathways.rules.replies import ReplyChannel
from pathways.rules.sessions import (
    OPEN_PLACES,
    AttendanceStatus,
    ConfirmedBy,
    SessionKind,
    SessionMode,
    SessionStatus,
    check_in_problem,
    document_problem,
    no_show_problem,
)
from pathways.web.lines import Reader

Shown = dict[str, Any]
P = Permission
TONES: Mapping[AttendanceStatus, tuple[str, str]] = {
    AttendanceStatus.BOOKED: ("none", "calendar"),
    AttendanceStatus.CHECKED_IN: ("info", "user-check"),
    AttendanceStatus.ATTENDED: ("met", "check"),
    AttendanceStatus.NO_SHOW: ("none", "circle-minus"),
    AttendanceStatus.CANCELLED_BY_PATIENT: ("none", "calendar-x"),
    AttendanceStatus.CANCELLED_BY_CLINIC: ("none", "calendar-x"),
}
STATES: Mapping[SessionStatus, tuple[str, str]] = {
    SessionStatus.BOOKED: ("none", "calendar"),
    SessionStatus.CHECKED_IN: ("info", "user-check"),
    SessionStatus.HELD: ("met", "check"),
    SessionStatus.CANCELLED: ("none", "calendar-x"),
    SessionStatus.NO_SHOW: ("none", "circle-minus"),
}
MODES = {SessionMode.IN_PERSON: "", SessionMode.VIDEO: "device-desktop", SessionMode.PHONE: "phone"}


def line_id(row: Session) -> str:
    """The id of a session's line on a page."""
    return f"s{row.public_id.hex}"


def shown(row: Session, roster: Roster, reader: Reader) -> Shown:
    """A session with its roster and what this reader may do with it."""
    status = SessionStatus(row.status)
    tone, symbol = STATES[status]
    is_open = status != SessionStatus.CANCELLED and row.documented_at is None
    notes = reads_words(reader.actor, row.leader_id, row.documented_by_id)
    came = sum(each.status == AttendanceStatus.ATTENDED for each in roster.places)
    return {
        "id": line_id(row),
        "row": row,
        "zone": row.site.zone,
        "title": row.title or modality(row.modality).title,
        "about": _about(row),
        "kind": SessionKind(row.kind),
        "mode": SessionMode(row.mode),
        "mode_icon": MODES[SessionMode(row.mode)],
        "status": status,
        "tone": tone,
        "symbol": symbol,
        "places": _places(row, roster, came),
        "share": min(roster.taken * 100 // row.capacity, 100),
        "people": [
            place_shown(each, row, reader, is_open=is_open, notes=notes) | _wish(roster.wishes.get(each.pk), reader)
            for each in roster.places
        ],
        "hidden": max(roster.taken - sum(each.status not in _GIVEN_UP for each in roster.places), 0),
        "is_open": is_open,
        "may_write": is_open and reader.may(P.SESSION_WRITE),
        "may_document": is_open and may_document(row, reader),
        "may_amend": row.documented_at is not None and writes_notes(row, reader),
        "notes": notes,
        "over": row.ends_at <= reader.now,
        "now": row.starts_at <= reader.now < row.ends_at,
    }


_GIVEN_UP = (AttendanceStatus.NO_SHOW, AttendanceStatus.CANCELLED_BY_PATIENT, AttendanceStatus.CANCELLED_BY_CLINIC)


def writes_notes(row: Session, reader: Reader) -> bool:
    """Whether this reader documents this session, now or later."""
    theirs = reader.may(P.ASSESSMENT_READ) or row.leader_id == reader.actor.pk
    return reader.may(P.SESSION_DOCUMENT) and theirs


def may_document(row: Session, reader: Reader) -> bool:
    """Whether it can be documented now, by this reader."""
    if not writes_notes(row, reader):
        return False
    documented = row.documented_at is not None
    return document_problem(SessionStatus(row.status), row.starts_at, reader.now, documented=documented) is None


def _about(row: Session) -> list[Sentence | str]:
    """What stands under the title: the modality where the title does not say it, and the topic."""
    found: list[Sentence | str] = [modality(row.modality).title] if row.title else []
    return found + ([row.topic] if row.topic else [])


def _places(row: Session, roster: Roster, came: int) -> Sentence | None:
    if row.kind == SessionKind.INDIVIDUAL:
        return None
    if row.documented_at is not None:
        missed = sum(each.status == AttendanceStatus.NO_SHOW for each in roster.places)
        return sentence("session.came", came=came, of=came + missed)
    return sentence("session.places", taken=roster.taken, places=row.capacity)


def place_shown(place: Attendance, row: Session, reader: Reader, *, is_open: bool, notes: bool) -> Shown:
    """One person's place, and what can be done with it now."""
    status = AttendanceStatus(place.status)
    tone, symbol = TONES[status]
    return {
        "row": place,
        "patient": place.patient,
        "status": status,
        "tone": tone,
        "symbol": symbol,
        "minutes": place.minutes,
        "note": place.note if notes else "",
        "confirmed": _confirmed(place) if status in OPEN_PLACES else None,
        "cancelled_because": place.cancellation_note,
        **(_actions(place, row, status, reader) if is_open and reader.may(P.SESSION_WRITE) else {}),
    }


def _wish(wish: Reply | None, reader: Reader) -> Shown:
    """That they wish for another time, in their words, and where somebody sees to it."""
    if wish is None:
        return {"wish": None}
    href = reverse("reply", args=[wish.public_id]) if reader.may(P.REPLY_READ) else ""
    words = wish.text if wish.channel == ReplyChannel.LINK else ""
    return {"wish": words or sentence("session.wishes_another_time"), "wish_href": href}


def _confirmed(place: Attendance) -> Sentence | None:
    """How they said that they will come, if they did; to whom of us."""
    how = how_confirmed(place)
    if how is ConfirmedBy.STAFF and place.confirmed_by is not None:
        return sentence("session.confirmed_to", name=place.confirmed_by.name)
    return sentence("session.confirmed_how", how=how) if how else None


def _actions(place: Attendance, row: Session, status: AttendanceStatus, reader: Reader) -> Shown:
    found: Shown = {}
    on_the_day = check_in_problem(row.starts_at, reader.now, row.site.zone) is None
    if status in (AttendanceStatus.BOOKED, AttendanceStatus.NO_SHOW) and on_the_day:
        found["check_in"] = reverse("place_check_in", args=[place.public_id])
    if status == AttendanceStatus.BOOKED and no_show_problem(row.starts_at, reader.now) is None:
        found["no_show"] = reverse("place_no_show", args=[place.public_id])
    if status == AttendanceStatus.CHECKED_IN:
        found["undo"] = reverse("place_undo", args=[place.public_id])
    if status == AttendanceStatus.BOOKED and reader.now < row.starts_at:
        name = "place_unconfirm" if place.confirmed_at else "place_confirm"
        found["unconfirm" if place.confirmed_at else "confirm"] = reverse(name, args=[place.public_id])
    if status in OPEN_PLACES:
        found["take_off"] = reverse("place_take_off", args=[place.public_id])
    return found
