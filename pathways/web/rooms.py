"""Closing a room. The other pages of rooms stand in `clinic.web.rooms`."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clinic import clock
from clinic.errors import Refused
from clinic.queries.rooms import room
from clinic.rules.sentences import sentence
from clinic.web.pages import found, go_on
from pathways.actions.sessions.rooms import close_room


def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Back to the site, which says what became of it."""
    row = found(room(request.actor, public_id))  # type: ignore[attr-defined]
    back = reverse("site", args=[row.site.public_id])
    try:
        close_room(by=request.actor, now=clock.now(), room=row)  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, back, refused.sentence, level=messages.ERROR)
    return go_on(request, back, sentence("rooms.closed", name=row.name))
