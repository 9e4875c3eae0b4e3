"""Sessions of a day at the site, and one session: who was booked, and what became of each."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.models import Actor, Room
from pathways.queries import sessions as queries
from pathways.web.lines import Reader
from pathways.web.places import reader_of, site_of
from pathways.web.session_lines import shown
from pathways.web.session_pages import address, day_of, see, session_page

Shown = dict[str, Any]
DAY = timedelta(days=1)


def sessions(request: HttpRequest) -> HttpResponse:
    """The day list of the site, with its day, its leader or its room chosen."""
    reader, site = reader_of(request), site_of(request)
    today = reader.now.astimezone(site.zone).date()
    day = day_of(request.GET.get("day", ""), today)
    leaders, rooms = queries.leaders_at(site, day), queries.rooms_at(site)
    leader, room = _leader(request, reader, leaders), _room(request, rooms)
    rows = queries.on_day(reader.actor, site, day, leader=leader, room=room)
    rosters = queries.rosters(reader.actor, rows)
    lines = [shown(row, rosters[row.pk], reader) for row in rows]
    see(request, *lines)
    context = {
        "day": day,
        "today": today,
        "lines": lines,
        "standing": [each for each in lines if each["status"] != "cancelled"],
        "taken": sum(rosters[row.pk].taken for row in rows),
        "leaders": leaders,
        "rooms": rooms,
        "leader": leader,
        "room": room,
        "mine": leader is not None and leader.pk == reader.actor.pk,
        "filters": _filters(day, today, leader, room, reader),
    }
    return render(request, "pathways/sessions/day.html", context)


def _leader(request: HttpRequest, reader: Reader, leaders: list[Actor]) -> Actor | None:
    wanted = request.GET.get("leader", "")
    if wanted == "me":
        return reader.actor
    return next((each for each in leaders if str(each.public_id) == wanted), None)


def _room(request: HttpRequest, rooms: list[Room]) -> Room | None:
    wanted = request.GET.get("room", "")
    return next((each for each in rooms if str(each.public_id) == wanted), None)


def _filters(day: date, today: date, leader: Actor | None, room: Room | None, reader: Reader) -> Shown:
    """Where the links beside the day lead, with the filters kept."""
    mine = leader is not None and leader.pk == reader.actor.pk
    kept = {"leader": "me" if mine else str(leader.public_id)} if leader else {}
    kept |= {"room": str(room.public_id)} if room else {}
    return {
        "previous": address(day - DAY, **kept),
        "following": address(day + DAY, **kept),
        "today": address(today, **kept),
        "mine": address(day, leader="me"),
        "everybody": address(day),
    }


def session(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One session: the facts, the roster, and its account or the form for it."""
    reader = reader_of(request)
    return session_page(request, queries.session(reader.actor, public_id), reader)
