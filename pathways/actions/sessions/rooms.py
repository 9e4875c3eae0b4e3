"""Closing a room in which sessions are booked. The other verbs of rooms stand in `clinic.actions.rooms`."""

from datetime import datetime

from clinic.actions import rooms
from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor, Room
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Session
from pathways.rules.sessions import SessionStatus


@action(Permission.SITE_WRITE, "room.close_when_free")
def close_room(*, by: Actor, now: datetime, room: Room, expected_version: int | None = None) -> Room:
    """Close a room. Refused (409 `room_booked`) while sessions to come are booked there: they move first."""
    closed = rooms.close_room(by=by, now=now, room=room, expected_version=expected_version)
    waiting = (SessionStatus.BOOKED, SessionStatus.CHECKED_IN)
    booked = Session.objects.filter(room=room, status__in=waiting, ends_at__gt=now).count()
    if booked:
        raise Refused("room_booked", sentence("rooms.booked", name=closed.name, n=booked))
    return closed
