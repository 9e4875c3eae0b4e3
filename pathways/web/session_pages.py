"""The page of a session and its line on the day list, as every door of sessions answers with them."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Session
from pathways.queries import sessions as queries
from pathways.queries.appointment_messages import Line, messages_of
from pathways.rules.reminders import before
from pathways.web.lines import Reader
from pathways.web.message_rows import row_shown
from pathways.web.session_forms import form_for
from pathways.web.session_lines import line_id, shown
from pathways.web.session_shapes import EARLIEST, LATEST

Shown = dict[str, Any]


def address(day: date, **kept: str) -> str:
    """The day list of a day."""
    return f"{reverse('sessions')}?{urlencode({'day': day.isoformat(), **kept})}"


def day_of(typed: str, today: date) -> date:
    """The day asked for, or today where it is none."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return today
    return found if EARLIEST <= found <= LATEST else today


def session_page(
    request: HttpRequest, row: Session, reader: Reader, *, form: Any = None, status: int = 200
) -> HttpResponse:
    """The page of a session; `form`: its documentation as somebody had typed it."""
    roster = queries.roster(reader.actor, row)
    line = shown(row, roster, reader)
    see(request, line)
    day = row.starts_at.astimezone(row.site.zone).date()
    if form is None and line["may_document"]:
        form = form_for(row, roster)
    context = {
        "line": line,
        "reminders": _reminders(row, roster, reader),
        "row": row,
        "zone": row.site.zone,
        "back": address(day),
        "day": day,
        "form": form,
        "account": account_of(row) if row.documented_at is not None and line["notes"] else None,
        "add_to": reverse("session_add", args=[row.public_id]) if line["may_write"] else "",
    }
    return render(request, "pathways/sessions/session.html", context, status=status)


def _reminders(row: Session, roster: queries.Roster, reader: Reader) -> list[Shown]:
    """What each person is written about it, for those who read messages; nobody whom nothing was ever meant for."""
    if not reader.may(Permission.REMINDER_READ):
        return []
    found = messages_of(reader.actor, row, roster.places, now=reader.now)
    return [
        {"patient": place.patient, "lines": [_reminder(each) for each in found[place.pk]]}
        for place in roster.places
        if found[place.pk]
    ]


def _reminder(line: Line) -> Shown:
    said = sentence("schedule.before", times=[before(line.offset)])
    message = row_shown(line.message) if line.message is not None else None
    return {"before": said, "message": message, "why_none": line.why_none}


def one_line(request: HttpRequest, row: Session, reader: Reader, **unfolded: Any) -> HttpResponse:
    """The line of a session in its place on the day list."""
    line = shown(row, queries.roster(reader.actor, row), reader)
    see(request, line)
    status = unfolded.pop("status", 200)
    response = render(request, "pathways/sessions/line.html", {"line": line | unfolded}, status=status)
    if status >= 400:
        response["HX-Retarget"] = f"#{line_id(row)}"
        response["HX-Reswap"] = "outerHTML"
    return response


def see(request: HttpRequest, *lines: Shown) -> None:
    """Everybody on these rosters was seen."""
    people = [each["patient"].public_id for line in lines for each in line["people"]]
    request.seen.update(people)  # type: ignore[attr-defined]


def account_of(row: Session) -> Shown:
    """What was written about it, and how it stood before each correction."""
    corrections = [
        {**each, "at": datetime.fromisoformat(each["amended_at"])} for each in reversed(row.amendments or [])
    ]
    return {"note": row.note, "corrections": corrections}
