"""Booking a session, or every date of a series: who, what, when, with whom and where."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.opening_hours import to_local
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.web.pages import go_on
from pathways.actions import sessions as acts
from pathways.actions.sessions import Person
from pathways.models import Session
from pathways.queries import sessions as queries
from pathways.queries.absences import days_away
from pathways.queries.owners import owners_at
from pathways.rules.sessions import SessionMode
from pathways.web.lines import Reader
from pathways.web.places import reader_of, site_of
from pathways.web.session_lines import shown
from pathways.web.session_pages import address, day_of, see
from pathways.web.session_people import Found
from pathways.web.session_shapes import BookForm, SeriesForm


def new(request: HttpRequest) -> HttpResponse:
    """One session is booked; the person may have been chosen on their chart."""
    return _book(request, BookForm, series=False)


def new_series(request: HttpRequest) -> HttpResponse:
    """Every date of a series is booked; where some are taken, they are shown first."""
    return _book(request, SeriesForm, series=True)


def _book(request: HttpRequest, shape: type[BookForm], *, series: bool) -> HttpResponse:
    reader, site = reader_of(request), site_of(request)
    post = request.method == "POST"
    form = shape(request.POST if post else None, site=site, initial=None if post else _initial(request, reader, site))
    found = Found(
        reader,
        site,
        public_id=(request.POST if post else request.GET).get("patient", ""),
        line=request.POST.get("who", "") if post else "",
    )
    request.seen.update(each.public_id for each in found.seen)  # type: ignore[attr-defined]
    status = 200
    clashes: list[Any] = []
    if post:
        done, status, clashes = _carried_out(request, form, found, reader, series=series)
        if done is not None:
            return done
    context = {
        "form": form,
        "series": series,
        "patient": found.patient,
        "several": found.several,
        "clashes": clashes,
        **_that_day(request, form, reader, site),
    }
    return render(request, "pathways/sessions/book.html", context, status=status)


def _initial(request: HttpRequest, reader: Reader, site: Site) -> dict[str, Any]:
    on = day_of(request.GET.get("day", ""), reader.now.astimezone(site.zone).date())
    at_work = reader.actor.is_person and any(each.pk == reader.actor.pk for each in owners_at(site))
    return {
        "on": on,
        "leader": str(reader.actor.public_id) if at_work and reader.may(Permission.SESSION_DOCUMENT) else "",
        "patient": request.GET.get("patient", "")[:36],
        "mode": SessionMode.IN_PERSON,
    }


def _carried_out(
    request: HttpRequest, form: BookForm, found: Found, reader: Reader, *, series: bool
) -> tuple[HttpResponse | None, int, list[Any]]:
    """The way on where it was booked; else the status of the form, and the dates that are taken."""
    if not form.is_valid() or not found.explain(form):
        return None, 422, []
    who = [Person(found.patient.public_id)] if found.patient else []
    try:
        if isinstance(form, SeriesForm):
            return _booked_series(request, form, who, reader), 303, []
        return _booked(request, form, who, reader), 303, []
    except Refused as refused:
        form.refuse(refused)
        details = refused.details if isinstance(refused.details, dict) else {}
        return None, refused.status, list(details.get("clashes", [])) if series else []


def _booked(request: HttpRequest, form: BookForm, who: list[Person], reader: Reader) -> HttpResponse:
    row = acts.book(
        by=reader.actor,
        now=reader.now,
        site_id=form.site.public_id,
        what=form.chosen,
        starts_at=form.begins,
        minutes=form.cleaned_data["minutes"],
        leader_id=form.id_of("leader"),
        room_id=form.id_of("room"),
        people=who,
    )
    return _answer(request, reverse("session", args=[row.public_id]), _said(row, form), [row], form)


def _answer(request: HttpRequest, to: str, said: Sentence, booked: Sequence[Session], form: BookForm) -> HttpResponse:
    """On to the page, which says so; as a warning where whoever leads is recorded as away on such a day."""
    leader, zone = booked[0].leader, form.site.zone
    away = days_away(leader, [each.starts_at.astimezone(zone).date() for each in booked]) if leader else []
    if leader is None or not away:
        return go_on(request, to, said)
    warned = sentence("session.leader_away", name=leader.name, on=away[0])
    if len(away) > 1:
        warned = sentence("session.leader_away_days", name=leader.name, on=away[0], n=len(away))
    both = sentence("worklist.two", first=said, then=warned)
    return go_on(request, to, both, level=messages.WARNING)


def _said(row: Session, form: BookForm) -> Any:
    """That it is booked; where the clock jumps over the typed time, when it begins instead."""
    begins = to_local(row.starts_at, form.site.time_zone)
    if begins.time() != form.cleaned_data["at"]:
        return sentence("session.clock_jumped", at=begins.time())
    return sentence("session.booked")


def _booked_series(request: HttpRequest, form: SeriesForm, who: list[Person], reader: Reader) -> HttpResponse:
    made = acts.book_series(
        by=reader.actor,
        now=reader.now,
        site_id=form.site.public_id,
        what=form.chosen,
        when=form.recurrence,
        leader_id=form.id_of("leader"),
        room_id=form.id_of("room"),
        people=who,
        those_that_fit="fit" in request.POST,
    )
    number, left = len(made.sessions), len(made.left_out)
    said = sentence("session.booked_some", n=number, left=left) if left else sentence("session.booked_series", n=number)
    first = made.sessions[0].starts_at.astimezone(form.site.zone).date()
    return _answer(request, address(first), said, made.sessions, form)


def _that_day(request: HttpRequest, form: BookForm, reader: Reader, site: Site) -> dict[str, Any]:
    """What is booked on the day chosen, beside the form."""
    day = form.cleaned_data.get("on") if form.is_bound else form.initial.get("on")
    if day is None:
        return {"day": None, "that_day": []}
    rows = queries.on_day(reader.actor, site, day)
    rosters = queries.rosters(reader.actor, rows)
    lines = [shown(row, rosters[row.pk], reader) for row in rows]
    see(request, *lines)
    return {"day": day, "that_day": lines}
